// SPDX-License-Identifier: Apache-2.0
#include "netlist/column_multiplexer.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "netlist/gates.h"

namespace mho::netlist {
namespace {

constexpr int kPathSettledBits = 10;

std::vector<std::string> ports(int columns) {
    std::vector<std::string> all;
    for (int j = 0; j < columns; ++j) all.push_back(fmt::format("in_{}", j));
    for (int j = 0; j < columns; ++j) all.push_back(fmt::format("sel_{}", j));
    all.insert(all.end(), {"out", "vdd"});
    return all;
}

}  // namespace

Definition column_multiplexer(int columns, double load_farad, double settle_second) {
    Circuit c(fmt::format("column_multiplexer_{}", columns), ports(columns));
    c.describe("one of the columns to the converter");
    const Gates gates(c);
    const double width = switch_width_m(load_farad, settle_second, kPathSettledBits);
    for (int j = 0; j < columns; ++j) {
        const std::string on = fmt::format("sel_{}", j);
        const std::string off = fmt::format("selb_{}", j);
        gates.inverter(fmt::format("i{}", j), on, off, width / 4);
        gates.transmission_gate(fmt::format("t{}", j), fmt::format("in_{}", j), "out", on, off,
                                width);
    }
    return share(std::move(c));
}

}  // namespace mho::netlist
