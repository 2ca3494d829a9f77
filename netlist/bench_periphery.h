// SPDX-License-Identifier: Apache-2.0
// Testbenches of the blocks round an array with binary or pulse-width drivers and integrators. Each
// has .meas cards, so that ngspice -b prints what docs/circuits.md tells.
#pragma once

#include <span>

#include "netlist/bit_serial.h"

namespace mho::netlist {

// One gate line's driver with the line's capacitance as load, high for half of a period of 40 ns
// (binary), or for `code` periods of [driver] clock_hertz from 5 ns on (pulse_width). Saves v(in)
// (binary) or v(set), v(stop), then v(wl), i(vdd_drivers), i(vddh), i(vin) or i(vset), i(vstop).
Deck wordline_bench(const Design& design, int code);

// Columns of as many conductances to the read voltage, which steps up when the first bit begins,
// each with its wire's capacitance and an integrator. One step, then the bit is held for 1 us.
// Saves, of column k, v(bit_<k>), v(col_<k>), i(vcolumn_<k>), and i(vdd_readout).
Deck integrator_bench(const Design& design, std::span<const double> g_siemens);

// Columns of one conductance each, with integrator, accumulator, buffer and sample-and-hold, whose
// cells are joined to the read voltage in the steps whose bit is set in `codes`. Saves v(bit_<k>),
// v(sum_<k>), v(hold_<k>) of every column, i(vdd_readout), i(vdd_accumulator), i(vdd_hold). Binary
// drivers only.
Deck accumulator_bench(const Design& design, double g_siemens, std::span<const int> codes);

// Sample-and-holds at fixed voltages: one behind an ideal source (net ideal_<k>), one behind its
// buffer (net hold_<k>); sampled, then held for 1 us. Saves v(ideal_<k>), v(buffered_<k>),
// v(hold_<k>), i(vdd_hold).
Deck hold_bench(const Design& design, std::span<const double> volt);

// A multiplexer of as many columns as voltages, each for share_second in turn, into hold_farad.
// Saves v(out) and i(vdd_mux).
Deck multiplexer_bench(const Design& design, std::span<const double> volt);

}  // namespace mho::netlist
