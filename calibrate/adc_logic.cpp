// SPDX-License-Identifier: Apache-2.0
#include "calibrate/adc_logic.h"

#include <cmath>

namespace mho::calibrate {
namespace {

constexpr double kGateFaradPerM = 1e-15 / 1e-6;
constexpr double kClockWidth = 2.2e-6;   // gate that one flip-flop hangs on its clock
constexpr double kLoadWidth = 1.6e-6;    // gate that one net drives, with drains and wire
constexpr double kLatchWidth = 0.36e-6;  // gate that one latch hangs on a bus
constexpr double kTogglesPerBit = 12;

}  // namespace

double adc_logic_joule(const netlist::AdcSpec& spec, double vdd_volt) {
    const double bits = spec.bits;
    double width = 0;
    if (spec.kind == netlist::AdcKind::sar) {
        const double cycles = spec.sar.sample_cycles + bits;
        width = (2 * bits + 1) * cycles * kClockWidth + bits * kTogglesPerBit * kLoadWidth;
    } else {
        const double cycles = std::exp2(bits);
        // A binary counter toggles twice a cycle.
        width = cycles * (bits * kClockWidth + 2 * kLoadWidth) / spec.shared_by +
                2 * cycles * kLatchWidth + bits * kLoadWidth;
    }
    return vdd_volt * vdd_volt * kGateFaradPerM * width;
}

}  // namespace mho::calibrate
