// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "netlist/flat_circuit.h"

namespace mho::netlist {
namespace {

struct Count {
    CircuitStats& stats;

    void operator()(const Resistor&) const { ++stats.resistors; }
    void operator()(const Capacitor&) const { ++stats.capacitors; }
    void operator()(const VoltageSource&) const { ++stats.voltage_sources; }
    void operator()(const CurrentSource&) const { ++stats.current_sources; }
    void operator()(const Mosfet& mosfet) const {
        ++stats.mosfets;
        ++stats.mosfets_by_model[mosfet.model];
    }
    void operator()(const BehaviouralSource&) const { ++stats.behavioural_sources; }
    void operator()(const CodeModel&) const { ++stats.code_models; }
    void operator()(const CompiledModel&) const { ++stats.compiled_models; }
    void operator()(const Instance&) const {}  // expanded
};

}  // namespace

std::size_t CircuitStats::devices() const {
    return resistors + capacitors + voltage_sources + current_sources + behavioural_sources +
           code_models + compiled_models + mosfets;
}

std::string CircuitStats::text() const {
    const std::array<std::pair<const char*, std::size_t>, 11> rows{
        {{"devices", devices()},
         {"resistors", resistors},
         {"capacitors", capacitors},
         {"voltage sources", voltage_sources},
         {"current sources", current_sources},
         {"behavioural sources", behavioural_sources},
         {"code models", code_models},
         {"compiled models", compiled_models},
         {"transistors", mosfets},
         {"nets", nets},
         {"levels of hierarchy", depth}}};
    std::string text;
    for (const auto& [name, number] : rows) text += fmt::format("{:<24}{:>10}\n", name, number);
    for (const auto& [model, number] : mosfets_by_model) {
        text += fmt::format("{:<24}{:>10}\n", "model " + model, number);
    }
    for (const auto& [name, number] : instances_by_definition) {
        text += fmt::format("{:<24}{:>10}\n", "subcircuit " + name, number);
    }
    return text;
}

CircuitStats count(const Circuit& top) {
    const FlatCircuit flat(top);
    CircuitStats stats;
    stats.nets = flat.net_count() - 1;
    stats.instances = flat.owners().size() - 1;
    for (const auto& device : flat.devices()) std::visit(Count{stats}, device.device->body);
    std::vector<std::size_t> levels(flat.owners().size(), 0);
    for (std::size_t k = 1; k < levels.size(); ++k) {
        const auto& owner = flat.owners()[k];
        levels[k] = levels[owner.parent] + 1;  // parents stand before their children
        stats.depth = std::max(stats.depth, levels[k]);
        ++stats.instances_by_definition[owner.circuit->name()];
    }
    return stats;
}

}  // namespace mho::netlist
