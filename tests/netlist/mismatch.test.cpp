// SPDX-License-Identifier: Apache-2.0
#include "netlist/mismatch.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <vector>

#include "netlist/bench_converter.h"
#include "netlist/circuit_lookup.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

constexpr int kDraws = 2000;
// Four standard errors of a standard deviation of so many draws.
const double kSpread = 4 / std::sqrt(2.0 * kDraws);

Design sar_design() {
    Spec spec;
    spec.name = "test";
    spec.adc.kind = AdcKind::sar;
    spec.adc.bits = 4;
    spec.adc.sar.comparator_width_m = 0.3e-6;
    return load_design(spec);
}

// A transistor and a capacitor, kDraws instances of them.
Deck many(double width_m, double farad, int multiplier = 1) {
    Circuit pair("pair", {"a", "b"});
    pair.mosfet("m1", {pair.net("a"), pair.net("b"), kGround, kGround}, "nch",
                {.width_m = width_m, .length_m = 0.04e-6, .multiplier = multiplier});
    pair.capacitor("c1", pair.net("a"), pair.net("b"), farad);
    const Definition shared = share(std::move(pair));
    Deck deck;
    for (int k = 0; k < kDraws; ++k) {
        deck.circuit.instance(fmt::format("x{}", k), shared,
                              {deck.circuit.net("a"), deck.circuit.net("b")});
    }
    return deck;
}

struct Spread {
    double threshold_volt = 0, width = 0, farad = 0;
};

Spread spread_of(const Deck& deck, const Deck& nominal) {
    const auto inner = [](const Deck& of, int k) -> const Circuit& {
        return *body<Instance>(of.circuit, fmt::format("x{}", k)).definition;
    };
    Spread sum;
    for (int k = 0; k < kDraws; ++k) {
        const Circuit& one = inner(deck, k);
        const Circuit& ideal = inner(nominal, k);
        const MosSize size = body<Mosfet>(one, "m1").size;
        const double width = body<Mosfet>(ideal, "m1").size.width_m.number();
        sum.threshold_volt += std::pow(size.threshold_shift_volt.number(), 2);
        sum.width += std::pow(size.width_m.number() / width - 1, 2);
        sum.farad += std::pow(farad(one, "c1") / farad(ideal, "c1") - 1, 2);
    }
    return {std::sqrt(sum.threshold_volt / kDraws), std::sqrt(sum.width / kDraws),
            std::sqrt(sum.farad / kDraws)};
}

}  // namespace

TEST_CASE("drawn spreads are Pelgrom's") {
    const Technology technology = read_technology("generic40");
    // 1 um x 40 nm: of a pair 3 mV um / .2 um; 1.6 fF are one square micron.
    const Deck deck = many(1e-6, 1.6e-15);
    const Spread spread = spread_of(with_mismatch(deck, technology, {}), deck);
    CHECK_THAT(spread.threshold_volt, WithinRel(3e-9 / std::sqrt(2 * 0.04e-12), kSpread));
    CHECK_THAT(spread.width, WithinRel(1e-8 / std::sqrt(2 * 0.04e-12), kSpread));
    CHECK_THAT(spread.farad, WithinRel(5e-9 / std::sqrt(2e-12), kSpread));
}

TEST_CASE("four times the area halves the spread, also as parallel transistors") {
    const Technology technology = read_technology("generic40");
    const Deck small = many(0.5e-6, 1e-15);
    const Deck large = many(1e-6, 4e-15, 2);
    const Spread one = spread_of(with_mismatch(small, technology, {}), small);
    const Spread half = spread_of(with_mismatch(large, technology, {}), large);
    CHECK_THAT(half.threshold_volt, WithinRel(one.threshold_volt / 2, 1e-9));  // the same numbers
    CHECK_THAT(half.farad, WithinRel(one.farad / 2, 1e-9));
}

TEST_CASE("a draw is named by seed and sample") {
    const Design design = sar_design();
    const Deck bench = sar_bench(design, 0.3);
    const Deck drawn = with_mismatch(bench, design.technology, {7, 3});
    CHECK(with_mismatch(bench, design.technology, {7, 3}) == drawn);
    CHECK_FALSE(with_mismatch(bench, design.technology, {7, 4}) == drawn);
    CHECK_FALSE(with_mismatch(bench, design.technology, {8, 3}) == drawn);
    CHECK_FALSE(drawn == bench);
}

TEST_CASE("every instance gets a subcircuit of its own, and the bench stays ideal") {
    const Design design = sar_design();
    const Deck bench = sar_bench(design, 0.3);
    const Deck drawn = with_mismatch(bench, design.technology, {});
    const std::string text = write_deck(drawn);
    CHECK_THAT(text, ContainsSubstring(".subckt cdac_switch_8_xanalog_xcdac_x3 ") &&
                         ContainsSubstring(".subckt strongarm_xanalog_xcomparator ") &&
                         ContainsSubstring("set-reset latch"));
    REQUIRE(drawn.circuit.devices().size() == bench.circuit.devices().size());
    CHECK(body<VoltageSource>(drawn.circuit, "vin") == body<VoltageSource>(bench.circuit, "vin"));
    CHECK(drawn.saved == bench.saved);
    // Logic is ideal.
    const auto logic = [](const Deck& deck) { return body<Instance>(deck.circuit, "xlogic"); };
    CHECK(logic(drawn).definition->devices().size() == logic(bench).definition->devices().size());
}

TEST_CASE("what has no mismatch is refused by name") {
    const Technology technology = read_technology("generic40");
    const auto varied = [&](const std::string& model, const Value& width, const Technology& in) {
        Circuit block("block", {"a"}, {{"w", 1e-6}});
        block.mosfet("m1", {block.net("a"), block.net("a"), kGround, kGround}, model,
                     {.width_m = width, .length_m = 0.04e-6});
        block.capacitor("c1", block.net("a"), kGround, 1e-15);
        Deck deck;
        deck.circuit.instance("x1", share(std::move(block)), {deck.circuit.net("a")});
        return bad_input_line([&] { (void)with_mismatch(deck, in, {}); });
    };
    CHECK_THAT(varied("nch", Value::parameter("w"), technology),
               ContainsSubstring("'m1'") && ContainsSubstring("parameter 'w'"));
    CHECK_THAT(varied("nchx", 1e-6, technology), ContainsSubstring("nchx"));
    Technology bare = technology;
    bare.capacitors.clear();
    CHECK_THAT(varied("nch", 1e-6, bare), ContainsSubstring("capacitor 'mom'"));
    bare.mismatches.clear();
    CHECK_THAT(varied("nch", 1e-6, bare), ContainsSubstring("mismatch 'core'"));
}
