// SPDX-License-Identifier: Apache-2.0
// Switched-capacitor accumulation of input bits.
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Ports: bit sum v_start share reset vdd. While `reset` is high the capacitor on `sum` is joined to
// v_start; while `share` is high it shares its charge with the equal capacitor on `bit`, which is
// the integrator's:
//     V(sum) <- (V(sum) + V(bit)) / 2.
// With bits 0 .. B-1 of an input in turn, the lowest first, and V_k their voltages above v_start,
//     V(sum) = V(v_start) + sum over k of V_k 2^(k - B).
// The switch that shares settles to 1/4 of 2^-10 within share_second (gates.h has its resistance);
// a switch that never conducts stands where the integrator has its steering switch, so that both
// sides carry the same parasitics.
Definition accumulator(const ReadoutSpec& spec);

// The capacitors as drawn, on either side: integrate_farad less what switches, conveyor and buffer
// put there, 10 fF and the open switch between them, 1.6 fF per um of its width (both as change of
// the gain in ngspice, generic40).
double drawn_farad(const ReadoutSpec& spec);
// Of an integrator that a buffer reads without accumulation.
double drawn_farad_alone(const ReadoutSpec& spec);
double share_switch_width_m(const ReadoutSpec& spec);

}  // namespace mho::netlist
