// SPDX-License-Identifier: Apache-2.0
// A card at another corner, temperature and supply: its parameters between those measured there.
#pragma once

#include <string>

#include "behavioral/card.h"

namespace mho::behavioral {

struct Condition {
    std::string corner;
    double temperature_celsius = 27;
    double supply = 1;  // of all supplies, as a part of the nominal
};

inline constexpr int kShiftTerms = 10;  // of "adc.shift_<k>"

// The parameters of each ConditionTable by the polynomial through all temperatures and supplies of
// the corner (a product of Lagrange's), so that conditions that were measured come out as they
// were; transitions of the converter by its shift; settling times by those with the dynamics of
// each (TimingModel::mixed), whose coefficients jump where fits find other poles. Provenance names
// the condition; errors and validity stay those of the card, but for the temperature. Throws
// bad_input, one line that says what the card covers, for a condition outside.
ModelCard at_condition(const ModelCard& card, const Condition& condition);

}  // namespace mho::behavioral
