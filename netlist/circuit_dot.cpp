// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_dot.h"

#include <fmt/format.h>

#include <boost/graph/graphviz.hpp>
#include <ostream>
#include <sstream>
#include <string>
#include <variant>

#include "netlist/circuit_graph.h"

namespace mho::netlist {
namespace {

struct BodyLabel {
    std::string operator()(const Resistor& resistor) const { return resistor.ohm.text(); }
    std::string operator()(const Capacitor& capacitor) const { return capacitor.farad.text(); }
    std::string operator()(const VoltageSource& source) const { return source.stimulus.dc.text(); }
    std::string operator()(const CurrentSource& source) const { return source.stimulus.dc.text(); }
    std::string operator()(const Mosfet& mosfet) const { return mosfet.model; }
    std::string operator()(const BehaviouralSource& source) const { return source.expression; }
    std::string operator()(const CodeModel& code) const { return code.model; }
    std::string operator()(const CompiledModel& compiled) const { return compiled.model; }
    std::string operator()(const Instance& instance) const { return instance.definition->name(); }
};

}  // namespace

std::string to_dot(const Circuit& circuit, GraphDepth depth) {
    const CircuitGraph graph = circuit_graph(circuit, depth);
    const auto write_vertex = [&](std::ostream& out, CircuitNode node) {
        const CircuitVertex& vertex = graph[node];
        const std::string label =
            vertex.is_net()
                ? path(graph, node)
                : path(graph, node) + "\\n" + std::visit(BodyLabel{}, vertex.device->body);
        out << fmt::format("[label={}, shape={}{}]", boost::escape_dot_string(label),
                           vertex.is_net() ? "ellipse" : "box",
                           vertex.is_port ? ", style=bold" : "");
    };
    const auto write_edge = [&](std::ostream& out, const CircuitEdge& edge) {
        out << fmt::format("[label={}]", boost::escape_dot_string(pin_name(graph, edge)));
    };
    std::ostringstream out;
    boost::write_graphviz(out, graph, write_vertex, write_edge);
    return out.str();
}

}  // namespace mho::netlist
