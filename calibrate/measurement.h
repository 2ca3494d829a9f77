// SPDX-License-Identifier: Apache-2.0
// What every measured quantity brings back: its held-out error, the points behind it and the range
// it holds in.
#pragma once

#include <vector>

#include "behavioral/card.h"
#include "netlist/benches.h"

namespace mho::calibrate {

struct Evidence {
    std::vector<behavioral::QuantityError> errors;
    std::vector<behavioral::HeldOutPoints> points;
    std::vector<behavioral::ValidityRange> validity;
};

// Column current that takes the read-out over half the ADC's range.
inline double full_scale_ampere(const netlist::Spec& spec) {
    return 0.5 * (spec.adc.high_volt - spec.adc.low_volt) / spec.readout.feedback_ohm;
}

inline double lsb_volt(const netlist::Spec& spec) {
    return (spec.adc.high_volt - spec.adc.low_volt) / static_cast<double>(1 << spec.adc.bits);
}

}  // namespace mho::calibrate
