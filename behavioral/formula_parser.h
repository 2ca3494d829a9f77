// SPDX-License-Identifier: Apache-2.0
// The steps of a formula from its text. Private to formula.cpp.
#pragma once

#include <string_view>
#include <vector>

#include "behavioral/formula.h"

namespace mho::behavioral {

// Throws bad_input as Formula does.
std::vector<FormulaStep> parse_formula(std::string_view text);

}  // namespace mho::behavioral
