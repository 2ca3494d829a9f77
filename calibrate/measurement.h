// SPDX-License-Identifier: Apache-2.0
// What the measurements share. Each block has two experiments: one whose runs the model is fitted
// to, the same for every seed, and one with circuits and operating points drawn from the seed, on
// which the finished card is judged.
#pragma once

#include <vector>

#include "behavioral/card.h"
#include "netlist/benches.h"

namespace mho::calibrate {

// What a check brings back: errors of the quantities and the points behind them.
struct Evidence {
    std::vector<behavioral::QuantityError> errors;
    std::vector<behavioral::HeldOutPoints> points;
};

inline double kelvin(const netlist::Spec& spec) {
    constexpr double kZeroCelsius = 273.15;
    return spec.temperature_celsius + kZeroCelsius;
}

// Column current that takes the read-out over half the ADC's range.
inline double full_scale_ampere(const netlist::Spec& spec) {
    return 0.5 * (spec.adc.high_volt - spec.adc.low_volt) / spec.readout.feedback_ohm;
}

inline double lsb_volt(const netlist::Spec& spec) {
    return (spec.adc.high_volt - spec.adc.low_volt) / static_cast<double>(1 << spec.adc.bits);
}

}  // namespace mho::calibrate
