// SPDX-License-Identifier: Apache-2.0
// Testbenches of the SAR converter and its comparator. Supplies are named by what they feed, so
// that their energies can be told apart.
#pragma once

#include "netlist/benches.h"
#include "netlist/strongarm.h"

namespace mho::netlist {

// When things happen in one SAR conversion; trials are numbered from 0, that of the highest bit.
struct SarTiming {
    double period_second = 0;
    int lead_cycles = 0;  // at rest before the input is tracked: a bootstrapped switch charges
    int sample_cycles = 0;
    int bits = 0;
    double offset_second = 0;  // all of it comes so much later

    double start_second() const { return offset_second + lead_cycles * period_second; }  // tracking
    double sampled_second() const {
        return offset_second + (lead_cycles + sample_cycles) * period_second;
    }
    // The comparator is clocked in the middle of a trial, its decision taken at the end.
    double decision_second(int trial) const {
        return sampled_second() + (trial + 0.5) * period_second;
    }
    double taken_second(int trial) const { return sampled_second() + (trial + 1) * period_second; }
    double done_second() const { return sampled_second() + bits * period_second; }
    double stop_second() const { return done_second() + 0.45 * period_second; }
};
SarTiming sar_timing(const AdcSpec& spec);
// Of a column or macro: from the inputs' step on the read-out's output is tracked, which it was
// before too, and sampled at ColumnTiming::ramp_second, a whole number of periods later.
SarTiming sar_timing(const AdcSpec& spec, const ColumnTiming& timing);

// One conversion of a voltage that is applied when tracking starts, the input having been in the
// middle of the range. XSPICE logic. Saves v(top), v(xanalog.held), v(decision), v(sample),
// v(bit_<k>) of every bit, which hold the code from done_second() on, and the currents
// i(vdd_switches), i(vdd_comparator), i(vref_high), i(vref_low), i(vref_cm), i(vin).
Deck sar_bench(const Design& design, double input_volt);

// The comparator alone, one decision per clock period, with the input rising by equal steps from
// -reach to +reach about common_volt. Saves v(q), v(inp), v(clk), i(vdd_comparator).
struct DecisionStairs {
    StrongArmSize size = {};
    double common_volt = 0.35;
    double reach_volt = 0;
    int decisions = 2;  // >= 2
    double clock_hertz = 1e9;

    double step_volt() const { return 2 * reach_volt / (decisions - 1); }
    double input_volt(int decision) const { return -reach_volt + decision * step_volt(); }
    // Read when the comparator is about to be reset.
    double read_second(int decision) const { return (decision + 0.99) / clock_hertz; }
};
Deck comparator_bench(const Design& design, const DecisionStairs& stairs);

}  // namespace mho::netlist
