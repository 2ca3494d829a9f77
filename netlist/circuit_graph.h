// SPDX-License-Identifier: Apache-2.0
// A circuit as a Boost.Graph value: an undirected bipartite graph with a vertex for every net and
// every device and an edge for every pin, so that any algorithm of Boost.Graph runs on circuits.
// Checks (circuit_check.h) and drawings (circuit_dot.h) are made from it.
//
//     const CircuitGraph graph = circuit_graph(circuit);
//     std::vector<int> part(num_vertices(graph));
//     boost::connected_components(graph, part.data());
//
// A graph refers to the circuit it was made of, which has to live longer. Include this header only
// where a graph is worked on: it brings Boost's templates with it.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "netlist/circuit.h"
#include "netlist/flat_circuit.h"

namespace mho::netlist {

struct CircuitVertex {
    const Device* device = nullptr;  // null: a net
    std::uint32_t index = 0;         // into the nets, or the devices, of the flat circuit
    bool is_port = false;            // a net that is a port of the circuit

    bool is_net() const { return device == nullptr; }
};

struct CircuitPin {
    std::uint32_t pin = 0;     // of the device; nets that an expression reads follow its pins
    bool is_read = false;      // by the expression of a behavioural source: no current flows
    bool conducts_dc = false;  // a direct current can flow through the device at this pin
};

struct CircuitSource {
    std::shared_ptr<const FlatCircuit> flat;
};

using CircuitGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS,
                                           CircuitVertex, CircuitPin, CircuitSource>;
using CircuitNode = CircuitGraph::vertex_descriptor;
using CircuitEdge = CircuitGraph::edge_descriptor;

// Vertices: the nets, ground first (vertex 0, pins or none), then the devices; each in the order of
// the flat circuit. A device's edges are in the order of its pins, so a device with two pins on one
// net has two edges to it. At the top level instances are devices with their ports as pins.
CircuitGraph circuit_graph(const Circuit& circuit, GraphDepth depth = GraphDepth::flattened);

inline constexpr CircuitNode kGroundNode = 0;

// "x1.x2.n" and "x1.x2.r1": the net or device with the instances that it is in.
std::string path(const CircuitGraph& graph, CircuitNode node);
// "d", "g", "s", "b" of a MOSFET, the port of an instance, "1", "2" .. of code and compiled models,
// else "+" and "-"; "reads" where an expression reads the net.
std::string pin_name(const CircuitGraph& graph, const CircuitEdge& edge);
// Vertices of the nets at a device's pins, in their order, without nets that it only reads.
std::vector<CircuitNode> pin_nets(const CircuitGraph& graph, CircuitNode device);

// A voltage source, independent or behavioural.
bool is_voltage_source(const Device& device);

}  // namespace mho::netlist
