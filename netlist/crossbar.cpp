// SPDX-License-Identifier: Apache-2.0
#include "netlist/crossbar.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace mho::netlist {
namespace {

std::vector<std::string> port_names(int rows, int columns) {
    std::vector<std::string> names;
    for (int i = 0; i < rows; ++i) names.push_back(fmt::format("row_{}", i));
    for (int j = 0; j < columns; ++j) names.push_back(fmt::format("col_{}", j));
    names.emplace_back("wl");
    return names;
}

// A wire that costs nothing is no device: its two ends are one net.
void segment(Circuit& c, const std::string& name, NetId from, NetId to, double ohm) {
    if (from != to) c.resistor("r" + name, from, to, ohm);
}

void load(Circuit& c, const std::string& name, NetId net, double farad) {
    if (farad > 0) c.capacitor("c" + name, net, kGround, farad);
}

}  // namespace

Definition crossbar(const Definition& cell, const Eigen::MatrixXd& states,
                    const CrossbarWires& wires) {
    const int rows = static_cast<int>(states.rows());
    const int columns = static_cast<int>(states.cols());
    Circuit c("crossbar", port_names(rows, columns));
    c.describe(fmt::format("{} x {} cells with distributed wires", rows, columns));
    const auto row_net = [&](int i, int j) {
        return wires.row.ohm > 0 ? c.net("u", i, j) : c.net("row", i);
    };
    const auto column_net = [&](int i, int j) {
        return wires.column.ohm > 0 ? c.net("w", i, j) : c.net("col", j);
    };
    for (int i = 0; i < rows; ++i) {
        c.section(fmt::format("row {}", i));
        for (int j = 0; j < columns; ++j) {
            const std::string at = fmt::format("_{}_{}", i, j);
            const NetId u = row_net(i, j);
            const NetId w = column_net(i, j);
            segment(c, "row" + at, j == 0 ? c.net("row", i) : row_net(i, j - 1), u,
                    wires.row.ohm);
            c.instance("xcell" + at, cell, {u, w, c.net("wl")}, {{"r", 1 / states(i, j)}});
            segment(c, "col" + at, w, i + 1 < rows ? column_net(i + 1, j) : c.net("col", j),
                    wires.column.ohm);
            load(c, "row" + at, u, wires.row.farad);
            load(c, "col" + at, w, wires.column.farad);
        }
    }
    return share(std::move(c));
}

}  // namespace mho::netlist
