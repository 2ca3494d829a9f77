// SPDX-License-Identifier: Apache-2.0
// Benches of blocks at dc: cell, driver, read-out and its noise, and the driver's gate charge.
#include <fmt/format.h>

#include <functional>
#include <vector>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/cell.h"
#include "netlist/row_driver.h"

namespace mho::netlist {
namespace {

// Sweeps `source` symmetrically about `middle`.
DcSweep symmetric_sweep(const std::string& source, double middle, double reach, int points) {
    return {.source = source,
            .start = middle - reach,
            .stop = middle + reach,
            .step = 2 * reach / (points - 1)};
}

void require_transimpedance(const Design& design) {
    if (design.spec.readout.kind != ReadoutKind::integrator) return;
    throw bad_input(
        "{}: [readout] kind: expected \"transimpedance\" or \"subckt\" for this bench, found "
        "\"integrator\"",
        design.spec.name);
}

// The nets of a cell between two nets; gates and biases have the nets of hold_gates.
std::vector<NetId> cell_nets(Circuit& c, const Cell& cell, NetId row, NetId column) {
    std::vector<NetId> nets;
    for (std::size_t k = 0; k < cell.ports.size(); ++k) {
        const CellPort::Role role = cell.ports[k].role;
        nets.push_back(role == CellPort::Role::row      ? row
                       : role == CellPort::Role::column ? column
                       : role == CellPort::Role::ground ? kGround
                                                        : c.net(cell.port_name(k)));
    }
    return nets;
}

// Cells side by side with their gates on, from net row to a net each; `end_column` puts the source
// vcol_<k> at its other end, whose current is saved.
void add_cells(Deck& deck, const Design& design, std::span<const double> g_siemens, CellSign sign,
               const std::function<void(int)>& end_column) {
    Circuit& c = deck.circuit;
    Spec all_on = design.spec;
    all_on.array.shape.topology = Topology::a;
    const Cell cell = make_cell(all_on);
    hold_gates(c, {all_on, design.technology}, cell);
    c.section("cells, each with its own column");
    int k = 0;
    for (const double g : g_siemens) {
        c.instance(fmt::format("xcell_{}", k), cell.definition,
                   cell_nets(c, cell, c.net("row"), c.net("col", k)), cell.state(g, sign));
        end_column(k);
        deck.saved.push_back(current_vector("", fmt::format("vcol_{}", k)));
        ++k;
    }
}

}  // namespace

Deck cell_bench(const Design& design, std::span<const double> g_siemens, const CellSweep& sweep) {
    const double common = design.spec.readout.common_mode_volt;
    Deck deck = start_deck(design, "cells at dc");
    Circuit& c = deck.circuit;
    c.section("one row voltage for all cells");
    hold(c, "vrow", "row", common);
    add_cells(deck, design, g_siemens, CellSign::positive, [&](int k) {
        const NetId column = c.net("col", k);
        c.voltage_source(fmt::format("vcol_{}", k), column, kGround, {.dc = common});
    });
    deck.analysis = symmetric_sweep("vrow", common, sweep.v_max_volt, sweep.points);
    return deck;
}

Deck gated_cell_bench(const Design& design, std::span<const double> g_siemens, CellSign sign,
                      const CellSweep& sweep) {
    const double side = sign == CellSign::positive ? 1 : -1;
    const double source =
        design.spec.readout.common_mode_volt + side * design.spec.driver.amplitude_volt;
    Deck deck = start_deck(design, "gated cells at dc");
    Circuit& c = deck.circuit;
    c.section("source line, and one bitline voltage for all cells");
    hold(c, "vrow", "row", source);
    hold(c, "vline", "line", source);
    add_cells(deck, design, g_siemens, sign, [&](int k) {
        c.voltage_source(fmt::format("vcol_{}", k), c.net("col", k), c.net("line"), {.dc = 0.0});
    });
    const double last = source - side * sweep.v_max_volt;
    deck.analysis = DcSweep{.source = "vline",
                            .start = source,
                            .stop = last,
                            .step = (last - source) / (sweep.points - 1)};
    return deck;
}

Deck driver_bench(const Design& design, std::span<const double> level_volt,
                  const CurrentSweep& sweep) {
    Deck deck = start_deck(design, "row drivers at dc");
    Circuit& c = deck.circuit;
    // The swept voltage stands for the load current in microampere.
    hold(c, "vload", "load", 0);
    hold(c, "vddh", "vddh", io_volt(design));
    const Definition driver = row_driver(design.spec.driver);
    int k = 0;
    for (const double level : level_volt) {
        c.voltage_source(fmt::format("vref_{}", k), c.net("ref", k), kGround,
                         {.dc = design.spec.readout.common_mode_volt + level});
        add_row_driver(c, driver, k);
        c.behavioural_current(fmt::format("bload_{}", k), c.net("row", k), kGround, "1e-6*v(load)");
        deck.saved.push_back(voltage_vector("", fmt::format("row_{}", k)));
        ++k;
    }
    deck.analysis = symmetric_sweep("vload", 0, 1e6 * sweep.i_max_ampere, sweep.points);
    return deck;
}

Deck driver_switch_bench(const Design& design) {
    const double high = io_volt(design);
    Deck deck = start_deck(design, "gate charge of a row driver");
    Circuit& c = deck.circuit;
    hold(c, "vddh", "vddh", high);
    hold(c, "vref", "ref", design.spec.readout.common_mode_volt);
    const Pulse on{.initial = 0,
                   .pulsed = high,
                   .delay_second = 1e-9,
                   .rise_second = 0.1e-9,
                   .fall_second = 0.1e-9,
                   .width_second = 10e-9};
    Pulse off = on;
    std::swap(off.initial, off.pulsed);
    c.voltage_source("ven", c.net("en"), kGround, {.dc = 0.0, .waveform = on});
    c.voltage_source("venb", c.net("enb"), kGround, {.dc = high, .waveform = off});
    c.instance("xdriver", row_driver(design.spec.driver),
               {c.net("ref"), c.net("row"), c.net("en"), c.net("enb"), c.net("vddh")});
    c.capacitor("crow", c.net("row"), kGround,
                crossbar_wires(design).row.farad * design.spec.array.columns);
    // Holds the row while the driver is off, as another branch of the multiplexer would.
    c.resistor("rother", c.net("row"), c.net("ref"), 1e6);
    c.section("another driver, always on, whose level steps up from the common mode");
    const double common = design.spec.readout.common_mode_volt;
    c.voltage_source("vstep", c.net("ref_step"), kGround,
                     {.dc = common,
                      .waveform = Pulse{.initial = common,
                                        .pulsed = common + design.spec.driver.amplitude_volt,
                                        .delay_second = 1e-9,
                                        .rise_second = 0.1e-9,
                                        .fall_second = 0.1e-9,
                                        .width_second = 1e-6}});
    c.instance("xstep", row_driver(design.spec.driver),
               {c.net("ref_step"), c.net("row_step"), c.net("vddh"), kGround, c.net("vddh")});
    c.capacitor("cstep", c.net("row_step"), kGround,
                crossbar_wires(design).row.farad * design.spec.array.columns);
    deck.saved = {"i(ven)", "i(venb)", "v(en)", "v(enb)", "i(vstep)"};
    deck.analysis =
        Transient{.step_second = 0.1e-9, .stop_second = 22e-9, .max_step_second = 50e-12};
    return deck;
}

Deck readout_bench(const Design& design, const CurrentSweep& sweep) {
    require_transimpedance(design);
    Deck deck = start_deck(design, "read-out at dc");
    Circuit& c = deck.circuit;
    c.current_source("iin", kGround, c.net("in"), {.dc = 0.0});
    add_readout(c, design);
    deck.saved = {"v(out)", "v(in)", "i(vdd_readout)"};
    deck.analysis = symmetric_sweep("iin", 0, sweep.i_max_ampere, sweep.points);
    return deck;
}

Deck readout_noise_bench(const Design& design) {
    require_transimpedance(design);
    Deck deck = start_deck(design, "noise of the read-out");
    deck.klu = false;  // ngspice 46 refuses .noise with KLU
    Circuit& c = deck.circuit;
    c.current_source("iin", kGround, c.net("in"), {.dc = 0.0, .ac = 1});
    // A column at rest: half of its cells at each end of the range, and its wire.
    const ArraySpec& array = design.spec.array;
    const double mean_g = 0.5 * (design.spec.cell.g_min_siemens + design.spec.cell.g_max_siemens);
    add_readout(c, design);
    c.section("what a column of cells puts before it");
    c.resistor("rcells", c.net("in"), c.net("vcm"), 1 / (array.rows * mean_g));
    c.capacitor("ccolumn", c.net("in"), kGround, array.rows * crossbar_wires(design).column.farad);
    deck.saved = {"onoise_total"};
    deck.analysis = wide_noise("out", "iin", 10);
    return deck;
}

}  // namespace mho::netlist
