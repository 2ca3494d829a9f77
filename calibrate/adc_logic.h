// SPDX-License-Identifier: Apache-2.0
// Energy of a converter's digital part, which is ideal in every bench: an estimate from counts, to
// stand beside what is measured and never in its sum.
//
//   E = V^2 C_g (flip-flops x clock cycles x W_clock + toggles x W_load)
//
// C_g = 1 fF per um of gate is measured ("Cgg on" in generic40's models.lib). The widths and counts
// are judgement: a flip-flop of least size (.12 and .24 um) clocks eight transistors and two
// inverters, 2.2 um of gate, without clock gating; a toggling net drives three gates of .36 um and
// as much again of half that in drains and wire, 1.6 um.
#pragma once

#include "netlist/spec.h"

namespace mho::calibrate {

// Per conversion. SAR (netlist/sar_adc.h: sar_logic): 2 N + 1 flip-flops through all cycles, and 12
// toggles a bit. Ramp: a column's share of the N-bit counter, and the counter's bus at the gates of
// its N latches.
double adc_logic_joule(const netlist::AdcSpec& spec, double vdd_volt);

}  // namespace mho::calibrate
