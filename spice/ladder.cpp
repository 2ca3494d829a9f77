// SPDX-License-Identifier: Apache-2.0
#include "spice/ladder.h"

#include <string_view>
#include <vector>

#include "spice/deck.h"

namespace mho::spice {

std::string rung_options(int rung, Trouble last) {
    if (rung <= 0) return {};
    return std::string(".option itl1=1000 itl2=500 itl4=200 method=gear") +
           (last == Trouble::singular_matrix ? " sparse" : "");
}

std::string on_rung(const std::string& netlist, int rung, Trouble last) {
    const std::string options = rung_options(rung, last);
    if (options.empty()) return netlist;
    const std::size_t end = end_line_offset(netlist);
    if (end == std::string::npos) return netlist;
    return netlist.substr(0, end) + options + '\n' + netlist.substr(end);
}

}  // namespace mho::spice
