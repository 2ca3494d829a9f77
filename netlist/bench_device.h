// SPDX-License-Identifier: Apache-2.0
// Testbenches of a technology itself: single transistors of shortest length, chains and rings of
// inverters. Pure functions of technology and operating point; what each saves is listed with it.
// All throw bad_input for an unknown device or corner, a temperature the models do not reach to,
// and a size outside the device's range.
#pragma once

#include <string>

#include "netlist/deck.h"
#include "netlist/technology_checks.h"

namespace mho::netlist {

// Width the transistor benches use: 1 um, or the nearest the device may have.
double bench_width_m(const DeviceLimits& device);

// Source and bulk at ground, drain held. Sweeps the gate in equal steps from a quarter of the
// supply below the source, where leaky devices are off too, to the supply; p devices mirrored.
// Saves i(vd).
Deck transfer_bench(const Technology& technology, const ProcessPoint& point,
                    const std::string& model, double drain_volt);

// Drain, source and bulk at ground; the gate rises by kGateStepVolt about the supply, slowly
// against the channel. Saves i(vg).
inline constexpr double kGateStepVolt = 0.02;
Deck gate_charge_bench(const Technology& technology, const ProcessPoint& point,
                       const std::string& model);

// Five inverters in a row, each `fan_out` times as large as the one before, which so drives
// `fan_out` of its size; a pulse with both edges passes. `gate_second` is the technology's time
// scale C V / I; edges, window and step are multiples of it. Saves v(n_2) and v(n_3), input and
// output of the third; n_2 follows the pulse. 1 <= fan_out <= 8.
Deck fan_out_bench(const Technology& technology, const ProcessPoint& point,
                   const Inverter& inverter, int fan_out, double gate_second);

// An odd ring of equal inverters, started with one edge. Saves v(n_0).
inline constexpr int kRingStages = 11;
Deck ring_bench(const Technology& technology, const ProcessPoint& point, const Inverter& inverter,
                double gate_second);

}  // namespace mho::netlist
