// SPDX-License-Identifier: Apache-2.0
// Small-signal benches of the read-out and of what a column puts before it.
#include <fmt/format.h>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/cell.h"
#include "netlist/row_driver.h"

namespace mho::netlist {
namespace {

constexpr int kPointsPerDecade = 20;

Deck small_signal_deck(const Design& design, const std::string& title) {
    Deck deck = start_deck(design, title);
    deck.klu = false;  // few nodes
    deck.analysis =
        SmallSignal{.points_per_decade = kPointsPerDecade, .from_hertz = 1e6, .to_hertz = 1e11};
    return deck;
}

}  // namespace

Deck readout_small_signal_bench(const Design& design, double ampere) {
    Deck deck = small_signal_deck(design, fmt::format("read-out about {} A", ampere));
    Circuit& c = deck.circuit;
    c.current_source("iin", kGround, c.net("in"), {.dc = ampere, .ac = 1});
    add_readout(c, design);
    deck.saved = {"v(in)", "v(out)"};
    if (design.spec.adc.kind == AdcKind::sar) {
        add_tracking_sar(deck, design, "out");
        return deck;
    }
    constexpr double kNever = 1;  // second
    add_converter(c, design, "out", kNever);
    return deck;
}

Deck column_port_bench(const Design& design, std::span<const double> states) {
    require_plain_array(design, "the bench of a column's port");
    if (states.empty()) throw bad_input("column port: no states, expected at least one");
    Deck deck = small_signal_deck(design, fmt::format("port of {} cells", states.size()));
    Circuit& c = deck.circuit;
    const double common = design.spec.readout.common_mode_volt;
    hold(c, "vddh", "vddh", io_volt(design));
    const Cell cell = make_cell(design.spec);
    hold_gates(c, design, cell);
    c.section("reference levels and row drivers");
    const Definition driver = row_driver(design.spec.driver);
    const CrossbarWires wires = crossbar_wires(design);
    const int rows = static_cast<int>(states.size());
    Eigen::MatrixXd column(rows, 1);
    for (int i = 0; i < rows; ++i) {
        column(i, 0) = states[static_cast<std::size_t>(i)];
        c.voltage_source(fmt::format("vref_{}", i), c.net("ref", i), kGround, {.dc = common});
        add_row_driver(c, driver, i);
        if (design.spec.array.columns > 1 && wires.row.farad > 0) {
            c.capacitor(fmt::format("crest_{}", i), c.net("row", i), kGround,
                        wires.row.farad * (design.spec.array.columns - 1));
        }
    }
    c.section("array");
    add_array(c, crossbar(cell, column, {}, wires));
    c.voltage_source("vport", c.net("col", 0), kGround, {.dc = common, .ac = 1});
    deck.saved = {"i(vport)"};
    return deck;
}

}  // namespace mho::netlist
