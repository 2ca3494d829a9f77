// SPDX-License-Identifier: Apache-2.0
// A conversion as the ramp converter sees it: when the comparator trips, and the code that a
// counter started netlist::counter_delay_second after the ramp has reached by then.
#pragma once

#include <optional>
#include <string>

#include "netlist/benches.h"
#include "spice/job.h"

namespace mho::calibrate {

// Counter at the trip, in codes with their fraction: the code is its floor. Waves of a bench with
// the comparator's output `trip`, the ramp released at `timing`. No value when the comparator never
// trips; 0 when it has tripped before the ramp.
std::optional<double> counter_at_trip(const spice::Waveforms& waves, const netlist::Design& design,
                                      const netlist::ColumnTiming& timing,
                                      const std::string& trip = "v(trip)");

}  // namespace mho::calibrate
