// SPDX-License-Identifier: Apache-2.0
#include "netlist/cell_1t1r.h"

namespace mho::netlist {

Definition cell_1t1r(const CellSpec& spec) {
    Circuit c("cell_1t1r", {"row", "col", "wl"}, {{"r", 1 / spec.g_min_siemens}});
    c.describe("programmable resistor r in series with an I/O access transistor");
    const NetId middle = c.net("n");
    c.resistor("rcell", c.net("row"), middle, Value::parameter("r"));
    c.mosfet("m1", {.drain = middle, .gate = c.net("wl"), .source = c.net("col"), .bulk = kGround},
             "nch_io", {.width_m = spec.access_width_m, .length_m = spec.access_length_m});
    return share(std::move(c));
}

}  // namespace mho::netlist
