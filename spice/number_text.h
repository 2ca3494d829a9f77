// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mho::spice {

// The first number of a line, outside its comment, that no double holds: "1e400", "9e307k".
// ngspice takes it for infinity, a resistor for one without current. Words that start with a letter
// are names. Empty when there is none.
std::string_view overflowing_number(std::string_view line);

}  // namespace mho::spice
