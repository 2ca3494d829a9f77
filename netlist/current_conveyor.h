// SPDX-License-Identifier: Apache-2.0
// Current conveyor: takes a column's current at a virtual ground and gives a copy of it, smaller by
// a fixed ratio, at its output.
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Ports: in out vcm ibias vdd; a reference current b = bias_ampere flows into ibias. With m =
// mirror_ratio
//     V(in) = V(vcm),   I out of `out` = I into `in` / m,   -m b / 5 < I into `in` < m 10 uA.
// A folded cascode op-amp (PMOS pair) drives the gate of m NMOS units from the column to ground;
// one more such unit, cascoded to stand at about the column's voltage, carries 1/m of their
// current, which a cascoded PMOS mirror turns round. A current of m b / 5 into the column keeps the
// loop alive at no input, b / 5 is taken off at the output.
//
// Stability: the loop has two integrators, the op-amp on the units' gates and the units on the
// column. A capacitor from column to gates makes them a diode at high frequency, 1 / gm, and so
// puts a zero below the crossing. Tuned in ngspice (generic40, tt, 27 C) for 5 uA, 8 units and 60
// fF of column, settled to 2 % of a cell's voltage 5 ns after 0.02 to 0.64 mS of cells are
// connected; the capacitor goes with the number of units. The op-amp's current goes with
// bias_ampere.
Definition current_conveyor(const ReadoutSpec& spec);

// The largest current a unit was judged at, and the most that `in` takes.
inline constexpr double kConveyorUnitAmpere = 10e-6;
double conveyor_most_ampere(const ReadoutSpec& spec);

}  // namespace mho::netlist
