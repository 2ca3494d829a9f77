// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_bit_serial.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "netlist/array_shape.h"
#include "netlist/bench_common.h"
#include "netlist/current_conveyor.h"
#include "netlist/ramp_adc.h"
#include "netlist/wordline_driver.h"

namespace mho::netlist {
namespace {

constexpr double kSerialEdgeSecond = 50e-12;
constexpr double kSerialReleaseSecond = 0.3e-9;  // a row's reset ends so long before it is set
constexpr double kSerialTripMarginSecond = 8e-9;
constexpr int kSerialMostCells = 64 * 64;  // a whole macro of more takes hours

// As those of netlist/bench_column.cpp, but without bypass, with which integrated bits of small
// currents were up to 1.5 mV wrong while nothing else moved; against steps of at most 0.2 ns and
// charges to 1e-17 C held voltages are within 0.1 mV.
constexpr std::array<const char*, 6> kSerialOptions{"reltol=1e-4",  "vntol=1e-6", "abstol=1e-11",
                                                    "chgtol=1e-16", "trtol=7",    "method=gear"};

bool has_plain_ends(const ArraySpec& array) {
    return array.shape.drive == LineEnds::one && array.shape.sense == LineEnds::one &&
           array.shape.dummy_rows == 0 && array.shape.dummy_columns == 0 &&
           array.terminals == ArrayTerminals{} && array.stuck == StuckCells{};
}

void require_parts(const Design& design) {
    const Spec& spec = design.spec;
    const auto refuse = [&](const char* key, const char* expected) {
        throw bad_input("{}: {}: expected {} for the macro with integrators, found another",
                        spec.name, key, expected);
    };
    if (spec.driver.kind == DriverKind::levels) {
        refuse("[driver] kind", "\"binary\" or \"pulse_width\"");
    }
    if (spec.readout.kind != ReadoutKind::integrator) refuse("[readout] kind", "\"integrator\"");
    if (spec.adc.kind != AdcKind::ramp) refuse("[adc] kind", "\"ramp\"");
    const ArraySpec& array = spec.array;
    if (array.shape.topology != Topology::b) refuse("[array] topology", "\"b\"");
    if (!has_plain_ends(array)) {
        refuse("[array]", "one driven and one sensed end, no dummies, no stuck cells, ideal ends");
    }
}

void require_operands(const Design& design, const Eigen::MatrixXd& states,
                      std::span<const int> codes) {
    const Spec& spec = design.spec;
    if (states.size() == 0 || states.rows() != static_cast<Eigen::Index>(codes.size()) ||
        states.cols() > spec.adc.shared_by) {
        throw bad_input("macro bench: {} x {} states with {} codes and a ramp for {} columns",
                        states.rows(), states.cols(), codes.size(), spec.adc.shared_by);
    }
    const int top = (1 << spec.driver.bits) - 1;
    for (const int code : codes) {
        if (code >= 0 && code <= top) continue;
        throw bad_input("macro bench: expected codes from 0 to {}, found {}", top, code);
    }
}

// The levels of one row's bits in turn.
Stimulus bit_levels(const BitSerialTiming& timing, int code, double vdd) {
    Pwl wave{{{0, 0}}};
    double level = 0;
    for (int k = 0; k <= timing.steps; ++k) {
        const double next = k < timing.steps && (code >> k) % 2 == 1 ? vdd : 0;
        if (next == level) continue;
        wave.points.emplace_back(timing.step_start(k), level);
        wave.points.emplace_back(timing.step_start(k) + kSerialEdgeSecond, next);
        level = next;
    }
    return {.dc = 0.0, .waveform = std::move(wave)};
}

void add_binary_driver(Circuit& c, const Definition& driver, const BitSerialTiming& timing, int row,
                       int code, double vdd) {
    c.voltage_source(fmt::format("vbit_{}", row), c.net("in", row), kGround,
                     bit_levels(timing, code, vdd));
    c.instance(fmt::format("xdriver_{}", row), driver,
               {{"in", c.net("in", row)},
                {"wl", c.net("row", row)},
                {"vdd", c.net("vdd_drivers")},
                {"vddh", c.net("vddh")}});
}

// All rows are set when integration has begun and settled; a row is reset as many periods later as
// its code says, and until then held reset.
void add_pulse_driver(Circuit& c, const Definition& driver, const Design& design,
                      const BitSerialTiming& timing, int row, int code) {
    const double vdd = core_volt(design);
    const double start = timing.integrate_start(0) + timing.settle_second;
    const double period = 1 / design.spec.driver.clock_hertz;
    const double stop = start + code * period;
    Pwl reset{{{0, vdd}}};
    if (code > 0) {
        reset.points = {{0, vdd},
                        {start - kSerialReleaseSecond, vdd},
                        {start - kSerialReleaseSecond + kSerialEdgeSecond, 0},
                        {stop, 0},
                        {stop + kSerialEdgeSecond, vdd}};
    }
    c.voltage_source(fmt::format("vstop_{}", row), c.net("stop", row), kGround,
                     {.dc = vdd, .waveform = std::move(reset)});
    c.instance(fmt::format("xdriver_{}", row), driver,
               {{"set", c.net("set")},
                {"reset", c.net("stop", row)},
                {"wl", c.net("row", row)},
                {"vdd", c.net("vdd_drivers")},
                {"vddh", c.net("vddh")}});
}

void add_drivers(Circuit& c, const Design& design, const BitSerialTiming& timing,
                 std::span<const int> codes) {
    const double load = gate_line_farad(design);
    const bool pulses = design.spec.driver.kind == DriverKind::pulse_width;
    const Definition driver = pulses ? pulse_width_driver(load) : wordline_driver(load);
    if (pulses) {
        const double start = timing.integrate_start(0) + timing.settle_second;
        c.voltage_source(
            "vset", c.net("set"), kGround,
            high_between(start, start + 0.5 / design.spec.driver.clock_hertz, core_volt(design)));
    }
    for (int i = 0; i < static_cast<int>(codes.size()); ++i) {
        const int code = codes[static_cast<std::size_t>(i)];
        if (pulses) {
            add_pulse_driver(c, driver, design, timing, i, code);
        } else {
            add_binary_driver(c, driver, timing, i, code, core_volt(design));
        }
    }
}

// From the bitline's read-out to the comparator, with what is saved and measured of it.
void add_column(Deck& deck, const Design& design, const std::string& suffix) {
    Circuit& c = deck.circuit;
    add_integrator_column(c, design, "col" + suffix, suffix);
    add_comparator(c, design, "hold" + suffix, "trip" + suffix, suffix);
    deck.saved.push_back("v(trip" + suffix + ")");
    deck.saved.push_back("v(hold" + suffix + ")");
    deck.measures.push_back(
        {"trip_time" + suffix,
         fmt::format("when v(trip{})={} rise=last", suffix, number_text(core_volt(design) / 2))});
}

}  // namespace

std::vector<MacroSupply> bit_serial_supplies(const Design& design) {
    const Spec& spec = design.spec;
    const double vdd = core_volt(design);
    std::vector<MacroSupply> all{
        {"gate lines", "vdd_drivers", vdd},
        {"gate lines", "vddh", spec.cell.wordline_volt},
        {"cells", "vread", spec.readout.common_mode_volt + spec.driver.amplitude_volt},
        {"integrators", "vdd_readout", vdd},
        {"integrators", "vstart", spec.readout.integrator.start_volt},
        {"buffers and holds", "vdd_hold", vdd},
        {"comparators", "vdd_comparator", vdd},
        {"ramp", "vdd_ramp", vdd},
        {"ramp", "vlow", spec.adc.low_volt}};
    if (accumulates(spec)) all.push_back({"accumulators", "vdd_accumulator", vdd});
    return all;
}

Deck bit_serial_macro_bench(const Design& given, const Eigen::MatrixXd& states,
                            std::span<const int> codes) {
    require_parts(given);
    // The reference column's comparator hangs on the ramp too.
    Design design = given;
    ++design.spec.adc.shared_by;
    require_operands(given, states, codes);
    const Spec& spec = design.spec;
    const BitSerialTiming timing = bit_serial_timing(spec);
    Deck deck = start_deck(
        design, fmt::format("macro of {} x {} cells, {}-bit inputs, {} step(s)", states.rows(),
                            states.cols(), spec.driver.bits, timing.steps));
    deck.options = {kSerialOptions.begin(), kSerialOptions.end()};
    Circuit& c = deck.circuit;
    c.section("supplies");
    hold(c, "vddh", "vddh", spec.cell.wordline_volt);
    hold(c, "vdd_drivers", "vdd_drivers", core_volt(design));
    hold(c, "vread", "read", spec.readout.common_mode_volt + spec.driver.amplitude_volt);
    const Cell cell = make_cell(spec);
    hold_gates(c, design, cell);
    c.section("input codes and gate line drivers");
    add_drivers(c, design, timing, codes);
    c.section("array");
    const Definition array = crossbar(cell, states, spec.array.shape, crossbar_wires(design));
    add_array(c, array);
    c.section("phases, the same for all columns");
    add_integrator_supplies(c, design, timing);
    c.section("ramp, shared by the columns");
    add_ramp(c, design, timing.ramp_second, static_cast<int>(states.cols()) + 1);
    hold(c, "vdd_comparator", "vdd_comparator", core_volt(design));
    const ArrayLines lines = array_lines(spec.array.shape, states.rows(), states.cols());
    for (const std::string& line : lines.bitlines) {
        const std::string suffix = "_" + line;
        c.section("column " + line);
        c.voltage_source("vsource" + suffix, c.net("read"), c.net("src" + suffix), {.dc = 0.0});
        add_column(deck, design, suffix);
    }
    c.section("reference column: a bitline without cells, at whose trip the counter starts");
    c.capacitor("cwire" + std::string(kReferenceSuffix), c.net("col" + kReferenceSuffix), kGround,
                crossbar_wires(design).column.farad * static_cast<double>(states.rows()));
    add_column(deck, design, kReferenceSuffix);
    const double converted =
        timing.ramp_second + counter_delay_second(spec.adc) + ramp_second(spec.adc);
    for (const MacroSupply& supply : bit_serial_supplies(design)) {
        deck.saved.push_back(current_vector("", supply.source));
        deck.measures.push_back(
            {"charge_" + supply.source,
             fmt::format("integ i({}) from={} to={}", supply.source,
                         number_text(timing.start_second), number_text(converted))});
    }
    deck.analysis = Transient{.step_second = 0.1e-9,
                              .stop_second = converted + kSerialTripMarginSecond,
                              .max_step_second = 1e-9};
    return deck;
}

bool is_bit_serial_macro(const Spec& spec) {
    const int lines = bitlines(spec.array.shape, spec.array.columns);
    return spec.driver.kind == DriverKind::binary && spec.readout.kind == ReadoutKind::integrator &&
           spec.adc.kind == AdcKind::ramp && spec.array.shape.topology == Topology::b &&
           has_plain_ends(spec.array) && lines <= spec.adc.shared_by &&
           spec.array.rows * lines <= kSerialMostCells;
}

Deck bit_serial_steps_bench(const Design& design, const Eigen::MatrixXd& states,
                            std::span<const int> codes, SerialEnd end) {
    Deck deck = bit_serial_macro_bench(design, states, codes);
    const auto also = [&](const std::string& suffix) {
        for (const char* net : {"bit", "sum"}) deck.saved.push_back("v(" + (net + suffix) + ")");
    };
    const ArrayLines lines = array_lines(design.spec.array.shape, states.rows(), states.cols());
    for (const std::string& line : lines.bitlines) {
        also("_" + line);
        deck.saved.push_back("v(col_" + line + ")");
    }
    also(kReferenceSuffix);
    deck.measures.clear();
    if (end == SerialEnd::held) {
        std::get<Transient>(deck.analysis).stop_second =
            bit_serial_timing(design.spec).sample_stop() + kRestSecond;
    }
    return deck;
}

Eigen::MatrixXd ideal_gates(const Spec& spec, std::span<const int> codes) {
    const auto rows = static_cast<Eigen::Index>(codes.size());
    const int top = (1 << spec.driver.bits) - 1;
    const int steps = accumulates(spec) ? spec.driver.bits : top;
    Eigen::MatrixXd gates(rows, steps);
    for (Eigen::Index i = 0; i < rows; ++i) {
        const int code = codes[static_cast<std::size_t>(i)];
        for (int k = 0; k < steps; ++k) {
            gates(i, k) = accumulates(spec) ? (code >> k) % 2 : code > k;
        }
    }
    return gates;
}

double ideal_count(const Spec& spec, std::span<const double> ampere) {
    const double top = std::ldexp(1.0, spec.driver.bits) - 1;
    double sum = 0;
    for (std::size_t k = 0; k < ampere.size(); ++k) {
        sum += ampere[k] / top * (accumulates(spec) ? std::ldexp(1.0, static_cast<int>(k)) : 1);
    }
    const double lsb = (spec.adc.high_volt - spec.adc.low_volt) / std::ldexp(1.0, spec.adc.bits);
    return accumulated_ohm(spec) * sum / lsb;
}

}  // namespace mho::netlist
