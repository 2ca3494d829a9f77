// SPDX-License-Identifier: Apache-2.0
// Columns read by integrators in benches: phases of one multiply, controls, and the blocks of a
// column. Internal to netlist but for the timing.
#pragma once

#include <string>

#include "netlist/benches.h"

namespace mho::netlist {

// Phases of one multiply. With binary drivers one step per input bit, the lowest bit first; with
// pulses one step in all, whose integration lasts for the longest pulse and settles again, and
// nothing to accumulate. A step: the bits stand on the rows, the bit capacitor is reset and the
// columns settle; integration; charge sharing. After the last step the sum, or the integrated
// pulses, are sampled, then converted.
struct BitSerialTiming {
    double start_second = 1e-9;
    double settle_second = 0, integrate_second = 0, share_second = 0, sample_second = 0;
    int steps = 0;
    double ramp_second = 0;  // the converter's ramp is released

    double step_second() const { return settle_second + integrate_second + share_second; }
    double step_start(int step) const { return start_second + step * step_second(); }
    double integrate_start(int step) const { return step_start(step) + settle_second; }
    double integrate_stop(int step) const { return integrate_start(step) + integrate_second; }
    double sample_start() const { return step_start(steps); }
    double sample_stop() const { return sample_start() + sample_second; }
};
BitSerialTiming bit_serial_timing(const Spec& spec);

// Bits are accumulated, pulses are not.
bool accumulates(const Spec& spec);

// Volt above start_volt, of the sum or of the integrated pulses, per ampere in the column during
// all of the largest code.
double accumulated_ohm(const Spec& spec);

// Supplies vdd_readout, vdd_accumulator, vdd_hold, the sources vcm and vstart, and the controls
// vclear_bit, vintegrate, vshare, vclear_sum, vsample; without accumulation no vdd_accumulator,
// vshare and vclear_sum.
void add_integrator_supplies(Circuit& c, const Design& design, const BitSerialTiming& timing);

// The blocks from net `column` to net hold<suffix>: integrator (bit<suffix>), where bits are
// accumulated accumulator (sum<suffix>), buffer (buffered<suffix>) and sample-and-hold.
void add_integrator_column(Circuit& c, const Design& design, const std::string& column,
                           const std::string& suffix);

// Parts of it.
void add_integrator(Circuit& c, const Design& design, const std::string& column,
                    const std::string& suffix);
void add_hold(Circuit& c, const Design& design, const std::string& input,
              const std::string& suffix);

// The capacitance of one gate line: its wire and the select gates of its cells.
double gate_line_farad(const Design& design);

// A control that is high from `rise` to `fall`.
Stimulus high_between(double rise_second, double fall_second, double volt);

}  // namespace mho::netlist
