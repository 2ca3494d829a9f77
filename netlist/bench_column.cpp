// SPDX-License-Identifier: Apache-2.0
// Transients: one conversion of a voltage, and one whole read-out column.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/bench_converter.h"
#include "netlist/bit_serial.h"
#include "netlist/cell.h"
#include "netlist/ramp_adc.h"
#include "netlist/row_driver.h"
#include "netlist/sample_hold.h"

namespace mho::netlist {
namespace {

// What start_deck asks for, loosened where the whole macro does not feel it: nine tenths of its
// time goes into transistors, so those at rest keep their last values (bypass), and the steps are
// those of larger charges and truncation errors. Trips move by 2 ps rms against the tighter
// settings, which are themselves 1 ps from a limit of short steps (docs/calibration.md).
constexpr std::array<const char*, 7> kMacroOptions{"reltol=1e-4",  "vntol=1e-6", "abstol=1e-11",
                                                   "chgtol=1e-15", "trtol=12",   "bypass=1",
                                                   "method=gear"};

// After the last code the comparator may still be on its way.
constexpr double kTripMarginSecond = 8e-9;

Transient column_transient(double stop_second, double max_step_second) {
    return {.step_second = 1e-9, .stop_second = stop_second, .max_step_second = max_step_second};
}

Measure trip_measure(const Design& design, const std::string& suffix = {}) {
    return {"trip_time" + suffix,
            fmt::format("when v(trip{})={} rise=last", suffix, number_text(core_volt(design) / 2))};
}

// A row driver and its reference level, which steps from the common mode to `volt` about it.
// Returns the vector of the reference's current.
std::string add_stepped_row(Circuit& c, const Definition& driver, const Design& design, int row,
                            double volt, const ColumnTiming& timing) {
    const double common = design.spec.readout.common_mode_volt;
    const std::string name = fmt::format("vref_{}", row);
    c.voltage_source(name, c.net("ref", row), kGround,
                     {.dc = common,
                      .waveform = Pwl{{{0, common},
                                       {timing.input_second, common},
                                       {timing.input_second + kInputEdgeSecond, common + volt}}}});
    add_row_driver(c, driver, row);
    return current_vector("", name);
}

void require_own_converter(const Design& design, std::string_view what) {
    const AdcSpec& spec = design.spec.adc;
    if (spec.kind == AdcKind::user_subcircuit) {
        throw bad_input("{}: [adc] kind: {} needs \"ramp\" or \"sar\", found \"subckt\"",
                        design.spec.name, what);
    }
}

bool has_sar(const Design& design) {
    return design.spec.adc.kind == AdcKind::sar;
}

void add_column_converter(Deck& deck, const Design& design, const ColumnTiming& timing) {
    Circuit& c = deck.circuit;
    if (!has_sar(design)) {
        add_converter(c, design, "out", timing.ramp_second);
        for (const char* vector : {"v(trip)", "i(vdd_comparator)", "i(vdd_ramp)"}) {
            deck.saved.emplace_back(vector);
        }
        deck.measures = {trip_measure(design)};
    } else if (timing.ramp_second > timing.stop_second) {
        add_tracking_sar(deck, design, "out");
    } else {
        add_sar_sources(deck, design, timing);
        c.section("converter of this column");
        add_sar(deck, design, "out");
    }
}

// A sample-and-hold that samples as it does at the end of a bit-serial multiply: the comparator has
// not come to rest when the ramp starts, and both push the sampled charge.
void add_held_input(Circuit& c, const Design& design, double volt, double release_second) {
    const BitSerialTiming phases = bit_serial_timing(design.spec);
    const double late = release_second - phases.ramp_second;
    const double start = phases.sample_start() + late, stop = phases.sample_stop() + late;
    const double before = design.spec.readout.integrator.start_volt;
    c.voltage_source(
        "vin", c.net("sampled"), kGround,
        {.dc = before,
         .waveform = Pwl{{{0, before}, {start - kInputEdgeSecond, before}, {start, volt}}}});
    hold(c, "vdd_hold", "vdd_hold", core_volt(design));
    c.voltage_source("vsample", c.net("sample"), kGround,
                     high_between(start, stop, core_volt(design)));
    c.instance("xhold", sample_hold(design.spec.readout),
               {{"in", c.net("sampled")},
                {"out", c.net("in")},
                {"sample", c.net("sample")},
                {"vdd", c.net("vdd_hold")}});
}

void require_ramp(const Design& design, std::string_view what) {
    if (design.spec.adc.kind == AdcKind::ramp) return;
    throw bad_input("{}: [adc] kind: {} needs \"ramp\", found \"{}\"", design.spec.name, what,
                    design.spec.adc.kind == AdcKind::sar ? "sar" : "subckt");
}

}  // namespace

ColumnTiming conversion_timing(const Spec& spec, double settle_second) {
    ColumnTiming timing;
    if (spec.adc.kind == AdcKind::sar) {
        // Less than a picosecond over a period is the rounding of what made up settle_second.
        const double periods = std::ceil((settle_second - 1e-12) * spec.adc.sar.bit_clock_hertz);
        timing.ramp_second =
            timing.input_second +
            std::max<double>(periods, spec.adc.sar.sample_cycles) / spec.adc.sar.bit_clock_hertz;
        timing.stop_second = sar_timing(spec.adc, timing).stop_second();
        return timing;
    }
    timing.ramp_second = timing.input_second + std::max(settle_second, ramp_reset_second(spec.adc));
    timing.stop_second = timing.ramp_second + counter_delay_second(spec.adc) +
                         ramp_second(spec.adc) + kTripMarginSecond;
    return timing;
}

Deck adc_bench(const Design& design, double input_volt, const ColumnTiming& timing,
               std::optional<double> others_volt) {
    require_ramp(design, "the bench of a ramp");
    Deck deck = start_deck(design, fmt::format("conversion of {} V", number_text(input_volt)));
    Circuit& c = deck.circuit;
    if (design.spec.readout.kind == ReadoutKind::integrator) {
        add_held_input(c, design, input_volt, timing.ramp_second);
    } else {
        hold(c, "vin", "in", input_volt);
    }
    add_converter(c, design, "in", timing.ramp_second, others_volt);
    deck.saved = {"v(trip)", "v(ramp)", "i(vdd_comparator)", "i(vdd_ramp)"};
    if (design.spec.readout.kind == ReadoutKind::integrator) deck.saved.emplace_back("v(in)");
    deck.measures = {trip_measure(design)};
    deck.analysis = column_transient(timing.stop_second, 0.5e-9);
    return deck;
}

Deck column_bench(const Design& design, std::span<const double> states,
                  std::span<const double> inputs, const ColumnTiming& timing,
                  double max_step_second) {
    require_own_converter(design, "a read-out column");
    const Spec& spec = design.spec;
    if (states.empty() || states.size() != inputs.size()) {
        throw bad_input("column bench: {} states but {} inputs", states.size(), inputs.size());
    }
    require_plain_array(design, "the bench of a read-out column");
    Deck deck = start_deck(design, fmt::format("read-out column of {} cells", states.size()));
    Circuit& c = deck.circuit;
    c.section("supplies and selected wordlines");
    hold(c, "vddh", "vddh", io_volt(design));
    const Cell cell = make_cell(spec);
    hold_gates(c, design, cell);
    c.section("reference levels and row drivers");
    const Definition driver = row_driver(spec.driver);
    const CrossbarWires wires = crossbar_wires(design);
    const int rows = static_cast<int>(states.size());
    Eigen::MatrixXd column(rows, 1);
    for (int i = 0; i < rows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        column(i, 0) = states[at];
        deck.saved.push_back(add_stepped_row(c, driver, design, i, inputs[at], timing));
        // The row wire behind this column's cell.
        if (spec.array.columns > 1 && wires.row.farad > 0) {
            c.capacitor(fmt::format("crest_{}", i), c.net("row", i), kGround,
                        wires.row.farad * (spec.array.columns - 1));
        }
    }
    c.section("array");
    add_array(c, crossbar(cell, column, {}, wires));
    // The column's port is the read-out's input.
    c.voltage_source("vcolumn", c.net("col", 0), c.net("in"), {.dc = 0.0});
    add_readout(c, design);
    for (const char* vector : {"v(out)", "i(vcolumn)", "i(vdd_readout)"}) {
        deck.saved.emplace_back(vector);
    }
    add_column_converter(deck, design, timing);
    deck.analysis = column_transient(timing.stop_second, max_step_second);
    return deck;
}

Deck macro_bench(const Design& design, const Eigen::MatrixXd& states,
                 std::span<const double> inputs, const ColumnTiming& timing) {
    require_own_converter(design, "a macro");
    const Spec& spec = design.spec;
    const auto rows = static_cast<int>(states.rows());
    const auto columns = static_cast<int>(states.cols());
    if (states.size() == 0 || states.rows() != static_cast<Eigen::Index>(inputs.size()) ||
        (!has_sar(design) && columns > spec.adc.shared_by)) {
        throw bad_input("macro bench: {} x {} states with {} inputs and a ramp for {} columns",
                        rows, columns, inputs.size(), spec.adc.shared_by);
    }
    require_plain_array(design, "the bench of a macro");
    Deck deck = start_deck(design, fmt::format("macro of {} x {} cells", rows, columns));
    deck.options = {kMacroOptions.begin(), kMacroOptions.end()};
    Circuit& c = deck.circuit;
    c.section("supplies and selected wordlines");
    hold(c, "vddh", "vddh", io_volt(design));
    const Cell cell = make_cell(spec);
    hold_gates(c, design, cell);
    c.section("reference levels and row drivers");
    const Definition driver = row_driver(spec.driver);
    for (int i = 0; i < rows; ++i) {
        deck.saved.push_back(
            add_stepped_row(c, driver, design, i, inputs[static_cast<std::size_t>(i)], timing));
    }
    c.section("array");
    add_array(c, crossbar(cell, states, {}, crossbar_wires(design)));
    if (has_sar(design)) {
        add_sar_sources(deck, design, timing);
    } else {
        c.section("ramp, shared by the columns");
        add_ramp(c, design, timing.ramp_second, columns);
        deck.saved.insert(deck.saved.end(), {"i(vdd_comparator)", "i(vdd_ramp)"});
    }
    c.section(has_sar(design) ? "read-outs and converters" : "read-outs and comparators");
    add_readout_supplies(c, design);
    if (!has_sar(design)) hold(c, "vdd_comparator", "vdd_comparator", core_volt(design));
    deck.saved.emplace_back("i(vdd_readout)");
    for (int j = 0; j < columns; ++j) {
        const std::string suffix = fmt::format("_{}", j);
        add_amplifier(c, design, "col" + suffix, "out" + suffix, suffix);
        if (has_sar(design)) {
            add_sar(deck, design, "out" + suffix, suffix);
            continue;
        }
        add_comparator(c, design, "out" + suffix, "trip" + suffix, suffix);
        deck.saved.push_back(fmt::format("v(trip{})", suffix));
        deck.measures.push_back(trip_measure(design, suffix));
    }
    deck.analysis = column_transient(timing.stop_second, 2e-9);
    return deck;
}

}  // namespace mho::netlist
