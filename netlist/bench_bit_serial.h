// SPDX-License-Identifier: Apache-2.0
// The macro whose inputs drive gate lines and whose columns are read by integrators.
#pragma once

#include <Eigen/Core>
#include <span>

#include "netlist/bit_serial.h"

namespace mho::netlist {

// One whole multiply in one transient, all of it transistors: array of topology b, a driver for
// every gate line (bits one after another, or a pulse), for every bitline a current conveyor with
// integrator, accumulator, buffer, sample-and-hold and comparator, and the ramp that these share.
// states: rows x bitlines, siemens, at most [adc] shared_by bitlines; codes: of the rows, 0 ..
// 2^bits - 1. Saves v(trip_<line>), v(hold_<line>) of every bitline and the currents of what
// feeds: i(vread) the source lines, i(vdd_drivers), i(vddh), i(vdd_readout), i(vdd_accumulator),
// i(vdd_hold), i(vstart), i(vdd_comparator), i(vdd_ramp). Throws bad_input for another kind of
// driver, read-out, converter or array, and for codes or sizes that do not fit.
Deck bit_serial_macro_bench(const Design& design, const Eigen::MatrixXd& states,
                            std::span<const int> codes);

// The column's ideal result, as the counter would have it: (V - low) / LSB of V = start_volt +
// accumulated_ohm times the sum of code / (2^bits - 1) times ampere. `ampere`: of the column's
// cells, in read.
double ideal_counter(const Spec& spec, std::span<const int> codes, std::span<const double> ampere);

}  // namespace mho::netlist
