// SPDX-License-Identifier: Apache-2.0
// Wires and terminations of topology A in full: every segment its own resistance, rows driven and
// columns sensed at either end or at both. ArrayModel (behavioral/card.h) is the regular case.
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"
#include "behavioral/wires.h"

namespace mho::behavioral {

// Both ends of a row have the row's drive, both ends of a column the read-out's virtual ground.
struct ArrayCircuit {
    ArrayCircuit() = default;
    explicit ArrayCircuit(const ArrayModel& model);

    Wires row;     // one per row, nodes are columns
    Wires column;  // one per column, nodes are rows

    Eigen::Index rows() const { return row.first_ohm.size(); }
    Eigen::Index columns() const { return column.first_ohm.size(); }
    // The same network with drivers and read-outs exchanged; its conductances are transposed.
    ArrayCircuit exchanged() const;
};

// A regular array whose rows are driven, and columns sensed, at one end as ArrayModel says or at
// both; a second end is like the first.
ArrayCircuit regular_circuit(const ArrayModel& model, Ends rows_driven, Ends columns_sensed);

// Throws bad_input unless all shapes agree with `g` (rows x columns, at least 1 x 1, finite and
// >= 0), resistances are >= 0, those between nodes finite, and each wire is connected somewhere.
void check_circuit(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit);

}  // namespace mho::behavioral
