// SPDX-License-Identifier: Apache-2.0
#include "calibrate/comparator.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "calibrate/sar_runs.h"
#include "calibrate/supply_energy.h"
#include "netlist/gates.h"
#include "netlist/mismatch.h"

using namespace mho;
using namespace mho::calibrate;
using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using test::run_decks;
using test::sar_design;

namespace {

constexpr double kVdd = 1.1;

// Root mean square of the offsets of so many draws of a comparator.
double offset_rms(double input_width_m, double reach_volt, std::uint32_t draws) {
    const Design design = sar_design(4);
    const DecisionStairs stairs{
        .size = {.input_width_m = input_width_m}, .reach_volt = reach_volt, .decisions = 21};
    std::vector<Deck> decks;
    for (std::uint32_t k = 0; k < draws; ++k) {
        decks.push_back(with_mismatch(comparator_bench(design, stairs), design.technology, {1, k}));
    }
    double square = 0;
    for (const auto& waves : run_decks(decks)) {
        const auto offset = read_comparator(waves, stairs, kVdd).offset_volt;
        REQUIRE(offset.has_value());
        square += *offset * *offset / draws;
    }
    return std::sqrt(square);
}

// An inverter that charges `farad` once from its supply.
double charging_joule(double farad) {
    const Design design = sar_design(4);
    Deck deck = comparator_bench(design, {.reach_volt = 1e-3});  // for its models and options
    Circuit inverter("inverter", {"in", "out", "vdd"});
    Gates(inverter).inverter("i1", "in", "out", 1e-6);
    Circuit c("bench");
    c.voltage_source("vdd_comparator", c.net("vdd"), kGround, {.dc = kVdd});
    c.voltage_source("vin", c.net("in"), kGround,
                     {.dc = kVdd, .waveform = Pwl{{{0, kVdd}, {1e-9, kVdd}, {1.02e-9, 0}}}});
    c.instance("x1", share(std::move(inverter)), {c.net("in"), c.net("out"), c.net("vdd")});
    c.capacitor("cload", c.net("out"), kGround, farad);
    deck.circuit = c;
    deck.saved = {"v(out)", "i(vdd_comparator)"};
    deck.analysis = Transient{.step_second = 1e-11, .stop_second = 20e-9, .max_step_second = 1e-10};
    const auto waves = run_decks({deck}).front();
    CHECK_THAT(waves["v(out)"].back(), WithinRel(kVdd, 1e-4));
    return supply_joule(waves, "dd_comparator", kVdd, {0, 20e-9});
}

spice::Waveforms stairs_of(const std::vector<double>& volts) {
    spice::Waveforms waves{{"time", "v(q)", "i(vdd_comparator)"}, {{}, {}, {}}};
    for (std::size_t k = 0; k < volts.size(); ++k) {
        for (const double part : {0.0, 0.999}) {
            waves.columns[0].push_back((static_cast<double>(k) + part) * 1e-9);
            waves.columns[1].push_back(volts[k]);
            waves.columns[2].push_back(-1e-6);
        }
    }
    waves.columns[0].back() = static_cast<double>(volts.size()) * 1e-9;
    return waves;
}

}  // namespace

TEST_CASE("a comparator of either polarity decides for the higher input, without offset as drawn") {
    const bool is_p = GENERATE(true, false);
    const Design design = sar_design(4);
    const DecisionStairs stairs{.size = {.pair = is_p ? InputPair::p : InputPair::n},
                                .common_volt = is_p ? 0.35 : 0.75,
                                .reach_volt = 2e-3,
                                .decisions = 8};
    const auto waves = run_decks({comparator_bench(design, stairs)}).front();
    const ComparatorReading reading = read_comparator(waves, stairs, kVdd);
    CHECK(reading.decisions == std::vector<bool>{0, 0, 0, 0, 1, 1, 1, 1});
    REQUIRE(reading.offset_volt.has_value());
    CHECK(std::abs(*reading.offset_volt) < 1e-12);  // the middle of the middle step
    // Every decision charges and discharges a few transistors of some fF by 1.1 V.
    CHECK(reading.decision_joule > 5e-15);
    CHECK(reading.decision_joule < 200e-15);
}

TEST_CASE("the offset of a comparator goes with one over the root of its area") {
    const double small = offset_rms(1e-6, 80e-3, 24);
    const double large = offset_rms(4e-6, 40e-3, 24);
    // The same draws scaled: not independent samples, so the ratio is close.
    CHECK_THAT(small / large, WithinRel(2.0, 0.25));
    // The pair alone has 15 mV; the rest adds to it.
    CHECK(small > 0.7 * pair_offset_sigma_volt({.input_width_m = 1e-6}, 3e-9));
    CHECK(small < 2.0 * pair_offset_sigma_volt({.input_width_m = 1e-6}, 3e-9));
}

TEST_CASE("charging a capacitor takes C V squared from the supply, whatever else is charged") {
    const double one = charging_joule(20e-15);
    const double two = charging_joule(60e-15);
    CHECK_THAT(two - one, WithinRel(40e-15 * kVdd * kVdd, 0.01));
    CHECK(one > 20e-15 * kVdd * kVdd);
}

TEST_CASE("stairs that turn not once have no offset, and levels between are errors") {
    const DecisionStairs stairs{.reach_volt = 3e-3, .decisions = 4};
    const auto offset = [&](const std::vector<double>& volts) {
        return read_comparator(stairs_of(volts), stairs, kVdd).offset_volt;
    };
    CHECK(offset({0, 0, 1.1, 1.1}) == 0.0);
    CHECK_THAT(offset({0, 1.1, 1.1, 1.1}).value(), WithinRel(-2e-3, 1e-12));
    CHECK_FALSE(offset({0, 0, 0, 0}).has_value());
    CHECK_FALSE(offset({1.1, 1.1, 1.1, 1.1}).has_value());
    CHECK_FALSE(offset({0, 1.1, 0, 1.1}).has_value());
    CHECK_FALSE(offset({1.1, 1.1, 0, 0}).has_value());
    CHECK_THROWS_WITH(offset({0, 0.5, 1.1, 1.1}), ContainsSubstring("after decision 1"));
    const auto reading = read_comparator(stairs_of({0, 0, 1.1, 1.1}), stairs, kVdd);
    CHECK_THAT(reading.decision_joule, WithinRel(1e-6 * kVdd * 1e-9, 1e-9));
}
