// SPDX-License-Identifier: Apache-2.0
// The transfer curve of a SAR converter from a few conversions. Every trial of every conversion
// tells how far the input was from that trial's transition, not only on which side:
//
//     margin(v, code) = a(v) - sum over the bits b of the code of w_b
//
// with a(v) what sampling makes of the input (a polynomial) and w_b the step of bit b. The sum is
// charge balance: the array is linear, so its steps add up. Both are fitted to all trials by least
// squares, and so is the voltage at which the comparator turns: it lies between the largest margin
// whose bit was dropped and the smallest whose bit was taken. The transition to `code` is where the
// margin of its trial is that voltage.
#pragma once

#include <span>
#include <vector>

#include "behavioral/card.h"
#include "calibrate/sar_conversion.h"

namespace mho::calibrate {

struct SarSample {
    double input_volt = 0;
    SarConversion conversion;
};

struct SarCurve {
    behavioral::AdcModel model;
    std::vector<double> sampling;  // a(v): coefficients in (v - middle) / half range
    std::vector<double> bit_volt;  // steps w_b referred to the input, bit 0 first
    double turn_volt = 0;          // margin at which the comparator turns: its offset
    double turn_spread_volt = 0;   // between dropped and taken; negative: it was not one voltage
    double residual_lsb = 0;       // largest distance of a trial within 4 LSB from the fit
    std::size_t explained = 0;     // conversions whose code is that of the curve
};

// With `shape` only the constant of a(v) is fitted and the rest is that curve's: a draw of mismatch
// samples like the converter as drawn, and some conversions fewer determine it. Throws
// Error(simulator) when the samples do not determine the curve (too few, bits never tried) or it
// has no transition for a code within the range.
SarCurve fit_sar_curve(std::span<const SarSample> samples, const netlist::AdcSpec& spec,
                       const SarCurve* shape = nullptr);

// Its code for an input, by successive approximation whether the transitions rise or not.
std::uint32_t sar_curve_code(const behavioral::AdcModel& model, double volt);

}  // namespace mho::calibrate
