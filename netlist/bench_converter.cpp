// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_converter.h"

#include <fmt/format.h>

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

void add_analog(Circuit& c, const Design& design) {
    const Definition analog = sar_analog(design.spec.adc, core_volt(design));
    std::vector<NetId> nets;
    for (const NetId port : analog->ports()) {
        const std::string& name = analog->net_name(port);
        nets.push_back(c.net(name == "clk" ? "compare" : name == "vdd" ? "vdd_switches" : name));
    }
    c.instance("xanalog", analog, std::move(nets));
}

void add_logic(Circuit& c, int bits) {
    const Definition logic = sar_logic(bits);
    std::vector<NetId> nets;
    for (const NetId port : logic->ports()) nets.push_back(c.net(logic->net_name(port)));
    c.instance("xlogic", logic, std::move(nets));
}

// Charges settle in every half period, and XSPICE forces trtol=1, seven times tighter than usual:
// against reltol=1e-4 and chgtol=1e-17 the margins of an 8-bit conversion move by less than .02 LSB
// and its energy by 1 %, in two fifths of the time points. Gear's method as in start_deck.
std::vector<std::string> switched_options() {
    return {"reltol=1e-3", "vntol=1e-5", "abstol=1e-11", "chgtol=1e-16", "method=gear"};
}

}  // namespace

SarTiming sar_timing(const AdcSpec& spec) {
    const int lead = spec.sar.sampling == SarSampling::top_plate ? 2 : 0;
    return {1 / spec.sar.bit_clock_hertz, lead, spec.sar.sample_cycles, spec.bits};
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
    hold(c, "vdd_switches", "vdd_switches", vdd);
    hold(c, "vdd_comparator", "vdd_comparator", vdd);
    hold(c, "vref_low", "v_low", spec.low_volt);
    hold(c, "vref_high", "v_high", spec.high_volt);
    hold(c, "vref_cm", "v_cm", middle);
    c.section("input and clocks: the comparator decides in the second half of a period");
    c.voltage_source("vin", c.net("vin"), kGround,
                     step(middle, input_volt, timing.start_second() + kStepEdgeSecond));
    c.voltage_source("vtrack", c.net("track"), kGround, track(timing, vdd));
    c.voltage_source("vclk", c.net("clk"), kGround,
                     clock(timing.period_second, timing.period_second, vdd));
    c.voltage_source("vcompare", c.net("compare"), kGround,
                     clock(timing.decision_second(0), timing.period_second, vdd));
    c.section("converter");
    add_analog(c, design);
    add_logic(c, spec.bits);
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
