// SPDX-License-Identifier: Apache-2.0
// What the testbenches share: supplies, bias sources and deck settings. Internal to netlist.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>

#include "netlist/benches.h"
#include "netlist/cell.h"
#include "netlist/crossbar.h"

namespace mho::netlist {

// Title, models of the corner, temperature, solver and tolerances. The tolerances keep the jitter
// of a trip time below a tenth of a clock period.
Deck start_deck(const Design& design, const std::string& title);

// Ideal dc source `name` that holds net `net` at `volt`.
void hold(Circuit& c, const std::string& name, const std::string& net, double volt);

double core_volt(const Design& design);
double io_volt(const Design& design);

// Select gates that are on and biases of `cell`, as ports of its array; in topologies b and c only
// the biases.
void hold_gates(Circuit& c, const Design& design, const Cell& cell);

// "pwl(v(k), 0, a, 1, b, ...)": input `row` (volt) plus `offset_volt` as a function of the index,
// net k. Columns of `inputs` are the vectors.
std::string input_expression(const Eigen::MatrixXd& inputs, Eigen::Index row, double offset_volt);

// Throws bad_input that names the bench when the spec's array has another topology or shape than
// the benches with transistor drivers.
void require_plain_array(const Design& design, const char* bench);

// Read-out `xreadout` from net in to net out, its supply vdd_readout, its bias and the common mode
// source (net vcm); in parts, for more than one: the sources, and an op-amp with its bias.
void add_readout(Circuit& c, const Design& design);
void add_readout_supplies(Circuit& c, const Design& design);
void add_amplifier(Circuit& c, const Design& design, const std::string& input,
                   const std::string& output, const std::string& suffix = {});

// Ramp generator and comparator: converts net `input`; supplies vdd_ramp and vdd_comparator,
// output trip. The ramp is released at release_second.
void add_converter(Circuit& c, const Design& design, const std::string& input,
                   double release_second, std::optional<double> others_volt = {});

// The same in parts: a ramp (net ramp) that drives so many comparators of the bench, and the others
// that share it as one of their size, at others_volt, the common mode when not given; and one
// comparator with its bias, whose supply net vdd_comparator must exist.
void add_ramp(Circuit& c, const Design& design, double release_second, int comparators,
              std::optional<double> others_volt = {});
void add_comparator(Circuit& c, const Design& design, const std::string& input,
                    const std::string& output, const std::string& suffix = {});

// Supplies, references and clocks of a column's SARs, the currents of the former saved, and the
// deck's options for their switching; and a converter of net `input` with its logic, which saves
// v(top<suffix>), v(xanalog<suffix>.held) and v(bit_<k><suffix>).
void add_sar_sources(Deck& deck, const Design& design, const ColumnTiming& when);
void add_sar(Deck& deck, const Design& design, const std::string& input,
             const std::string& suffix = {});

// A SAR that tracks net `input` for ever, with sources in place of its logic. Saves v(top) and the
// bottom plate of the highest bit, v(xanalog.xcdac.bottom_<bits-1>): what is between them is
// sampled. Throws bad_input for top-plate sampling, whose switch needs a clock.
void add_tracking_sar(Deck& deck, const Design& design, const std::string& input);

// A driver from net ref_<i> to net row_<i>, switched on; the supply vddh must exist.
void add_row_driver(Circuit& c, const Definition& driver, int row);

// Ports of `array` tied to nets of the same names.
void add_array(Circuit& c, const Definition& array);

// Noise at a net referred to a source with ac = 1, from 1 kHz to 100 GHz. ngspice 46 refuses it
// with KLU.
Noise wide_noise(std::string output, std::string input_source, int points_per_decade = 20);

}  // namespace mho::netlist
