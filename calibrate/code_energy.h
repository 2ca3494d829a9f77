// SPDX-License-Identifier: Apache-2.0
// Energy of a conversion as a function of its code, from conversions that were measured.
#pragma once

#include <span>
#include <vector>

#include "calibrate/adc_study.h"
#include "netlist/spec.h"

namespace mho::calibrate {

// One value for each of 2^bits codes, fitted by least squares to at least 8 conversions:
//   ramp: a polynomial of third degree, since one stage of the comparator conducts until it trips,
//   and some more near either end; at the middle of each code;
//   SAR: a sum over its bits and over pairs of the highest four. The array is linear, so the
//   charges that references deliver as bits are tried, kept and dropped are sums over bits and
//   pairs of bits; those of the low ones are small.
std::vector<double> fit_code_energy(netlist::AdcKind kind, int bits,
                                    std::span<const CodeEnergy> measured);

// Straight lines between the codes that were measured, for converters of any kind; codes rise.
std::vector<double> interpolate_code_energy(int bits, std::span<const CodeEnergy> measured);

}  // namespace mho::calibrate
