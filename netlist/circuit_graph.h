// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netlist/circuit.h"

namespace mho::netlist {

enum class GraphDepth {
    top_level,  // instances are drawn as boxes
    flattened,  // every device at every depth
};

// The circuit as an undirected bipartite graph in Graphviz' DOT language: devices (boxes) and nets
// (ellipses, ports in bold), one edge for each pin, labelled with the pin's name.
std::string to_dot(const Circuit& circuit, GraphDepth depth = GraphDepth::top_level);

}  // namespace mho::netlist
