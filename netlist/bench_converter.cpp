// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_converter.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/sar_adc.h"

namespace mho::netlist {
namespace {

constexpr double kStepEdgeSecond = 20e-12;

// A clock whose edges pass the middle at whole multiples of half a period, first rising at `start`.
Stimulus clock(double low_until_second, double period_second, double vdd) {
    return {.dc = 0.0,
            .waveform = Pulse{.initial = 0,
                              .pulsed = vdd,
                              .delay_second = low_until_second - kStepEdgeSecond / 2,
                              .rise_second = kStepEdgeSecond,
                              .fall_second = kStepEdgeSecond,
                              .width_second = period_second / 2 - kStepEdgeSecond,
                              .period_second = period_second}};
}

Stimulus step(double from_volt, double to_volt, double second) {
    return {.dc = from_volt,
            .waveform =
                Pwl{{{0, from_volt}, {second, from_volt}, {second + kStepEdgeSecond, to_volt}}}};
}

// Asks for tracking half a period before it starts and half a period before it ends, since the
// logic answers with the next edge of its clock.
Stimulus track(const SarTiming& timing, double vdd) {
    const double half = 0.5 * timing.period_second;
    const double end = timing.sampled_second() - half;
    if (timing.lead_cycles == 0) return step(vdd, 0, end);
    const double begin = timing.start_second() - half;
    return {.dc = 0.0,
            .waveform = Pwl{{{0, 0},
                             {begin, 0},
                             {begin + kStepEdgeSecond, vdd},
                             {end, vdd},
                             {end + kStepEdgeSecond, 0}}}};
}

void add_analog(Circuit& c, const Design& design, const std::string& input,
                const std::string& suffix) {
    const Definition analog = sar_analog(design.spec.adc, core_volt(design));
    std::vector<NetId> nets;
    for (const NetId port : analog->ports()) {
        const std::string& name = analog->net_name(port);
        const bool own =
            name == "sample" || name == "decision" || name == "top" || name.starts_with("bit_");
        nets.push_back(c.net(name == "clk"   ? "compare"
                             : name == "vdd" ? "vdd_switches"
                             : name == "vin" ? input
                             : own           ? name + suffix
                                             : name));
    }
    c.instance("xanalog" + suffix, analog, std::move(nets));
}

void add_logic(Circuit& c, int bits, const std::string& suffix) {
    const Definition logic = sar_logic(bits);
    std::vector<NetId> nets;
    for (const NetId port : logic->ports()) {
        const std::string& name = logic->net_name(port);
        nets.push_back(c.net(name == "clk" || name == "track" ? name : name + suffix));
    }
    c.instance("xlogic" + suffix, logic, std::move(nets));
}

void add_sar_supplies(Circuit& c, const Design& design) {
    const AdcSpec& spec = design.spec.adc;
    const double vdd = core_volt(design);
    hold(c, "vdd_switches", "vdd_switches", vdd);
    hold(c, "vdd_comparator", "vdd_comparator", vdd);
    hold(c, "vref_low", "v_low", spec.low_volt);
    hold(c, "vref_high", "v_high", spec.high_volt);
    hold(c, "vref_cm", "v_cm", 0.5 * (spec.low_volt + spec.high_volt));
}

void add_sar_clocks(Circuit& c, const Design& design, const SarTiming& timing) {
    const double vdd = core_volt(design);
    c.voltage_source("vtrack", c.net("track"), kGround, track(timing, vdd));
    c.voltage_source("vclk", c.net("clk"), kGround,
                     clock(timing.offset_second + timing.period_second, timing.period_second, vdd));
    c.voltage_source("vcompare", c.net("compare"), kGround,
                     clock(timing.decision_second(0), timing.period_second, vdd));
}

// Charges settle in every half period, and XSPICE forces trtol=1, seven times tighter than usual:
// against reltol=1e-4 and chgtol=1e-17 the margins of an 8-bit conversion move by less than .02 LSB
// and its energy by 1 %, in two fifths of the time points. Gear's method as in start_deck.
std::vector<std::string> switched_options() {
    return {"reltol=1e-3", "vntol=1e-5", "abstol=1e-11", "chgtol=1e-16", "method=gear"};
}

}  // namespace

void add_sar_sources(Deck& deck, const Design& design, const ColumnTiming& when) {
    const SarTiming timing = sar_timing(design.spec.adc, when);
    deck.options = switched_options();
    deck.libraries.push_back(sar_logic_models(core_volt(design)));
    Circuit& c = deck.circuit;
    c.section("supplies, references and clocks of the converters");
    add_sar_supplies(c, design);
    add_sar_clocks(c, design, timing);
    for (const char* source :
         {"vdd_switches", "vdd_comparator", "vref_high", "vref_low", "vref_cm"}) {
        deck.saved.push_back(current_vector("", source));
    }
}

void add_sar(Deck& deck, const Design& design, const std::string& input,
             const std::string& suffix) {
    const int bits = design.spec.adc.bits;
    add_analog(deck.circuit, design, input, suffix);
    add_logic(deck.circuit, bits, suffix);
    // As in sar_bench; a guess is not kept where so large a circuit's operating point is stepped
    // to.
    deck.initial_volt.emplace_back("decision" + suffix, 0);
    deck.saved.push_back(fmt::format("v(top{})", suffix));
    deck.saved.push_back(fmt::format("v(xanalog{}.held)", suffix));
    for (int bit = bits - 1; bit >= 0; --bit) {
        deck.saved.push_back(fmt::format("v(bit_{}{})", bit, suffix));
    }
}

void add_tracking_sar(Deck& deck, const Design& design, const std::string& input) {
    const AdcSpec& spec = design.spec.adc;
    if (spec.sar.sampling != SarSampling::bottom_plate) {
        throw bad_input("{}: [adc] sampling: a column needs \"bottom_plate\", found \"top_plate\"",
                        design.spec.name);
    }
    Circuit& c = deck.circuit;
    c.section("converter that tracks");
    add_sar_supplies(c, design);
    hold(c, "vsample", "sample", core_volt(design));
    hold(c, "vcompare", "compare", 0);
    for (int bit = 0; bit < spec.bits; ++bit) {
        hold(c, fmt::format("vbit_{}", bit), fmt::format("bit_{}", bit),
             bit == spec.bits - 1 ? core_volt(design) : 0);
    }
    add_analog(c, design, input, "");
    deck.saved.emplace_back("v(top)");
    deck.saved.push_back(fmt::format("v(xanalog.xcdac.bottom_{})", spec.bits - 1));
}

SarTiming sar_timing(const AdcSpec& spec) {
    const int lead = spec.sar.sampling == SarSampling::top_plate ? 2 : 0;
    return {1 / spec.sar.bit_clock_hertz, lead, spec.sar.sample_cycles, spec.bits, 0};
}

SarTiming sar_timing(const AdcSpec& spec, const ColumnTiming& timing) {
    const double cycles = (timing.ramp_second - timing.input_second) * spec.sar.bit_clock_hertz;
    return {1 / spec.sar.bit_clock_hertz, 0, static_cast<int>(std::lround(cycles)), spec.bits,
            timing.input_second};
}

Deck sar_bench(const Design& design, double input_volt) {
    const AdcSpec& spec = design.spec.adc;
    const SarTiming timing = sar_timing(spec);
    const double vdd = core_volt(design);
    const double middle = 0.5 * (spec.low_volt + spec.high_volt);
    Deck deck = start_deck(design, fmt::format("SAR conversion of {} V", number_text(input_volt)));
    deck.libraries.push_back(sar_logic_models(vdd, timing.lead_cycles == 0));
    deck.options = switched_options();
    Circuit& c = deck.circuit;
    c.section("supplies and references");
    add_sar_supplies(c, design);
    c.section("input and clocks: the comparator decides in the second half of a period");
    c.voltage_source("vin", c.net("vin"), kGround,
                     step(middle, input_volt, timing.start_second() + kStepEdgeSecond));
    add_sar_clocks(c, design, timing);
    c.section("converter");
    add_analog(c, design, "vin", "");
    add_logic(c, spec.bits, "");
    // The comparator's latch has two states at rest, and one in between that draws 5 uA until the
    // first decision; what came before left it in one of the two.
    deck.guessed_volt = {{"decision", 0}};
    deck.saved = {"v(top)", "v(xanalog.held)", "v(decision)", "v(sample)"};
    for (int bit = spec.bits - 1; bit >= 0; --bit) {
        deck.saved.push_back(fmt::format("v(bit_{})", bit));
    }
    for (const char* source :
         {"vdd_switches", "vdd_comparator", "vref_high", "vref_low", "vref_cm", "vin"}) {
        deck.saved.push_back(current_vector("", source));
    }
    deck.analysis = Transient{.step_second = timing.period_second / 50,
                              .stop_second = timing.stop_second(),
                              .max_step_second = timing.period_second / 10};
    return deck;
}

Deck comparator_bench(const Design& design, const DecisionStairs& stairs) {
    if (stairs.decisions < 2) {
        throw bad_input("comparator bench: expected at least 2 decisions, found {}",
                        stairs.decisions);
    }
    const double vdd = core_volt(design);
    const double period = 1 / stairs.clock_hertz;
    Deck deck = start_deck(design, "comparator decisions");
    deck.options = switched_options();
    Circuit& c = deck.circuit;
    c.section("supply, inputs and clock");
    hold(c, "vdd_comparator", "vdd", vdd);
    hold(c, "vinn", "inn", stairs.common_volt);
    Pwl rising;
    for (int k = 0; k < stairs.decisions; ++k) {
        const double volt = stairs.common_volt + stairs.input_volt(k);
        if (k > 0)
            rising.points.emplace_back(k * period + kStepEdgeSecond, rising.points.back().second);
        rising.points.emplace_back(k == 0 ? 0 : k * period + 2 * kStepEdgeSecond, volt);
    }
    c.voltage_source("vinp", c.net("inp"), kGround,
                     {.dc = rising.points.front().second, .waveform = std::move(rising)});
    c.voltage_source("vclk", c.net("clk"), kGround, clock(0.5 * period, period, vdd));
    c.section("comparator and its load");
    c.instance("xcomparator", strongarm(stairs.size),
               {c.net("inp"), c.net("inn"), c.net("clk"), c.net("q"), c.net("vdd")});
    c.capacitor("cload", c.net("q"), kGround, 1e-15);
    deck.saved = {"v(q)", "v(inp)", "v(clk)", "i(vdd_comparator)"};
    deck.analysis = Transient{.step_second = period / 50,
                              .stop_second = stairs.decisions * period,
                              .max_step_second = period / 20};
    return deck;
}

}  // namespace mho::netlist
