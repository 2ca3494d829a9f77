// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_ramp_noise.h"

#include <fmt/format.h>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/ramp_adc.h"

namespace mho::netlist {
namespace {

void require_a_ramp(const Design& design) {
    if (design.spec.adc.kind == AdcKind::ramp) return;
    throw bad_input("{}: the noise of a ramp needs [adc] kind \"ramp\"", design.spec.name);
}

Deck comparator_deck(const Design& design, const std::string& title, double input_volt,
                     Stimulus ramp) {
    require_a_ramp(design);
    Deck deck = start_deck(design, title);
    deck.klu = false;  // ngspice 46 refuses .noise with KLU, and there are few nodes
    Circuit& c = deck.circuit;
    hold(c, "vdd_comparator", "vdd_comparator", core_volt(design));
    hold(c, "vin", "in", input_volt);
    c.voltage_source("vramp", c.net("ramp"), kGround, std::move(ramp));
    c.current_source("ibias_comparator", c.net("vdd_comparator"), c.net("bias_comparator"),
                     {.dc = design.spec.adc.bias_ampere});
    c.instance("xcomparator", ramp_comparator_probed(),
               {{"vin", c.net("in")},
                {"ramp", c.net("ramp")},
                {"out", c.net("trip")},
                {"v2", c.net("v2")},
                {"ibias", c.net("bias_comparator")},
                {"vdd", c.net("vdd_comparator")}});
    return deck;
}

}  // namespace

Deck ramp_trip_bench(const Design& design, const TripSweep& sweep) {
    if (sweep.points < 3) {
        throw bad_input("ramp trip: expected at least 3 points, found {}", sweep.points);
    }
    Deck deck = comparator_deck(design, "trip of the ramp's comparator", sweep.input_volt, {});
    deck.saved = {"v(trip)", "v(v2)"};
    deck.analysis =
        DcSweep{"vramp", sweep.input_volt - sweep.reach_volt, sweep.input_volt + sweep.reach_volt,
                2 * sweep.reach_volt / (sweep.points - 1)};
    return deck;
}

Deck ramp_comparator_noise_bench(const Design& design, double input_volt, double ramp_volt) {
    Deck deck = comparator_deck(design, "noise of the ramp's comparator", input_volt,
                                {.dc = ramp_volt, .ac = 1});
    deck.saved = {"onoise_total"};
    deck.analysis = wide_noise("v2", "vramp");
    return deck;
}

Deck ramp_slope_bench(const Design& design, double input_volt, const ColumnTiming& timing) {
    Deck deck = adc_bench(design, input_volt, timing);
    deck.saved.emplace_back("v(xcomparator.v2)");
    return deck;
}

Deck ramp_source_noise_bench(const Design& design) {
    require_a_ramp(design);
    const AdcSpec& spec = design.spec.adc;
    Deck deck = start_deck(design, "noise of the ramp's current");
    deck.klu = false;
    Circuit& c = deck.circuit;
    hold(c, "vdd_ramp", "vdd_ramp", core_volt(design));
    hold(c, "vlow", "vlow", spec.low_volt);
    hold(c, "vreset", "reset", 0);
    c.current_source("ibias_ramp", c.net("bias_ramp"), kGround, {.dc = ramp_bias_ampere(spec)});
    c.instance("xramp", ramp_generator(spec),
               {{"ramp", c.net("ramp")},
                {"reset", c.net("reset")},
                {"ibias", c.net("bias_ramp")},
                {"v_low", c.net("vlow")},
                {"vdd", c.net("vdd_ramp")}});
    c.section("holds the ramp where the current leaves it in the middle of its range");
    const double middle = 0.5 * (spec.low_volt + spec.high_volt);
    hold(c, "vhold", "hold", middle - kRampHoldOhm * ramp_ampere(spec));
    c.resistor("rhold", c.net("ramp"), c.net("hold"), kRampHoldOhm);
    c.current_source("iin", kGround, c.net("ramp"), {.dc = 0.0, .ac = 1});
    deck.saved = {"inoise_spectrum"};
    deck.analysis = wide_noise("ramp", "iin");
    return deck;
}

}  // namespace mho::netlist
