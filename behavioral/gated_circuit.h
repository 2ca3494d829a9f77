// SPDX-License-Identifier: Apache-2.0
// Wires of topologies B and C (behavioral/gated_nodes.h) in full: every segment its own resistance,
// source lines fed and bitlines sensed at either end or at both. ArrayModel (behavioral/card.h) is
// the regular case.
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"
#include "behavioral/wires.h"

namespace mho::behavioral {

// Both ends of a source line have its supply, both ends of a bitline the read-out's virtual ground.
struct GatedCircuit {
    GatedCircuit() = default;
    explicit GatedCircuit(const ArrayModel& model);

    // One per column, nodes are rows. In topology C the two source lines of a column are alike.
    Wires source;
    Wires bitline;

    Eigen::Index rows() const { return bitline.between_ohm.cols() + 1; }
    Eigen::Index columns() const { return bitline.first_ohm.size(); }
};

// A regular array whose source lines are fed, and bitlines sensed, at one end as ArrayModel says or
// at both; a second end is like the first.
GatedCircuit regular_gated_circuit(const ArrayModel& model, Ends sources_fed, Ends bitlines_sensed);

// Throws bad_input unless all shapes agree with `g` (rows x columns, at least 1 x 1, finite and
// >= 0) and check_wires passes both kinds of lines.
void check_gated_circuit(const Eigen::MatrixXd& g_siemens, const GatedCircuit& circuit);

}  // namespace mho::behavioral
