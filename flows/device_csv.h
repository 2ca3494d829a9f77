// SPDX-License-Identifier: Apache-2.0
// Tables of measured states as CSV: one row for each state and each time or dose.
#pragma once

#include <string_view>
#include <vector>

#include "behavioral/device_model.h"

namespace mho::flows {

// Comma-separated with a header row `HEADER,state,mean,sigma`, `#` comments and empty lines. Each
// distinct value of the first column, times `unit`, gives a map that is straight between its
// states: mean of the starting state, and sigma of the mean. Throws bad_input "WHERE:LINE: ..." for
// another header, a row that is not four finite numbers, fewer than two states, or states or means
// that do not rise.
std::vector<behavioral::StateMap> read_state_maps(std::string_view text, std::string_view where,
                                                  std::string_view header, double unit);

// The same with the header `state,sigma`: one formula.
behavioral::Formula read_sigma_table(std::string_view text, std::string_view where);

}  // namespace mho::flows
