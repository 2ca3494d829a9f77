// SPDX-License-Identifier: Apache-2.0
#include "netlist/sar_adc.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "netlist/bench_converter.h"
#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/deck_read.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

Spec sar_spec(int bits = 4) {
    Spec spec;
    spec.name = "test";
    spec.adc.kind = AdcKind::sar;
    spec.adc.bits = bits;
    spec.adc.sar.comparator_width_m = 0.3e-6;
    return spec;
}

}  // namespace

TEST_CASE("a SAR bench is sound, in range and read back as it was written, in every make") {
    Spec spec = sar_spec(GENERATE(4, 10));
    spec.adc.sar.sampling = GENERATE(SarSampling::top_plate, SarSampling::bottom_plate);
    spec.adc.sar.cdac = GENERATE(CdacKind::binary, CdacKind::split);
    if (spec.adc.sar.cdac == CdacKind::split) spec.adc.sar.unit_farad = 8e-15;
    const Deck deck = sar_bench(load_design(spec), 0.25);
    CHECK_NOTHROW(require_sound(deck.circuit));
    CHECK(read_deck(write_deck(deck), "deck.cir") == deck);
}

TEST_CASE("the analog part has every control as a port") {
    AdcSpec spec = sar_spec(5).adc;
    CHECK(port_names(*sar_analog(spec, 1.1)) ==
          std::vector<std::string>{"vin", "v_low", "v_high", "v_cm", "sample", "clk", "bit_4",
                                   "bit_3", "bit_2", "bit_1", "bit_0", "decision", "top", "vdd",
                                   "vdd_comparator"});
    CHECK(port_names(*sar_logic(2)) ==
          std::vector<std::string>{"clk", "track", "decision", "sample", "bit_1", "bit_0"});
}

TEST_CASE("the comparator has the pair that is on at the middle of the range") {
    AdcSpec spec = sar_spec().adc;
    CHECK(sar_comparator(spec, 1.1).pair == InputPair::p);
    spec.low_volt = 0.5;
    spec.high_volt = 1.0;
    CHECK(sar_comparator(spec, 1.1).pair == InputPair::n);
    const InputPair pair = GENERATE(InputPair::p, InputPair::n);
    const Definition comparator = strongarm({.pair = pair, .input_width_m = 2e-6});
    const auto& first = body<Mosfet>(*comparator, "m1");
    const auto& second = body<Mosfet>(*comparator, "m2");
    CHECK(first == second);
    CHECK(first.model == (pair == InputPair::p ? "pch" : "nch"));
    CHECK(pins(*comparator, "m1")[1] == "inp");
    CHECK(pins(*comparator, "m2")[1] == "inn");
}

TEST_CASE("the offset of a pair goes with one over the root of its area") {
    const double one = pair_offset_sigma_volt({.input_width_m = 1e-6}, 3e-9);
    CHECK_THAT(one, WithinRel(15e-3, 1e-9));
    CHECK_THAT(pair_offset_sigma_volt({.input_width_m = 4e-6}, 3e-9), WithinRel(one / 2, 1e-12));
}

TEST_CASE("a conversion takes its sampling periods and one for each bit") {
    AdcSpec spec = sar_spec(8).adc;
    spec.sar.sample_cycles = 3;
    spec.sar.bit_clock_hertz = 100e6;
    CHECK_THAT(sar_conversion_second(spec), WithinRel(110e-9, 1e-12));
    const SarTiming timing = sar_timing(spec);
    CHECK_THAT(timing.done_second(), WithinRel(110e-9, 1e-12));
    CHECK(timing.sampled_second() < timing.decision_second(0));
    CHECK(timing.decision_second(7) < timing.taken_second(7));
    CHECK_THAT(timing.taken_second(7), WithinRel(timing.done_second(), 1e-12));
    CHECK(timing.stop_second() < timing.decision_second(8));
}

TEST_CASE("converters that no circuit can be are refused") {
    Spec spec = sar_spec();
    spec.adc.high_volt = 1.2;
    CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
               ContainsSubstring("high_volt = 1.2 is above the supply of 1.1 V"));
    spec = sar_spec(10);
    spec.adc.sar.unit_farad = 50e-15;
    spec.adc.sar.comparator_width_m = 50e-6;
    CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }), ContainsSubstring("width"));
    spec = sar_spec();
    spec.adc.sar.comparator_width_m = 1e-6;
    CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
               ContainsSubstring("3.2e-14 F are kicked too much by a comparator of 1e-06 m, which "
                                 "wants 1e-13 F"));
    const Design design = load_design(sar_spec());
    CHECK_THAT(bad_input_line([&] { (void)comparator_bench(design, {.decisions = 1}); }),
               ContainsSubstring("at least 2 decisions, found 1"));
    CHECK_THAT(bad_input_line([&] { (void)adc_bench(design, 0.3, {}); }),
               ContainsSubstring("needs \"ramp\", found \"sar\""));
}
