// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"

namespace mho::behavioral {

AdcMetrics adc_metrics(const AdcModel& model) {
    const std::vector<double>& t = model.transition_volt;
    if (model.bits < 2 || model.bits > 24 || t.size() != (std::size_t{1} << model.bits) - 1) {
        throw bad_input("ADC: {} transitions for {} bits, expected 2^bits - 1 with 2 to 24 bits",
                        t.size(), model.bits);
    }
    const double nominal_range = model.ideal_high_volt - model.ideal_low_volt;
    const bool finite = std::all_of(t.begin(), t.end(), [](double v) { return std::isfinite(v); });
    if (!finite || !(t.back() > t.front()) || !(nominal_range > 0) ||
        !std::isfinite(nominal_range)) {
        throw bad_input(
            "ADC: transitions from {} V to {} V in a nominal range of {} V, expected "
            "finite rising values",
            t.front(), t.back(), nominal_range);
    }
    const double nominal_width = nominal_range / static_cast<double>(t.size() + 1);
    AdcMetrics metrics;
    metrics.mean_width_volt = (t.back() - t.front()) / static_cast<double>(t.size() - 1);
    metrics.offset_lsb = (t.front() - model.ideal_low_volt) / nominal_width - 1;
    metrics.gain_error = metrics.mean_width_volt / nominal_width - 1;
    for (std::size_t k = 0; k < t.size(); ++k) {
        const double inl = (t[k] - t.front()) / metrics.mean_width_volt - static_cast<double>(k);
        metrics.inl_lsb.push_back(inl);
        metrics.worst_inl_lsb = std::max(metrics.worst_inl_lsb, std::abs(inl));
        if (k + 1 == t.size()) break;
        const double dnl = (t[k + 1] - t[k]) / metrics.mean_width_volt - 1;
        metrics.dnl_lsb.push_back(dnl);
        metrics.worst_dnl_lsb = std::max(metrics.worst_dnl_lsb, std::abs(dnl));
    }
    return metrics;
}

}  // namespace mho::behavioral
