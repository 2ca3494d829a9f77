// SPDX-License-Identifier: Apache-2.0
// Transients: one conversion of a voltage, and one whole read-out column.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/cell_1t1r.h"
#include "netlist/ramp_adc.h"
#include "netlist/row_driver.h"

namespace mho::netlist {
namespace {

// After the last code the comparator may still be on its way.
constexpr double kTripMarginSecond = 8e-9;

Transient transient(double stop_second, double max_step_second) {
    return {.step_second = 1e-9, .stop_second = stop_second, .max_step_second = max_step_second};
}

Measure trip_measure(const Design& design) {
    return {"trip_time", fmt::format("when v(trip)={} rise=last", number_text(core_volt(design) / 2))};
}

void require_ramp(const Design& design, std::string_view what) {
    if (design.spec.adc.kind == AdcKind::ramp) return;
    throw bad_input("{}: [adc] kind: {} needs \"ramp\", found \"sar\"", design.spec.name, what);
}

}  // namespace

ColumnTiming conversion_timing(const Spec& spec, double settle_second) {
    ColumnTiming timing;
    timing.ramp_second =
        timing.input_second + std::max(settle_second, ramp_reset_second(spec.adc));
    timing.stop_second = timing.ramp_second + counter_delay_second(spec.adc) +
                         ramp_second(spec.adc) + kTripMarginSecond;
    return timing;
}

Deck adc_bench(const Design& design, double input_volt, const ColumnTiming& timing) {
    require_ramp(design, "the bench of a ramp");
    Deck deck = start_deck(design, fmt::format("conversion of {} V", number_text(input_volt)));
    Circuit& c = deck.circuit;
    hold(c, "vin", "in", input_volt);
    add_converter(c, design, "in", timing.ramp_second);
    deck.saved = {"v(trip)", "v(ramp)", "i(vdd_comparator)", "i(vdd_ramp)"};
    deck.measures = {trip_measure(design)};
    deck.analysis = transient(timing.stop_second, 0.5e-9);
    return deck;
}

Deck column_bench(const Design& design, std::span<const double> states,
                  std::span<const double> inputs, const ColumnTiming& timing) {
    require_ramp(design, "a read-out column");
    const Spec& spec = design.spec;
    const double common = spec.readout.common_mode_volt;
    if (states.empty() || states.size() != inputs.size()) {
        throw bad_input("column bench: {} states but {} inputs", states.size(), inputs.size());
    }
    Deck deck = start_deck(design, fmt::format("read-out column of {} cells", states.size()));
    Circuit& c = deck.circuit;
    c.section("supplies and selected wordlines");
    hold(c, "vddh", "vddh", io_volt(design));
    hold(c, "vwl", "wl", spec.cell.wordline_volt);
    c.section("reference levels and row drivers");
    const Definition driver = row_driver(spec.driver);
    const CrossbarWires wires = crossbar_wires(design);
    const int rows = static_cast<int>(states.size());
    Eigen::MatrixXd column(rows, 1);
    for (int i = 0; i < rows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        column(i, 0) = states[at];
        const std::string name = fmt::format("vref_{}", i);
        c.voltage_source(name, c.net("ref", i), kGround,
                         {.dc = common,
                          .waveform = Pwl{{{0, common},
                                           {timing.input_second, common},
                                           {timing.input_second + 0.1e-9, common + inputs[at]}}}});
        add_row_driver(c, driver, i);
        // The row wire behind this column's cell.
        if (spec.array.columns > 1 && wires.row.farad > 0) {
            c.capacitor(fmt::format("crest_{}", i), c.net("row", i), kGround,
                        wires.row.farad * (spec.array.columns - 1));
        }
        deck.saved.push_back(current_vector("", name));
    }
    c.section("array");
    add_array(c, crossbar(cell_1t1r(spec.cell), column, wires));
    // The column's port is the read-out's input.
    c.voltage_source("vcolumn", c.net("col", 0), c.net("in"), {.dc = 0.0});
    add_readout(c, design);
    add_converter(c, design, "out", timing.ramp_second);
    for (const char* vector : {"v(out)", "v(trip)", "i(vcolumn)", "i(vdd_readout)",
                               "i(vdd_comparator)", "i(vdd_ramp)"}) {
        deck.saved.emplace_back(vector);
    }
    deck.measures = {trip_measure(design)};
    deck.analysis = transient(timing.stop_second, 1e-9);
    return deck;
}

}  // namespace mho::netlist
