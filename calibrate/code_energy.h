// SPDX-License-Identifier: Apache-2.0
// Energy of a conversion as a function of its code, from conversions that were measured.
#pragma once

#include <span>
#include <vector>

#include "calibrate/adc_study.h"
#include "netlist/spec.h"

namespace mho::calibrate {

// One value for each of 2^bits codes, fitted by least squares to at least 8 conversions:
//   ramp: a line, since one stage of the comparator conducts until it trips;
//   SAR: charge balance of a binary array. Raising 2^k units while those of code a are at the high
//   reference moves the plate by 2^k of all units and pulls a 2^k from that reference; a bit that
//   is dropped again does the same on its way back. So with x = code / 2^bits, a_k the part of the
//   code above bit k and b_k the bits,
//     E = e0 + e1 x + e2 x^2 + e3 sum 2^k a_k + e4 sum (1 - b_k) 2^k a_k + e5 sum b_k,
//   in which x stands for what the input's sampling takes and the last sum for the drivers.
std::vector<double> fit_code_energy(netlist::AdcKind kind, int bits,
                                    std::span<const CodeEnergy> measured);

// Straight lines between the codes that were measured, for converters of any kind; codes rise.
std::vector<double> interpolate_code_energy(int bits, std::span<const CodeEnergy> measured);

}  // namespace mho::calibrate
