// SPDX-License-Identifier: Apache-2.0
// What makes a circuit unsolvable, found before any simulation. Works on the graph of the
// flattened hierarchy (netlist/circuit_graph.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "netlist/circuit.h"

namespace mho::netlist {

enum class IssueKind {
    no_ground,         // no device is connected to ground
    floating_net,      // a net with one pin, or none
    no_dc_path,        // nets that only capacitors, current sources, gates or bulks connect
    dangling_port,     // a port that nothing inside its subcircuit is connected to
    shorted_source,    // a voltage source with both pins on one net
    parallel_sources,  // two voltage sources between the same two nets
    source_loop,       // a longer loop of voltage sources
};

std::string_view to_string(IssueKind kind);

struct Issue {
    IssueKind kind = IssueKind::no_ground;
    std::string where;    // the net or device with its path, "x1.x2.n"
    std::string message;  // one line that names it
};

// All issues, grouped by kind in the order of IssueKind; empty for a sound circuit. A circuit with
// ports may be checked on its own: its ports count as driven from outside. One island without a DC
// path is one issue, and so is one dangling port, however often its subcircuit is used. DC paths
// lead through resistors, voltage sources (behavioural ones too) and MOSFET channels.
std::vector<Issue> check(const Circuit& top);

// Throws Error(bad_input) with the first issue.
void require_sound(const Circuit& circuit);

}  // namespace mho::netlist
