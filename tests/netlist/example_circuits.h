// SPDX-License-Identifier: Apache-2.0
// Small sound circuits that several tests start from.
#pragma once

#include <string>
#include <utility>

#include "netlist/circuit.h"

namespace mho::test {

// Ports in, out; parameters top and bottom (ohm).
inline netlist::Circuit divider_block() {
    using namespace netlist;
    Circuit c("divider", {"in", "out"}, {{"top", 1e3}, {"bottom", 1e3}});
    c.describe("two resistors to ground");
    c.resistor("rtop", c.net("in"), c.net("out"), Value::parameter("top"));
    c.resistor("rbottom", c.net("out"), kGround, Value::parameter("bottom"));
    return c;
}

// 1 V into a divider by 4 and a second one behind it.
inline netlist::Circuit divider_bench() {
    using namespace netlist;
    const Definition divider = share(divider_block());
    Circuit c("bench");
    const NetId in = c.net("in");
    const NetId middle = c.net("middle");
    const NetId out = c.net("out");
    c.section("stimulus");
    c.voltage_source("vin", in, kGround, {.dc = 1.0, .ac = 1});
    c.section("dividers");
    c.instance("x1", divider, {in, middle}, {{"top", 3e3}});
    c.instance("x2", divider, {{"out", out}, {"in", middle}}, {{"top", 1e9}, {"bottom", 1e9}});
    return c;
}

// A rows x columns array of 1T1R cells with wires of resistance and capacitance.
inline netlist::Circuit transistor_array(int rows, int columns) {
    using namespace netlist;
    Circuit cell("cell", {"bl", "sl", "wl"}, {{"r", 100e3}});
    cell.resistor("rcell", cell.net("bl"), cell.net("n"), Value::parameter("r"));
    cell.mosfet(
        "m1",
        {.drain = cell.net("n"), .gate = cell.net("wl"), .source = cell.net("sl"), .bulk = kGround},
        "nch_io", {.width_m = 0.8e-6, .length_m = 0.27e-6});
    const Definition shared_cell = share(std::move(cell));
    Circuit c("array");
    c.voltage_source("vwl", c.net("wl"), kGround, {.dc = 2.5});
    for (int i = 0; i < rows; ++i) {
        const std::string row = std::to_string(i);
        c.voltage_source("vrow_" + row, c.net("row", i, -1 + 1), kGround, {.dc = 0.1});
        for (int j = 0; j < columns; ++j) {
            const std::string at = "_" + row + "_" + std::to_string(j);
            if (j > 0) c.resistor("rrow" + at, c.net("row", i, j - 1), c.net("row", i, j), 1.5);
            if (i > 0) c.resistor("rcol" + at, c.net("col", i - 1, j), c.net("col", i, j), 0.9);
            c.capacitor("crow" + at, c.net("row", i, j), kGround, 0.2e-15);
            c.capacitor("ccol" + at, c.net("col", i, j), kGround, 0.1e-15);
            c.instance("xcell" + at, shared_cell,
                       {c.net("row", i, j), c.net("col", i, j), c.net("wl")},
                       {{"r", 1e5 + 100.0 * i + j}});
        }
    }
    for (int j = 0; j < columns; ++j) {
        c.voltage_source("vsense_" + std::to_string(j), c.net("col", rows - 1, j), kGround,
                         {.dc = 0.0});
    }
    return c;
}

}  // namespace mho::test
