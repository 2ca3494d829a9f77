// SPDX-License-Identifier: Apache-2.0
// Statistics of a converter's mismatch from the curves of some draws.
#pragma once

#include <span>

#include "calibrate/adc_study.h"

namespace mho::calibrate {

// What behavioral::draw_adc draws instances from: of a SAR the spread of offset and bit steps, of a
// ramp that of offset, gain and bends to the fourth degree, which is what its draws are fitted
// with. Throws bad_input for fewer than 2 draws.
behavioral::AdcMismatch adc_mismatch(const AdcMeasurement& nominal,
                                     std::span<const AdcMeasurement> draws);

// The converter of a card: the nominal transitions, noise where it was measured, and mismatch from
// the draws where there are two or more.
behavioral::AdcModel adc_model(const AdcStudy& study);

// The worst INL of a draw, LSB. Of a ramp that of the nominal curve and what the draw adds to it to
// the fourth degree, against the nominal circuit from as few conversions: a draw's own curve lacks
// what is finer in the nominal one.
double worst_inl(const AdcMeasurement& nominal, const AdcMeasurement& draw);

// Spread of the worst INL over instances: root mean square and standard deviation, of draws and of
// as many instances of the model as are asked for.
struct InlSpread {
    double draws_lsb = 0;
    double model_lsb = 0;
    double draws_sigma_lsb = 0;
    double model_sigma_lsb = 0;
};
InlSpread inl_spread(const behavioral::AdcModel& model, const AdcMeasurement& nominal,
                     std::span<const AdcMeasurement> draws, std::uint64_t seed, int instances);

}  // namespace mho::calibrate
