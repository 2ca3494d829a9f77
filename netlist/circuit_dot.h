// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netlist/circuit.h"
#include "netlist/flat_circuit.h"

namespace mho::netlist {

// The circuit's graph (netlist/circuit_graph.h) in Graphviz' DOT language: devices (boxes) and nets
// (ellipses, ports in bold), one edge for each pin, labelled with the pin's name. At the top level
// instances are drawn as boxes.
std::string to_dot(const Circuit& circuit, GraphDepth depth = GraphDepth::top_level);

}  // namespace mho::netlist
