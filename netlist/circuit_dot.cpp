// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_graph.h"

#include <fmt/format.h>

#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>
#include <ostream>
#include <sstream>
#include <vector>

#include "netlist/flat_circuit.h"

namespace mho::netlist {
namespace {

struct Vertex {
    std::string label;
    bool is_net = false;
    bool is_port = false;
};

struct Edge {
    std::string pin;
};

using DrawnGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property, Edge>;

struct Drawing {
    DrawnGraph graph;
    std::vector<Vertex> vertices;
};

std::string pin_name(const Device& device, std::size_t pin) {
    constexpr std::array<const char*, 4> kMosfet{"d", "g", "s", "b"};
    if (std::holds_alternative<Mosfet>(device.body)) return kMosfet.at(pin);
    if (const auto* instance = std::get_if<Instance>(&device.body)) {
        const Circuit& definition = *instance->definition;
        return definition.net_name(definition.ports()[pin]);
    }
    if (std::holds_alternative<CodeModel>(device.body)) return std::to_string(pin + 1);
    return pin == 0 ? "+" : "-";
}

struct BodyLabel {
    std::string operator()(const Resistor& resistor) const { return resistor.ohm.text(); }
    std::string operator()(const Capacitor& capacitor) const { return capacitor.farad.text(); }
    std::string operator()(const VoltageSource& source) const { return source.stimulus.dc.text(); }
    std::string operator()(const CurrentSource& source) const { return source.stimulus.dc.text(); }
    std::string operator()(const Mosfet& mosfet) const { return mosfet.model; }
    std::string operator()(const BehaviouralSource& source) const { return source.expression; }
    std::string operator()(const CodeModel& code) const { return code.model; }
    std::string operator()(const Instance& instance) const { return instance.definition->name(); }
};

Drawing drawing_of(const Circuit& circuit, const FlatCircuit& flat) {
    Drawing drawing{DrawnGraph(flat.net_count() + flat.devices().size()), {}};
    for (std::uint32_t net = 0; net < flat.net_count(); ++net) {
        drawing.vertices.push_back({flat.net_path(net), true, false});
    }
    // Nets of the top keep their indices in the flat list.
    for (const NetId port : circuit.ports()) drawing.vertices[port.index].is_port = true;
    for (const auto& device : flat.devices()) {
        const Device& body = *device.device;
        const std::size_t vertex = drawing.vertices.size();
        drawing.vertices.push_back(
            {flat.device_path(device) + "\\n" + std::visit(BodyLabel{}, body.body)});
        const auto pins = flat.pins(device);
        for (std::size_t pin = 0; pin < pins.size(); ++pin) {
            boost::add_edge(vertex, pins[pin], Edge{pin_name(body, pin)}, drawing.graph);
        }
        for (const std::uint32_t net : flat.senses(device)) {
            boost::add_edge(vertex, net, Edge{"reads"}, drawing.graph);
        }
    }
    return drawing;
}

}  // namespace

std::string to_dot(const Circuit& circuit, GraphDepth depth) {
    const FlatCircuit flat(circuit, depth == GraphDepth::flattened);
    const Drawing drawing = drawing_of(circuit, flat);
    const auto write_vertex = [&](std::ostream& out, DrawnGraph::vertex_descriptor vertex) {
        const Vertex& drawn = drawing.vertices[vertex];
        out << fmt::format("[label={}, shape={}{}]", boost::escape_dot_string(drawn.label),
                           drawn.is_net ? "ellipse" : "box", drawn.is_port ? ", style=bold" : "");
    };
    const auto write_edge = [&](std::ostream& out, const DrawnGraph::edge_descriptor& edge) {
        out << fmt::format("[label={}]", boost::escape_dot_string(drawing.graph[edge].pin));
    };
    std::ostringstream out;
    boost::write_graphviz(out, drawing.graph, write_vertex, write_edge);
    return out.str();
}

}  // namespace mho::netlist
