// SPDX-License-Identifier: Apache-2.0
// Sample-and-hold, and the buffer that drives it.
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Ports: in out sample vdd. `out`, hold_farad to ground, follows `in` while `sample` is high and
// holds it afterwards. The transmission gate settles to 1/4 of 2^-10 within half of sample_second.
// Behind it stands one of half its width whose ends are both `out`, clocked the other way: it
// takes up the half of the channels' charge that comes out there (Eichenberger and Guggenbuhl,
// JSSC 24, 1989).
Definition sample_hold(const ReadoutSpec& spec);

// Unity-gain buffer, two stages, PMOS pair: V(out) = V(in), from 0.1 to 0.65 V at a supply of 1.1
// V. Ports: in out ibias vdd; a reference current flows into ibias, the supply current is 19 times
// it.
Definition unity_buffer();

}  // namespace mho::netlist
