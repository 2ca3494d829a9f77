// SPDX-License-Identifier: Apache-2.0
#include "behavioral/readout.h"

#include <algorithm>
#include <cmath>

namespace mho::behavioral {
namespace {

double clamped(const ReadoutModel& model, double ampere) {
    return std::clamp(ampere, -model.current_max_ampere, model.current_max_ampere);
}

}  // namespace

double readout_slope(const ReadoutModel& model, double ampere) {
    const double i = clamped(model, ampere);
    return -model.transimpedance_ohm *
           (1 + i * (2 * model.quadratic_per_ampere + 3 * model.cubic_per_ampere_squared * i));
}

double readout_volt(const ReadoutModel& model, double ampere) {
    const double i = clamped(model, ampere);
    const double shaped =
        i * (1 + i * (model.quadratic_per_ampere + i * model.cubic_per_ampere_squared));
    return model.offset_volt - model.transimpedance_ohm * shaped +
           readout_slope(model, i) * (ampere - i);
}

double readout_ampere(const ReadoutModel& model, double volt) {
    // The transfer is monotone, so a bracket of its ends narrows safely; outside it is linear.
    double low = -model.current_max_ampere;  // higher voltage
    double high = model.current_max_ampere;
    for (const double end : {low, high}) {
        const double at_end = readout_volt(model, end);
        if ((end == low && volt >= at_end) || (end == high && volt <= at_end)) {
            return end + (volt - at_end) / readout_slope(model, end);
        }
    }
    double i = std::clamp((model.offset_volt - volt) / model.transimpedance_ohm, low, high);
    for (int step = 0; step < 100; ++step) {
        const double error = readout_volt(model, i) - volt;
        if (error == 0) return i;
        (error > 0 ? low : high) = i;
        double next = i - error / readout_slope(model, i);
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (std::abs(next - i) <= 1e-16 * model.current_max_ampere) return next;
        i = next;
    }
    return i;
}

}  // namespace mho::behavioral
