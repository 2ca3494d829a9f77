// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "netlist/circuit.h"
#include "netlist/technology.h"

namespace mho::netlist {

// Resistance and capacitance of one cell pitch of the row and column wires.
struct CrossbarWires {
    WireSegment row;
    WireSegment column;
};

// A crossbar of `cell`s (ports row col wl, parameter r) with distributed wires, topology A. Ports:
// row_0 .. row_<rows-1>, col_0 .. col_<columns-1>, wl. One wire segment between a row port and its
// first cell, between neighbours, and between the last cell of a column and its port; every cell
// loads its row and column node with the wire's capacitance. states: rows x columns, siemens.
Definition crossbar(const Definition& cell, const Eigen::MatrixXd& states,
                    const CrossbarWires& wires);

}  // namespace mho::netlist
