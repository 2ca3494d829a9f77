// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "netlist/array_shape.h"
#include "netlist/cell.h"
#include "netlist/circuit.h"
#include "netlist/technology.h"

namespace mho::netlist {

// Resistance and capacitance of one cell pitch of the row and column wires, and of the source lines
// of topologies b and c.
struct CrossbarWires {
    WireSegment row;
    WireSegment column;
    WireSegment source = {};
};

// Cells with distributed wires in any topology; docs/circuits.md draws them. states: all cells,
// dummies included (array_shape.h), siemens. With the lines' names of array_lines, the ports are
//   row_<row>            rows: inputs (a) or gate lines (b, c), at column 0
//   row_<row>_far        their other ends, when both are driven
//   col_<bitline>        bitlines, at the last row
//   col_<bitline>_far    their other ends, when both are sensed
//   src_<bitline>        source lines, fed at row 0 (b); srcp_ and srcn_ (c)
//   src_<bitline>_far    their other ends, when both are driven
//   wl, ...              in topology a the select gate's net, then biases, by the cell's port names
// One wire segment between a port and the first cell it meets, and between neighbours; every cell
// loads its nets with the wires' capacitance. A wire without resistance is one net, and has no far
// port. Throws bad_input when the cell has no select gate and the topology needs one, when the
// states make no array of the shape, and for a state that the cell cannot hold.
Definition crossbar(const Cell& cell, const Eigen::MatrixXd& states, const ArrayShape& shape,
                    const CrossbarWires& wires);

// Topology a of cells with ports row col wl and parameter r, one driven and one sensed end.
Definition crossbar(const Definition& cell, const Eigen::MatrixXd& states,
                    const CrossbarWires& wires);

}  // namespace mho::netlist
