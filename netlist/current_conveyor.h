// SPDX-License-Identifier: Apache-2.0
// Current conveyor: takes a column's current at a virtual ground and gives a copy of it, smaller by
// a fixed ratio, at its output.
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Ports: in out vcm ibias vdd; a reference current b = bias_ampere flows into ibias. With m =
// mirror_ratio
//     V(in) = V(vcm),   I out of `out` = I into `in` / m,   -k b / 5 < I into `in` < m 10 uA.
// A folded cascode op-amp (PMOS pair) drives the gate of m NMOS units from the column to ground;
// one more such unit, cascoded to stand at about the column's voltage, carries 1/m of their
// current, which a cascoded PMOS mirror turns round. A current of k b / 5 into the column, k the
// first multiple of m from 8 up, keeps the loop alive at no input; 1/m of it is taken off at the
// output by a cascoded sink. With m = 8 it leaves 0.5 % of m 10 uA there, and 0.04 uA less per
// 0.1 V of V(out) above 0.2 V, both as current of the column (generic40, tt, 27 C; without the
// cascode 2 % and 0.26 uA).
//
// Stability: the loop has two integrators, the op-amp on the units' gates and the units on the
// column. A capacitor from column to gates makes them a diode at high frequency, 1 / gm, and so
// puts a zero below the crossing; it goes with k, as the least gm does. The op-amp's pair has
// 0.75 b a side for fewer than 16 units, else twice as much: with that much for 8 units, and 100
// fF, the column still rang with 90 mV 15 ns after 20 uA were switched off (now 6 mV); with less it
// settles more slowly. Tuned in ngspice (generic40, tt, 27 C) at
// 5 uA with 4, 8 and 64 units and no cells up to 0.64 mS on the column.
Definition current_conveyor(const ReadoutSpec& spec);

// The largest current a unit was judged at, and the most that `in` takes.
inline constexpr double kConveyorUnitAmpere = 10e-6;
double conveyor_most_ampere(const ReadoutSpec& spec);

}  // namespace mho::netlist
