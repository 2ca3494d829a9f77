// SPDX-License-Identifier: Apache-2.0
// Parallel wires, each segment with its own resistance, connected at either end or at both.
#pragma once

#include <Eigen/Core>
#include <string_view>

namespace mho::behavioral {

// Parallel wires with a node at each crossing. Ohms >= 0, zero allowed anywhere.
struct Wires {
    // wires x (nodes - 1): between neighbouring nodes
    Eigen::MatrixXd between_ohm;
    // wires: all that lies between the source (or read-out) and node 0, or the last node: a
    // driver or sense resistance and one segment. Infinity: not connected at that end.
    Eigen::VectorXd first_ohm;
    Eigen::VectorXd last_ohm;
};

// Which ends of the wires are connected.
enum class Ends { one, both };

// `count` wires of equal segments that are connected nowhere.
Wires unconnected_wires(Eigen::Index count, Eigen::Index nodes, double segment_ohm);

// Throws bad_input, calling them `name`, unless there are `count` wires of `nodes` nodes, with
// resistances >= 0, those between nodes finite, and each is connected somewhere.
void check_wires(std::string_view name, const Wires& wires, Eigen::Index count, Eigen::Index nodes);

}  // namespace mho::behavioral
