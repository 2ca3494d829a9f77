// SPDX-License-Identifier: Apache-2.0
// A job's netlist as ngspice gets it, checked before: ngspice itself accepts garbage lines without
// a word.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "spice/request.h"

namespace mho::spice {

// Where the last line that says ".end" starts, or npos.
std::size_t end_line_offset(std::string_view netlist);

// The netlist as lines for ngSpice_Circ, with ".save" lines for the requests before ".end". Throws
// Error(bad_input) naming the line when one is no title, comment, continuation, known dot command
// or element with enough fields, or when ".end" is not the last line. Included files are not
// looked at. Sources "external" are refused unless `external_sources`, and always those that have a
// dc value too, which ngspice takes for some analyses only, or crashes on.
std::vector<std::string> deck_lines(std::string_view netlist, const Analysis& analysis,
                                    const std::vector<VectorRequest>& requests,
                                    bool external_sources = false);

}  // namespace mho::spice
