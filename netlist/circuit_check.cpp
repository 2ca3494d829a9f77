// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/pending/disjoint_sets.hpp>
#include <cstddef>
#include <map>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "netlist/circuit_graph.h"

namespace mho::netlist {
namespace {

// Pins on a net; ports count as one more, from outside, and a circuit with ports as grounded.
std::size_t pins_on(const CircuitGraph& graph, CircuitNode net, bool has_ports) {
    const bool from_outside = graph[net].is_port || (net == kGroundNode && has_ports);
    return out_degree(net, graph) + (from_outside ? 1 : 0);
}

std::size_t net_count(const CircuitGraph& graph) {
    return graph[boost::graph_bundle].flat->net_count();
}

void find_floating(const CircuitGraph& graph, std::vector<Issue>& issues) {
    for (CircuitNode net = kGroundNode + 1; net < net_count(graph); ++net) {
        const std::size_t pins = pins_on(graph, net, false);
        if (pins > 1) continue;
        const std::string name = path(graph, net);
        issues.push_back({IssueKind::floating_net, name,
                          fmt::format("net '{}' is floating: {} connected to it", name,
                                      pins == 0 ? "no pin is" : "only one pin is")});
    }
}

// Keeps the pins that a direct current can flow through.
struct Conducting {
    const CircuitGraph* graph = nullptr;
    bool operator()(const CircuitEdge& edge) const { return (*graph)[edge].conducts_dc; }
};

// Which parts of the graph, joined by direct currents, hold ground. Ports are driven from outside;
// which pins of a code model are outputs only the model knows: all count as driven.
std::vector<bool> grounded_parts(const CircuitGraph& graph, const std::vector<std::size_t>& part,
                                 std::size_t parts) {
    std::vector<bool> grounded(parts, false);
    grounded[part[kGroundNode]] = true;
    for (CircuitNode node = 0; node < num_vertices(graph); ++node) {
        const CircuitVertex& vertex = graph[node];
        if (vertex.is_port) grounded[part[node]] = true;
        if (vertex.is_net() || !std::holds_alternative<CodeModel>(vertex.device->body)) continue;
        for (const CircuitNode net : pin_nets(graph, node)) grounded[part[net]] = true;
    }
    return grounded;
}

void find_isolated(const CircuitGraph& graph, std::vector<Issue>& issues) {
    const boost::filtered_graph<CircuitGraph, Conducting> conducting(graph, Conducting{&graph});
    std::vector<std::size_t> part(num_vertices(graph));
    const std::size_t parts = boost::connected_components(conducting, part.data());
    const std::vector<bool> grounded = grounded_parts(graph, part, parts);

    struct Island {
        CircuitNode first_net = kGroundNode;  // ground: none worth a report
        std::size_t nets = 0;
    };
    std::vector<Island> islands(parts);
    std::vector<std::size_t> order;
    for (CircuitNode net = kGroundNode + 1; net < net_count(graph); ++net) {
        // A floating net has been reported; alone it is no second issue.
        if (pins_on(graph, net, false) < 2 || grounded[part[net]]) continue;
        Island& island = islands[part[net]];
        if (island.nets++ == 0) {
            island.first_net = net;
            order.push_back(part[net]);
        }
    }
    for (const std::size_t index : order) {
        const Island& island = islands[index];
        const std::string name = path(graph, island.first_net);
        const std::string others =
            island.nets > 1 ? fmt::format(" (nor have {} nets connected to it)", island.nets - 1)
                            : std::string();
        issues.push_back({IssueKind::no_dc_path, name,
                          fmt::format("net '{}' has no DC path to ground{}", name, others)});
    }
}

void find_dangling_ports(const FlatCircuit& flat, std::vector<Issue>& issues) {
    std::unordered_set<const Circuit*> seen;
    for (const auto& owner : flat.owners()) {
        const Circuit& circuit = *owner.circuit;
        if (!seen.insert(&circuit).second || circuit.ports().empty()) continue;
        const CircuitGraph inside = circuit_graph(circuit, GraphDepth::top_level);
        for (const NetId port : circuit.ports()) {
            if (out_degree(port.index, inside) > 0) continue;
            const std::string name = circuit.name() + "." + circuit.net_name(port);
            issues.push_back({IssueKind::dangling_port, name,
                              fmt::format("port '{}' of subcircuit '{}' is connected to nothing "
                                          "inside it",
                                          circuit.net_name(port), circuit.name())});
        }
    }
}

// Adds voltage sources one by one: one whose ends are already joined by others closes a loop.
void find_source_loops(const CircuitGraph& graph, std::vector<Issue>& issues) {
    const std::size_t nets = net_count(graph);
    std::vector<std::size_t> rank(nets);
    std::vector<std::size_t> parent(nets);
    boost::disjoint_sets<std::size_t*, std::size_t*> joined(rank.data(), parent.data());
    for (std::size_t net = 0; net < nets; ++net) joined.make_set(net);
    std::map<std::pair<CircuitNode, CircuitNode>, CircuitNode> between;
    for (CircuitNode node = nets; node < num_vertices(graph); ++node) {
        if (!is_voltage_source(*graph[node].device)) continue;
        const std::vector<CircuitNode> pins = pin_nets(graph, node);
        const std::string name = path(graph, node);
        if (pins[0] == pins[1]) {
            issues.push_back({IssueKind::shorted_source, name,
                              fmt::format("voltage source '{}' is shorted: both pins are on net "
                                          "'{}'",
                                          name, path(graph, pins[0]))});
            continue;
        }
        const auto [known, is_new] = between.emplace(std::minmax(pins[0], pins[1]), node);
        if (!is_new) {
            issues.push_back({IssueKind::parallel_sources, name,
                              fmt::format("voltage source '{}' is parallel to '{}'", name,
                                          path(graph, known->second))});
        } else if (joined.find_set(pins[0]) == joined.find_set(pins[1])) {
            issues.push_back({IssueKind::source_loop, name,
                              fmt::format("voltage source '{}' closes a loop of voltage sources "
                                          "between nets '{}' and '{}'",
                                          name, path(graph, pins[0]), path(graph, pins[1]))});
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
    const CircuitGraph graph = circuit_graph(top);
    const bool is_grounded = pins_on(graph, kGroundNode, !top.ports().empty()) > 0;
    std::vector<Issue> issues;
    if (!is_grounded) {
        issues.push_back({IssueKind::no_ground, top.name(),
                          fmt::format("circuit '{}' has no ground: no device is connected to net "
                                      "0",
                                      top.name())});
    }
    find_floating(graph, issues);
    // Without ground every net would be reported.
    if (is_grounded) find_isolated(graph, issues);
    find_dangling_ports(*graph[boost::graph_bundle].flat, issues);
    find_source_loops(graph, issues);
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
