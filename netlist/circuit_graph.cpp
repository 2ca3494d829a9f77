// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_graph.h"

#include <array>
#include <cstddef>
#include <utility>
#include <variant>

namespace mho::netlist {
namespace {

// Whether a direct current can flow into the device at this pin: not into gates, bulks and
// capacitors, and none but its own through a current source. What a compiled model holds is not
// known.
bool conducts_dc(const Device& device, std::size_t pin) {
    if (std::holds_alternative<Mosfet>(device.body)) return pin == 0 || pin == 2;
    return std::holds_alternative<Resistor>(device.body) ||
           std::holds_alternative<CompiledModel>(device.body) || is_voltage_source(device);
}

}  // namespace

bool is_voltage_source(const Device& device) {
    if (std::holds_alternative<VoltageSource>(device.body)) return true;
    const auto* source = std::get_if<BehaviouralSource>(&device.body);
    return source != nullptr && source->kind == BehaviouralSource::Kind::voltage;
}

CircuitGraph circuit_graph(const Circuit& circuit, GraphDepth depth) {
    auto flat = std::make_shared<const FlatCircuit>(circuit, depth == GraphDepth::flattened);
    const std::size_t nets = flat->net_count();
    CircuitGraph graph(nets + flat->devices().size(), CircuitSource{flat});
    for (std::size_t net = 0; net < nets; ++net) {
        graph[net].index = static_cast<std::uint32_t>(net);
    }
    // Nets of the top keep their numbers in the flat circuit.
    for (const NetId port : circuit.ports()) graph[port.index].is_port = true;
    CircuitNode node = nets;
    for (const FlatCircuit::Device& device : flat->devices()) {
        graph[node] = {device.device, static_cast<std::uint32_t>(node - nets), false};
        std::uint32_t pin = 0;
        for (const std::uint32_t net : flat->pins(device)) {
            add_edge(node, net, CircuitPin{pin, false, conducts_dc(*device.device, pin)}, graph);
            ++pin;
        }
        for (const std::uint32_t net : flat->senses(device)) {
            add_edge(node, net, CircuitPin{pin++, true, false}, graph);
        }
        ++node;
    }
    return graph;
}

std::string path(const CircuitGraph& graph, CircuitNode node) {
    const FlatCircuit& flat = *graph[boost::graph_bundle].flat;
    const CircuitVertex& vertex = graph[node];
    return vertex.is_net() ? flat.net_path(vertex.index)
                           : flat.device_path(flat.devices()[vertex.index]);
}

std::string pin_name(const CircuitGraph& graph, const CircuitEdge& edge) {
    constexpr std::array<const char*, 4> kMosfet{"d", "g", "s", "b"};
    const CircuitNode end = source(edge, graph);
    const CircuitNode node = graph[end].is_net() ? target(edge, graph) : end;
    const Device& device = *graph[node].device;
    const CircuitPin& at = graph[edge];
    if (at.is_read) return "reads";
    if (std::holds_alternative<Mosfet>(device.body)) return kMosfet.at(at.pin);
    if (const auto* instance = std::get_if<Instance>(&device.body)) {
        const Circuit& definition = *instance->definition;
        return definition.net_name(definition.ports()[at.pin]);
    }
    if (std::holds_alternative<CodeModel>(device.body) ||
        std::holds_alternative<CompiledModel>(device.body)) {
        return std::to_string(at.pin + 1);
    }
    return at.pin == 0 ? "+" : "-";
}

std::vector<CircuitNode> pin_nets(const CircuitGraph& graph, CircuitNode device) {
    std::vector<CircuitNode> nets;
    for (auto [edge, end] = out_edges(device, graph); edge != end; ++edge) {
        if (!graph[*edge].is_read) nets.push_back(target(*edge, graph));
    }
    return nets;
}

}  // namespace mho::netlist
