// SPDX-License-Identifier: Apache-2.0
#include "calibrate/conversion.h"

#include <algorithm>
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

double continuous_code(const behavioral::AdcModel& adc, double volt) {
    const std::vector<double>& edge = adc.transition_volt;
    const auto above = std::upper_bound(edge.begin(), edge.end(), volt);
    if (above != edge.begin() && above != edge.end()) {
        const double low = *(above - 1), high = *above;
        return static_cast<double>(above - edge.begin()) + (volt - low) / (high - low);
    }
    const auto last = static_cast<double>(edge.size());
    const double width = (edge.back() - edge.front()) / (last - 1);
    return above == edge.begin() ? 1 + (volt - edge.front()) / width
                                 : last + (volt - edge.back()) / width;
}

}  // namespace mho::calibrate
