// SPDX-License-Identifier: Apache-2.0
#include "netlist/ramp_adc.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/technology.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("a ramp lasts as many clock periods as there are codes") {
    AdcSpec spec;
    CHECK_THAT(ramp_second(spec), WithinRel(256e-9, 1e-12));
    spec.bits = 4;
    spec.clock_hertz = 250e6;
    CHECK_THAT(ramp_second(spec), WithinRel(64e-9, 1e-12));
    spec.bits = 10;
    CHECK_THAT(ramp_second(spec), WithinRel(4096e-9, 1e-12));
}

TEST_CASE("the ramp's current charges its capacitor and its loads over the range in time") {
    AdcSpec spec;
    spec.bits = GENERATE(4, 8, 10);
    spec.clock_hertz = GENERATE(0.5e9, 1e9, 2e9);
    spec.shared_by = GENERATE(1, 64, 1024);
    const double mirrored = 4 * ramp_bias_ampere(spec);  // the ratio of the mirror below
    const double charge = mirrored * ramp_second(spec);
    const double reached = charge / (spec.high_volt - spec.low_volt);
    const double known = ramp_capacitor_farad(spec) + ramp_load_farad(spec);
    CHECK(reached > known);
    CHECK(reached < known + 40e-15);  // what one comparator and the generator add themselves
}

TEST_CASE("the ramp's load counts the other comparators") {
    AdcSpec spec;
    spec.shared_by = 1;
    CHECK(ramp_load_farad(spec) == 0);
    spec.shared_by = 2;
    const double one = ramp_load_farad(spec);
    CHECK(one > 0);
    spec.shared_by = 65;
    CHECK_THAT(ramp_load_farad(spec), WithinRel(64 * one, 1e-12));
}

TEST_CASE("the reset gets longer with the capacitor and never shorter than its nominal time") {
    AdcSpec spec;
    const double nominal = ramp_reset_second(spec);
    spec.bits = 4;
    CHECK(ramp_reset_second(spec) == nominal);
    spec.bits = 10;
    CHECK_THAT(ramp_reset_second(spec) / nominal, WithinRel(4.0, 0.01));
}

TEST_CASE("the counter's delay is a whole number of periods and covers two nanoseconds") {
    AdcSpec spec;
    spec.clock_hertz = GENERATE(1e6, 0.3e9, 0.5e9, 0.9e9, 1e9, 1.7e9, 3e9, 10e9);
    const double periods = counter_delay_second(spec) * spec.clock_hertz;
    CHECK_THAT(periods, WithinAbs(std::round(periods), 1e-9));
    CHECK(periods > 0.5);
    CHECK(counter_delay_second(spec) > 2e-9 * (1 - 1e-6));
    CHECK(counter_delay_second(spec) < 2e-9 + 1 / spec.clock_hertz);
}

TEST_CASE("the ramp generator holds the capacitor, a four-fold mirror and a reset to the start") {
    const Technology technology = read_technology("generic40");
    AdcSpec spec;
    spec.bits = GENERATE(4, 8, 10);
    const Definition ramp = ramp_generator(spec);
    CHECK(port_names(*ramp) == std::vector<std::string>{"ramp", "reset", "ibias", "v_low", "vdd"});
    CHECK(pins(*ramp, "cramp") == std::vector<std::string>{"ramp", "0"});
    CHECK(farad(*ramp, "cramp") == ramp_capacitor_farad(spec));
    CHECK(pins(*ramp, "mrst") == std::vector<std::string>{"ramp", "reset", "v_low", "0"});
    CHECK(pins(*ramp, "mp1")[1] == "ibias");
    CHECK(pins(*ramp, "mp2")[1] == "ibias");
    CHECK(pins(*ramp, "mc2")[0] == "ramp");
    const MosSize& reference = body<Mosfet>(*ramp, "mp1").size;
    const MosSize& output = body<Mosfet>(*ramp, "mp2").size;
    CHECK(output.multiplier == 4 * reference.multiplier);
    CHECK(output.width_m == reference.width_m);
    CHECK(output.length_m == reference.length_m);
    CHECK(check(*ramp).empty());
    CHECK_NOTHROW(require_in_range(technology, *ramp));
}

TEST_CASE("the comparator is a matched pair between input and ramp with an odd tail of inverters") {
    const Technology technology = read_technology("generic40");
    const Definition comparator = ramp_comparator();
    CHECK(port_names(*comparator) ==
          std::vector<std::string>{"vin", "ramp", "out", "ibias", "vdd"});
    CHECK(pins(*comparator, "m1")[1] == "ramp");
    CHECK(pins(*comparator, "m2")[1] == "vin");
    CHECK(body<Mosfet>(*comparator, "m1").size == body<Mosfet>(*comparator, "m2").size);
    CHECK(pins(*comparator, "m1")[2] == pins(*comparator, "m2")[2]);
    CHECK(pins(*comparator, "mi3n")[0] == "out");
    CHECK(check(*comparator).empty());
    CHECK_NOTHROW(require_in_range(technology, *comparator));
}
