// SPDX-License-Identifier: Apache-2.0
// The macro whose inputs drive gate lines and whose columns are read by integrators.
#pragma once

#include <Eigen/Core>
#include <span>
#include <string>
#include <vector>

#include "netlist/bit_serial.h"

namespace mho::netlist {

// One whole multiply in one transient, all of it transistors: array of topology b, a driver for
// every gate line (bits one after another, or a pulse), for every bitline a current conveyor with
// integrator, accumulator of bits, buffer, sample-and-hold and comparator, and the ramp that these
// share. One more such column, whose bitline has no cells, is the reference: the counter starts
// when it trips, which takes off what conveyors, switches, buffers and comparators add to every
// column alike. states: rows x bitlines, siemens, at most [adc] shared_by bitlines; codes: of the
// rows, 0 .. 2^bits - 1. Saves v(trip_<line>), v(hold_<line>) of every bitline and of
// kReferenceSuffix, and the currents of bit_serial_supplies; measures their charges from the first
// bit to the end of the ramp. Throws bad_input for another kind of driver, read-out, converter or
// array, and for codes or sizes that do not fit.
Deck bit_serial_macro_bench(const Design& design, const Eigen::MatrixXd& states,
                            std::span<const int> codes);

// The same for fits: saves v(bit_<line>), v(sum_<line>) and v(col_<line>) of every bitline besides,
// the first two of the reference column too, and measures nothing. Unless it goes on to the end of
// the ramp, it stops kRestSecond after the sums are sampled. Binary drivers only.
enum class SerialEnd { held, converted };
Deck bit_serial_steps_bench(const Design& design, const Eigen::MatrixXd& states,
                            std::span<const int> codes, SerialEnd end);

// Whether a spec describes such a macro with binary drivers, which `mho calibrate` makes a card of:
// all bitlines on one ramp, at most 64 x 64 cells.
bool is_bit_serial_macro(const Spec& spec);

inline const std::string kReferenceSuffix = "_reference";
// After sampling, when the charge of the switches is spread.
inline constexpr double kHeldSecond = 0.5e-9;
// The steps bench goes on for so long after sampling.
inline constexpr double kRestSecond = 10e-9;

// The constant sources that feed the macro, by block. Not among them: what moves the controls and
// the input bits, and reference levels that carry no current (vcm, gate biases).
struct MacroSupply {
    std::string block, source;
    double volt = 0;
};
std::vector<MacroSupply> bit_serial_supplies(const Design& design);

// The product the macro stands for. While it integrates, its gates are on as columns of
// ideal_gates say (rows x steps, 0 or 1): step k is bit k, or the k-th period of the pulses.
// `ampere`: a column's current in each of them. Gives clock periods from the reference column's
// trip to the column's, with their fraction: accumulated_ohm times the sum of the steps' currents,
// weighted by 2^k (bits) or 1 (periods) and divided by 2^bits - 1, over an LSB.
Eigen::MatrixXd ideal_gates(const Spec& spec, std::span<const int> codes);
double ideal_count(const Spec& spec, std::span<const double> ampere);

}  // namespace mho::netlist
