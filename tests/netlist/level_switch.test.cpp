// SPDX-License-Identifier: Apache-2.0
#include "netlist/level_switch.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "netlist/bootstrap_switch.h"
#include "netlist/circuit_check.h"
#include "netlist/technology.h"

using namespace mho::netlist;
using Catch::Matchers::WithinRel;

TEST_CASE("a switch to a level has the better polarity there and the resistance asked for") {
    // Operating points of generic40: NMOS of 1 um at .1 V 515 ohm, PMOS at .6 V 13.6 kohm.
    CHECK_THAT(level_switch_ohm_m(0.1, 1.1), WithinRel(515e-6, 0.02));
    CHECK_THAT(level_switch_ohm_m(0.6, 1.1), WithinRel(13.6e-3, 0.06));
    const LevelSwitch low = level_switch(0.1, 0.6, 1.1, 1e3);
    CHECK(low.is_n);
    CHECK_THAT(low.width_m, WithinRel(0.51e-6, 0.02));
    CHECK(low.length_m == kGateLength);
    CHECK(low.helper_width_m == 0);
    const LevelSwitch high = level_switch(0.6, 0.1, 1.1, 1e3);
    CHECK_FALSE(high.is_n);
    CHECK_THAT(high.width_m, WithinRel(14.37e-6, 1e-3));
    // The PMOS saturates while the plate is low: an NMOS helps it.
    CHECK_THAT(high.helper_width_m, WithinRel(low.width_m, 1e-12));
    CHECK(needs_on(high));
    CHECK(needs_off(high));
    CHECK_FALSE(needs_off(low));
}

TEST_CASE("a switch that conducts too well at the least width is longer instead") {
    // 120 kohm at .1 V: NMOS .12 um wide, measured 52.8 kohm at .8 um and 103.9 kohm at 1.6 um.
    const LevelSwitch size = level_switch(0.1, 0.6, 1.1, 103.9e3);
    CHECK(size.width_m == kMinGateWidth);
    CHECK_THAT(size.length_m, WithinRel(1.6e-6, 0.01));
    CHECK(level_switch(0.0, 0.6, 1.1, 1e9).length_m == 10e-6);
}

TEST_CASE("a bootstrapped switch is a sound block within the technology") {
    const Definition made = bootstrap_switch(0.5e-6);
    CHECK_NOTHROW(require_in_range(read_technology("generic40"), *made));
    CHECK_THAT(bootstrap_farad(1e-6), WithinRel(30e-15, 1e-12));
}
