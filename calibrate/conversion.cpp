// SPDX-License-Identifier: Apache-2.0
#include "calibrate/conversion.h"

#include <vector>

#include "netlist/ramp_adc.h"
#include "spice/waveforms.h"

namespace mho::calibrate {

std::optional<double> counter_at_trip(const spice::Waveforms& waves, const netlist::Design& design,
                                      const netlist::ColumnTiming& timing,
                                      const std::string& trip) {
    const double middle = 0.5 * design.technology.supply("core").volt;
    const std::vector<double>& time = waves.columns.front();
    const std::vector<double>& volt = waves[trip];
    if (spice::value_at(time, volt, timing.ramp_second) > middle) return 0;
    const std::optional<double> at =
        spice::crossing_time(time, volt, middle, spice::Edge::rising, timing.ramp_second);
    if (!at) return std::nullopt;
    const netlist::AdcSpec& adc = design.spec.adc;
    return (*at - timing.ramp_second - netlist::counter_delay_second(adc)) * adc.clock_hertz;
}

}  // namespace mho::calibrate
