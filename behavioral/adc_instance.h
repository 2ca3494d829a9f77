// SPDX-License-Identifier: Apache-2.0
// Instances of a converter with random mismatch, and what its comparator does not resolve.
//
// With independent standard normal numbers z, x from -1 at the first to 1 at the last transition,
// P_d the Legendre polynomials and q the mean code width, transition k of an instance is
//   T[k] + offset_volt_rms z + gain_rms z x q (2^bits - 2) / 2
//        + sum over the bits b that are 1 in k of bit_volt_rms[b] z
//        + sum over d >= 2 of bend_volt_rms[d - 2] z P_d(x).
// Where the card has the shapes of its draws, offset, gain and bends are those of one of them, all
// draws alike, blurred: z = sqrt(1 - h^2) shape + h z' with h = 0.15 and z' normal, so that every
// z keeps its variance.
// Steps of a SAR that let transitions fall make codes vanish: the table then rises by less than can
// be told.
#pragma once

#include <cstdint>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// Instance `index` of the converters named by seed: the same for any number of others. A model
// without mismatch is its own instance; those of an instance are again like the model. Throws
// bad_input as adc_metrics does.
AdcModel draw_adc(const AdcModel& model, std::uint64_t seed, std::uint32_t index);

// Part of the conversions of evenly spread inputs in which a decision is not taken in time:
// 2 unresolved_volt / q, since one trial of a conversion lies closest to its transition.
double metastable_part(const AdcModel& model);

// Legendre polynomial of degree d >= 0 at x.
double legendre(int degree, double x);

}  // namespace mho::behavioral
