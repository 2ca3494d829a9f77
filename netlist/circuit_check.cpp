// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/pending/disjoint_sets.hpp>
#include <cstdint>
#include <map>
#include <unordered_set>

#include "base/error.h"
#include "netlist/flat_circuit.h"

namespace mho::netlist {
namespace {

using NetGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

bool is_voltage_source(const Device& device) {
    if (std::holds_alternative<VoltageSource>(device.body)) return true;
    const auto* source = std::get_if<BehaviouralSource>(&device.body);
    return source != nullptr && source->kind == BehaviouralSource::Kind::voltage;
}

// The two pins between which a direct current can flow; false when there are none.
bool conducting_pins(const FlatCircuit& flat, const FlatCircuit::Device& device,
                     std::uint32_t& from, std::uint32_t& to) {
    const auto pins = flat.pins(device);
    const bool is_mosfet = std::holds_alternative<Mosfet>(device.device->body);
    if (!is_mosfet && !std::holds_alternative<Resistor>(device.device->body) &&
        !is_voltage_source(*device.device)) {
        return false;
    }
    from = pins[0];
    to = is_mosfet ? pins[2] : pins[1];  // drain and source
    return true;
}

// Pins on each flat net; ports of the top count as one more, from outside.
std::vector<std::uint32_t> pin_counts(const FlatCircuit& flat, const Circuit& top,
                                      const std::vector<std::uint32_t>& top_ports) {
    std::vector<std::uint32_t> counts(flat.net_count(), 0);
    for (const auto& device : flat.devices()) {
        for (const std::uint32_t net : flat.pins(device)) ++counts[net];
        for (const std::uint32_t net : flat.senses(device)) ++counts[net];
    }
    if (!top.ports().empty()) ++counts[0];
    for (const std::uint32_t net : top_ports) ++counts[net];
    return counts;
}

// Nets of the top keep their order in the flat list, which starts with them.
std::vector<std::uint32_t> flat_ports(const Circuit& top) {
    std::vector<std::uint32_t> ports;
    for (const NetId port : top.ports()) ports.push_back(port.index);
    return ports;
}

void find_floating(const FlatCircuit& flat, const std::vector<std::uint32_t>& counts,
                   std::vector<Issue>& issues) {
    for (std::uint32_t net = 1; net < counts.size(); ++net) {
        if (counts[net] > 1) continue;
        const std::string path = flat.net_path(net);
        issues.push_back({IssueKind::floating_net, path,
                          fmt::format("net '{}' is floating: {} connected to it", path,
                                      counts[net] == 0 ? "no pin is" : "only one pin is")});
    }
}

void find_isolated(const FlatCircuit& flat, const std::vector<std::uint32_t>& counts,
                   const std::vector<std::uint32_t>& top_ports, std::vector<Issue>& issues) {
    const std::size_t nets = flat.net_count();
    NetGraph graph(nets + flat.devices().size());
    std::size_t device_vertex = nets;
    for (const auto& device : flat.devices()) {
        // Which ports of a code model are outputs only the model knows: all count as driven.
        if (std::holds_alternative<CodeModel>(device.device->body)) {
            for (const std::uint32_t net : flat.pins(device)) boost::add_edge(net, 0, graph);
        }
        std::uint32_t from = 0;
        std::uint32_t to = 0;
        if (conducting_pins(flat, device, from, to)) {
            boost::add_edge(from, device_vertex, graph);
            boost::add_edge(to, device_vertex, graph);
        }
        ++device_vertex;
    }
    for (const std::uint32_t net : top_ports) boost::add_edge(net, 0, graph);
    std::vector<std::size_t> component(boost::num_vertices(graph));
    const std::size_t count = boost::connected_components(graph, component.data());

    struct Island {
        std::uint32_t first_net = 0;  // 0: none worth a report
        std::size_t nets = 0;
    };
    std::vector<Island> islands(count);
    std::vector<std::size_t> order;
    for (std::uint32_t net = 1; net < nets; ++net) {
        // A floating net has been reported; alone it is no second issue.
        if (counts[net] < 2 || component[net] == component[0]) continue;
        Island& island = islands[component[net]];
        if (island.nets++ == 0) {
            island.first_net = net;
            order.push_back(component[net]);
        }
    }
    for (const std::size_t index : order) {
        const Island& island = islands[index];
        const std::string path = flat.net_path(island.first_net);
        const std::string others =
            island.nets > 1 ? fmt::format(" (nor have {} nets connected to it)", island.nets - 1)
                            : std::string();
        issues.push_back({IssueKind::no_dc_path, path,
                          fmt::format("net '{}' has no DC path to ground{}", path, others)});
    }
}

void find_dangling_ports(const FlatCircuit& flat, std::vector<Issue>& issues) {
    std::unordered_set<const Circuit*> seen;
    for (const auto& owner : flat.owners()) {
        const Circuit& circuit = *owner.circuit;
        if (!seen.insert(&circuit).second) continue;
        std::vector<bool> used(circuit.net_count(), false);
        for (const Device& device : circuit.devices()) {
            for (const NetId pin : device.pins) used[pin.index] = true;
            if (const auto* source = std::get_if<BehaviouralSource>(&device.body)) {
                for (const NetId net : source->sensed) used[net.index] = true;
            }
        }
        for (const NetId port : circuit.ports()) {
            if (used[port.index]) continue;
            const std::string path = circuit.name() + "." + circuit.net_name(port);
            issues.push_back({IssueKind::dangling_port, path,
                              fmt::format("port '{}' of subcircuit '{}' is connected to nothing "
                                          "inside it",
                                          circuit.net_name(port), circuit.name())});
        }
    }
}

// Adds voltage sources one by one: one whose ends are already joined by others closes a loop.
void find_source_loops(const FlatCircuit& flat, std::vector<Issue>& issues) {
    std::vector<std::size_t> rank(flat.net_count());
    std::vector<std::size_t> parent(flat.net_count());
    boost::disjoint_sets<std::size_t*, std::size_t*> joined(rank.data(), parent.data());
    for (std::size_t net = 0; net < flat.net_count(); ++net) joined.make_set(net);
    std::map<std::pair<std::uint32_t, std::uint32_t>, const FlatCircuit::Device*> between;
    for (const auto& device : flat.devices()) {
        if (!is_voltage_source(*device.device)) continue;
        const auto pins = flat.pins(device);
        const std::string path = flat.device_path(device);
        if (pins[0] == pins[1]) {
            issues.push_back({IssueKind::shorted_source, path,
                              fmt::format("voltage source '{}' is shorted: both pins are on net "
                                          "'{}'",
                                          path, flat.net_path(pins[0]))});
            continue;
        }
        const auto [known, is_new] = between.emplace(std::minmax(pins[0], pins[1]), &device);
        if (!is_new) {
            issues.push_back({IssueKind::parallel_sources, path,
                              fmt::format("voltage source '{}' is parallel to '{}'", path,
                                          flat.device_path(*known->second))});
        } else if (joined.find_set(pins[0]) == joined.find_set(pins[1])) {
            issues.push_back({IssueKind::source_loop, path,
                              fmt::format("voltage source '{}' closes a loop of voltage sources "
                                          "between nets '{}' and '{}'",
                                          path, flat.net_path(pins[0]), flat.net_path(pins[1]))});
        } else {
            joined.union_set(pins[0], pins[1]);
        }
    }
}

}  // namespace

std::string_view to_string(IssueKind kind) {
    switch (kind) {
        case IssueKind::no_ground:
            return "no ground";
        case IssueKind::floating_net:
            return "floating net";
        case IssueKind::no_dc_path:
            return "no DC path";
        case IssueKind::dangling_port:
            return "dangling port";
        case IssueKind::shorted_source:
            return "shorted source";
        case IssueKind::parallel_sources:
            return "parallel sources";
        case IssueKind::source_loop:
            return "source loop";
    }
    return "unknown";
}

std::vector<Issue> check(const Circuit& top) {
    const FlatCircuit flat(top);
    const auto top_ports = flat_ports(top);
    const auto counts = pin_counts(flat, top, top_ports);
    std::vector<Issue> issues;
    if (counts[0] == 0) {
        issues.push_back({IssueKind::no_ground, top.name(),
                          fmt::format("circuit '{}' has no ground: no device is connected to net "
                                      "0",
                                      top.name())});
    }
    find_floating(flat, counts, issues);
    // Without ground every net would be reported.
    if (counts[0] != 0) find_isolated(flat, counts, top_ports, issues);
    find_dangling_ports(flat, issues);
    find_source_loops(flat, issues);
    std::stable_sort(issues.begin(), issues.end(),
                     [](const Issue& a, const Issue& b) { return a.kind < b.kind; });
    return issues;
}

void require_sound(const Circuit& circuit) {
    const auto issues = check(circuit);
    if (issues.empty()) return;
    const std::string more = issues.size() == 1
                                 ? std::string()
                                 : fmt::format(" (and {} more issues)", issues.size() - 1);
    throw bad_input("circuit '{}': {}{}", circuit.name(), issues.front().message, more);
}

}  // namespace mho::netlist
