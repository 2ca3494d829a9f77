// SPDX-License-Identifier: Apache-2.0
// What the stairs of netlist::comparator_bench tell about a comparator.
#pragma once

#include <optional>
#include <vector>

#include "netlist/bench_converter.h"
#include "spice/job.h"

namespace mho::calibrate {

struct ComparatorReading {
    std::vector<bool> decisions;
    // Input at which it turns, the middle of the step in which it does; none when it never turns or
    // more than once.
    std::optional<double> offset_volt;
    double decision_joule = 0;  // from its supply, mean of all but the first decision
};

// Throws Error(simulator) when a decision is between the levels.
ComparatorReading read_comparator(const spice::Waveforms& waves,
                                  const netlist::DecisionStairs& stairs, double vdd_volt);

}  // namespace mho::calibrate
