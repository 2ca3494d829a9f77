// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_periphery.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "netlist/accumulator.h"
#include "netlist/bench_common.h"
#include "netlist/column_multiplexer.h"
#include "netlist/sample_hold.h"
#include "netlist/wordline_driver.h"

namespace mho::netlist {
namespace {

constexpr double kPulseEdgeSecond = 50e-12;
constexpr double kHoldSecond = 1e-6;
constexpr double kPulseStartSecond = 5e-9;
constexpr double kPulseReleaseSecond = 0.3e-9;  // reset ends so long before set

void require_integrator_bench(const Design& design) {
    if (design.spec.readout.kind == ReadoutKind::integrator) return;
    throw bad_input("{}: [readout] kind: expected \"integrator\" for this bench, found another",
                    design.spec.name);
}

// Names of measures must not be nets': ngspice would take the one for the other.
Measure at(const std::string& name, const std::string& vector, double second) {
    return {name, fmt::format("find {} at={}", vector, number_text(second))};
}

Measure charge(const std::string& name, const std::string& source, double from, double to) {
    return {name,
            fmt::format("integ i({}) from={} to={}", source, number_text(from), number_text(to))};
}

Transient periphery_transient(double stop_second, double max_step_second) {
    return {.step_second = 0.1e-9, .stop_second = stop_second, .max_step_second = max_step_second};
}

// The capacitance of a column's wire.
double column_farad(const Design& design) {
    return crossbar_wires(design).column.farad * design.spec.array.rows;
}

// What stands for the cells of a column: a conductance to a source that is at the read voltage in
// the steps whose bit is set, otherwise at the common mode.
void add_cells(Circuit& c, const Design& design, const BitSerialTiming& timing, int k,
               double g_siemens, int code) {
    const double rest = design.spec.readout.common_mode_volt;
    Pwl wave{{{0, rest}}};
    double level = rest;
    for (int step = 0; step <= timing.steps; ++step) {
        const bool on = step < timing.steps && (code >> step) % 2 == 1;
        const double next = on ? rest + design.spec.driver.amplitude_volt : rest;
        if (next == level) continue;
        wave.points.emplace_back(timing.step_start(step), level);
        wave.points.emplace_back(timing.step_start(step) + kPulseEdgeSecond, next);
        level = next;
    }
    c.voltage_source(fmt::format("vread_{}", k), c.net("read", k), kGround,
                     {.dc = rest, .waveform = std::move(wave)});
    c.resistor(fmt::format("rcells_{}", k), c.net("read", k), c.net("wire", k), 1 / g_siemens);
    c.capacitor(fmt::format("cwire_{}", k), c.net("wire", k), kGround, column_farad(design));
    c.voltage_source(fmt::format("vcolumn_{}", k), c.net("wire", k), c.net("col", k), {.dc = 0.0});
}

Deck pulse_bench(const Design& design, int code) {
    const double load = gate_line_farad(design);
    const double vdd = core_volt(design);
    const double period = 1 / design.spec.driver.clock_hertz;
    const double stop = kPulseStartSecond + code * period;
    Deck deck = start_deck(design, fmt::format("pulse of {} periods on a gate line", code));
    Circuit& c = deck.circuit;
    hold(c, "vddh", "vddh", design.spec.cell.wordline_volt);
    hold(c, "vdd_drivers", "vdd_drivers", vdd);
    c.voltage_source("vset", c.net("set"), kGround,
                     high_between(kPulseStartSecond, kPulseStartSecond + 0.5 * period, vdd));
    Pwl reset{{{0, vdd}}};
    if (code > 0) {
        reset.points = {{0, vdd},
                        {kPulseStartSecond - kPulseReleaseSecond, vdd},
                        {kPulseStartSecond - kPulseReleaseSecond + kPulseEdgeSecond, 0},
                        {stop, 0},
                        {stop + kPulseEdgeSecond, vdd}};
    }
    c.voltage_source("vstop", c.net("stop"), kGround, {.dc = vdd, .waveform = std::move(reset)});
    c.instance("xdriver", pulse_width_driver(load),
               {{"set", c.net("set")},
                {"reset", c.net("stop")},
                {"wl", c.net("wl")},
                {"vdd", c.net("vdd_drivers")},
                {"vddh", c.net("vddh")}});
    c.capacitor("cline", c.net("wl"), kGround, load);
    const std::string middle = number_text(design.spec.cell.wordline_volt / 2);
    deck.measures = {
        {"width", fmt::format("trig v(wl) val={0} rise=1 targ v(wl) val={0} fall=1", middle)}};
    deck.saved = {"v(set)", "v(stop)", "v(wl)", "i(vdd_drivers)", "i(vddh)", "i(vset)", "i(vstop)"};
    deck.analysis = periphery_transient(stop + 10e-9, 0.1e-9);
    return deck;
}

}  // namespace

Deck wordline_bench(const Design& design, int code) {
    const DriverSpec& spec = design.spec.driver;
    if (spec.kind == DriverKind::levels) {
        throw bad_input(
            "{}: [driver] kind: expected \"binary\" or \"pulse_width\" for the bench of a gate "
            "line's "
            "driver, found \"levels\"",
            design.spec.name);
    }
    if (spec.kind == DriverKind::pulse_width) return pulse_bench(design, code);
    const double load = gate_line_farad(design);
    const double vdd = core_volt(design);
    Deck deck = start_deck(design, fmt::format("driver of a gate line of {} F", number_text(load)));
    Circuit& c = deck.circuit;
    hold(c, "vddh", "vddh", design.spec.cell.wordline_volt);
    hold(c, "vdd_drivers", "vdd_drivers", vdd);
    c.voltage_source("vin", c.net("in"), kGround, high_between(5e-9, 25e-9, vdd));
    c.instance("xdriver", wordline_driver(load),
               {{"in", c.net("in")},
                {"wl", c.net("wl")},
                {"vdd", c.net("vdd_drivers")},
                {"vddh", c.net("vddh")}});
    c.capacitor("cline", c.net("wl"), kGround, load);
    const std::string in = number_text(vdd / 2);
    const double high = design.spec.cell.wordline_volt;
    const auto delay = [&](const char* name, const char* edge) {
        return Measure{name, fmt::format("trig v(in) val={} {}=1 targ v(wl) val={} {}=1", in, edge,
                                         number_text(high / 2), edge)};
    };
    deck.measures = {delay("delay_rise", "rise"),
                     delay("delay_fall", "fall"),
                     {"rise_time", fmt::format("trig v(wl) val={} rise=1 targ v(wl) val={} rise=1",
                                               number_text(0.1 * high), number_text(0.9 * high))},
                     charge("charge_vddh", "vddh", 4e-9, 44e-9),
                     charge("charge_vdd", "vdd_drivers", 4e-9, 44e-9)};
    deck.saved = {"v(in)", "v(wl)", "i(vdd_drivers)", "i(vddh)", "i(vin)"};
    deck.analysis = periphery_transient(45e-9, 0.1e-9);
    return deck;
}

Deck integrator_bench(const Design& design, std::span<const double> g_siemens) {
    require_integrator_bench(design);
    BitSerialTiming timing = bit_serial_timing(design.spec);
    timing.steps = 1;
    Deck deck = start_deck(design, "integrators of one input bit");
    Circuit& c = deck.circuit;
    add_integrator_supplies(c, design, timing);
    // Controls and a supply that nothing here takes.
    const bool accumulating = accumulates(design.spec);
    for (const char* net : {"share", "sample", "vdd_hold"}) {
        if (!accumulating && std::string_view(net) == "share") continue;
        c.resistor(std::string("r") + net, c.net(net), kGround, 1e9);
    }
    const double read = timing.integrate_stop(0) + 0.1e-9;
    for (int k = 0; k < static_cast<int>(g_siemens.size()); ++k) {
        const std::string suffix = fmt::format("_{}", k);
        add_cells(c, design, timing, k, g_siemens[static_cast<std::size_t>(k)], 1);
        add_integrator(c, design, "col" + suffix, suffix);
        // What loads the bit; never shared.
        if (accumulating) {
            c.instance("xaccumulator" + suffix, accumulator(design.spec.readout),
                       {{"bit", c.net("bit" + suffix)},
                        {"sum", c.net("sum" + suffix)},
                        {"v_start", c.net("v_start")},
                        {"share", kGround},
                        {"reset", c.net("clear_sum")},
                        {"vdd", c.net("vdd_accumulator")}});
        }
        deck.saved.insert(deck.saved.end(), {"v(bit" + suffix + ")", "v(col" + suffix + ")",
                                             "i(vcolumn" + suffix + ")"});
        deck.measures.push_back(at("bit_volt" + suffix, "v(bit" + suffix + ")", read));
        deck.measures.push_back(
            at("column_volt" + suffix, "v(col" + suffix + ")", timing.integrate_stop(0) - 1e-10));
        deck.measures.push_back(charge("charge" + suffix, "vcolumn" + suffix,
                                       timing.integrate_start(0), timing.integrate_stop(0)));
        deck.measures.push_back(
            at("late_volt" + suffix, "v(bit" + suffix + ")", read + kHoldSecond));
    }
    deck.measures.push_back(
        charge("charge_readout", "vdd_readout", timing.step_start(0), timing.step_start(1)));
    deck.saved.emplace_back("i(vdd_readout)");
    deck.analysis = periphery_transient(read + kHoldSecond + 1e-9, 5e-9);
    return deck;
}

Deck accumulator_bench(const Design& design, double g_siemens, std::span<const int> codes) {
    require_integrator_bench(design);
    if (design.spec.driver.kind != DriverKind::binary) {
        throw bad_input("{}: [driver] kind: expected \"binary\" for the accumulation of bits",
                        design.spec.name);
    }
    const BitSerialTiming timing = bit_serial_timing(design.spec);
    Deck deck = start_deck(design, "accumulation of input bits");
    Circuit& c = deck.circuit;
    add_integrator_supplies(c, design, timing);
    const double held = timing.sample_stop() + 0.5e-9;
    for (int k = 0; k < static_cast<int>(codes.size()); ++k) {
        const std::string suffix = fmt::format("_{}", k);
        add_cells(c, design, timing, k, g_siemens, codes[static_cast<std::size_t>(k)]);
        add_integrator_column(c, design, "col" + suffix, suffix);
        deck.saved.insert(deck.saved.end(), {"v(bit" + suffix + ")", "v(sum" + suffix + ")",
                                             "v(hold" + suffix + ")"});
        deck.measures.push_back(at("sum_volt" + suffix, "v(sum" + suffix + ")", held));
        deck.measures.push_back(at("hold_volt" + suffix, "v(hold" + suffix + ")", held));
    }
    for (const char* source : {"vdd_readout", "vdd_accumulator", "vdd_hold"}) {
        deck.saved.push_back(current_vector("", source));
        deck.measures.push_back(charge(std::string("charge_") + source, source,
                                       timing.step_start(0), timing.sample_stop()));
    }
    deck.analysis = periphery_transient(held + 0.5e-9, 0.5e-9);
    return deck;
}

Deck hold_bench(const Design& design, std::span<const double> volt) {
    require_integrator_bench(design);
    const double vdd = core_volt(design);
    const IntegratorSpec& spec = design.spec.readout.integrator;
    const double start = 1e-9;
    const double stop = start + spec.sample_second;
    Deck deck = start_deck(design, "sample-and-holds with and without buffer");
    Circuit& c = deck.circuit;
    hold(c, "vdd_hold", "vdd_hold", vdd);
    c.voltage_source("vsample", c.net("sample"), kGround, high_between(start, stop, vdd));
    for (int k = 0; k < static_cast<int>(volt.size()); ++k) {
        const std::string suffix = fmt::format("_{}", k);
        hold(c, "vin" + suffix, "in" + suffix, volt[static_cast<std::size_t>(k)]);
        c.instance("xideal" + suffix, sample_hold(design.spec.readout),
                   {{"in", c.net("in" + suffix)},
                    {"out", c.net("ideal" + suffix)},
                    {"sample", c.net("sample")},
                    {"vdd", c.net("vdd_hold")}});
        add_hold(c, design, "in" + suffix, suffix);
        // Both start from the other end of the range.
        for (const char* net : {"ideal", "hold"}) {
            deck.initial_volt.emplace_back(net + suffix, spec.start_volt);
        }
        for (const char* net : {"ideal", "buffered", "hold"}) {
            deck.saved.push_back("v(" + (net + suffix) + ")");
            const std::string vector = "v(" + (net + suffix) + ")";
            deck.measures.push_back(at("sampled_" + (net + suffix), vector, stop - 1e-10));
            deck.measures.push_back(at("held_" + (net + suffix), vector, stop + 0.5e-9));
            deck.measures.push_back(at("late_" + (net + suffix), vector, stop + kHoldSecond));
        }
    }
    deck.saved.emplace_back("i(vdd_hold)");
    deck.analysis = periphery_transient(stop + kHoldSecond + 1e-9, 5e-9);
    return deck;
}

Deck multiplexer_bench(const Design& design, std::span<const double> volt) {
    require_integrator_bench(design);
    const double vdd = core_volt(design);
    const IntegratorSpec& spec = design.spec.readout.integrator;
    const auto columns = static_cast<int>(volt.size());
    const double period = spec.share_second;
    Deck deck = start_deck(design, fmt::format("multiplexer of {} columns", columns));
    Circuit& c = deck.circuit;
    hold(c, "vdd_mux", "vdd_mux", vdd);
    // The edges and the moment of reading take the rest of the period.
    const Definition mux = column_multiplexer(columns, spec.hold_farad, 0.8 * period);
    std::vector<NetId> nets;
    for (const NetId port : mux->ports()) {
        const std::string& name = mux->net_name(port);
        nets.push_back(c.net(name == "vdd" ? "vdd_mux" : name));
    }
    for (int k = 0; k < columns; ++k) {
        hold(c, fmt::format("vin_{}", k), fmt::format("in_{}", k),
             volt[static_cast<std::size_t>(k)]);
        c.voltage_source(fmt::format("vsel_{}", k), c.net("sel", k), kGround,
                         high_between(1e-9 + k * period, 0.9e-9 + (k + 1) * period, vdd));
        deck.measures.push_back(
            at(fmt::format("out_volt_{}", k), "v(out)", 0.8e-9 + (k + 1) * period));
    }
    c.instance("xmux", mux, std::move(nets));
    c.capacitor("cload", c.net("out"), kGround, spec.hold_farad);
    deck.saved = {"v(out)", "i(vdd_mux)"};
    deck.analysis = periphery_transient(1e-9 + columns * period, 0.1e-9);
    return deck;
}

}  // namespace mho::netlist
