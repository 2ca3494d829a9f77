// SPDX-License-Identifier: Apache-2.0
#include "calibrate/held_out.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

using Catch::Matchers::WithinRel;
using mho::calibrate::HeldOut;

TEST_CASE("held-out errors are differences over the scale: their rms and their largest") {
    HeldOut held_out("settling", "of settle time", 20e-9);
    held_out.add(10e-9, 12e-9);
    held_out.add(15e-9, 14e-9);
    held_out.add(18e-9, 18e-9);
    held_out.describe("three columns");
    const auto error = held_out.error(0.07);
    CHECK(error.quantity == "settling");
    CHECK(error.unit == "of settle time");
    CHECK(error.held_out == "three columns");
    CHECK(error.samples == 3);
    CHECK_THAT(error.worst, WithinRel(0.1, 1e-12));
    CHECK_THAT(error.rms, WithinRel(std::sqrt((0.01 + 0.0025) / 3), 1e-12));
    CHECK_FALSE(error.within());
    CHECK(held_out.error(0.11).within());
    CHECK(held_out.points("s").model[1] == 14e-9);
}

TEST_CASE("points may have scales of their own, and the rms a tolerance of its own") {
    HeldOut held_out("settling", "of itself", 1);
    held_out.add(10e-9, 11e-9, 10e-9);
    held_out.add(20e-9, 20e-9, 20e-9);
    const auto error = held_out.error(0.2, 0.05);
    CHECK_THAT(error.worst, WithinRel(0.1, 1e-9));
    CHECK_THAT(error.rms, WithinRel(0.1 / std::sqrt(2.0), 1e-9));
    CHECK_FALSE(error.within());
    CHECK(held_out.error(0.2, 0.08).within());
    CHECK(held_out.error(0.2).within());
}

TEST_CASE("of many points some hundreds are kept for plots, all count for the error") {
    HeldOut held_out("x", "", 1);
    for (int k = 0; k < 10000; ++k) held_out.add(k, k == 777 ? k + 5.0 : k);
    CHECK(held_out.error(1).samples == 10000);
    CHECK(held_out.error(1).worst == 5);
    const auto points = held_out.points("");
    CHECK(points.spice.size() == points.model.size());
    CHECK(points.spice.size() >= 400);
    CHECK(points.spice.size() < 500);
}
