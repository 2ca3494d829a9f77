// SPDX-License-Identifier: Apache-2.0
#include "spice/waveforms.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "spice/job.h"

using namespace mho::spice;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Column = std::vector<double>;

namespace {

const Column kTime{0, 1, 2, 4};
const Column kTriangle{0, 2, 0, -4};
const Column kStepTime{0, 1, 1, 2};
const Column kStep{0, 0, 5, 5};

}  // namespace

TEST_CASE("a value between samples lies on the straight line") {
    CHECK(value_at(kTime, kTriangle, 0.25) == 0.5);
    CHECK(value_at(kTime, kTriangle, 1) == 2);
    CHECK(value_at(kTime, kTriangle, 3) == -2);
    CHECK(value_at(kTime, kTriangle, 4) == -4);
    CHECK(value_at(kTime, kTriangle, 4 + 1e-9) == -4);
    CHECK(value_at(kStepTime, kStep, 1) == 5);
    CHECK(value_at(Column{3}, Column{7}, 3) == 7);
}

TEST_CASE("a crossing has a direction and a start") {
    CHECK(crossing_time(kTime, kTriangle, 1, Edge::rising, 0) == 0.5);
    CHECK(crossing_time(kTime, kTriangle, 1, Edge::falling, 0) == 1.5);
    CHECK(crossing_time(kTime, kTriangle, -2, Edge::falling, 0) == 3);
    CHECK_FALSE(crossing_time(kTime, kTriangle, 1, Edge::rising, 0.6).has_value());
    CHECK_FALSE(crossing_time(kTime, kTriangle, 3, Edge::rising, 0).has_value());
    CHECK_FALSE(crossing_time(kTime, kTriangle, 1, Edge::rising, 9).has_value());
    CHECK(crossing_time(kTime, kTriangle, 1, Edge::rising, -5) == 0.5);
    CHECK(crossing_time(kStepTime, kStep, 2, Edge::rising, 0) == 1);
    // Exactly at the level at the start, then on.
    CHECK(crossing_time(kTime, kTriangle, 0, Edge::rising, 0) == 0);
}

TEST_CASE("touching a level is no crossing") {
    const Column touching{2, 0, 2, 2};
    CHECK_FALSE(crossing_time(kTime, touching, 0, Edge::falling, 0).has_value());
    CHECK_FALSE(crossing_time(kTime, touching, 0, Edge::rising, 0).has_value());
    CHECK(crossing_time(kTime, touching, 1, Edge::rising, 0) == 1.5);
}

TEST_CASE("the integral is that of the straight lines") {
    CHECK_THAT(integrate(kTime, kTriangle, 0, 2), WithinRel(2.0, 1e-15));
    CHECK_THAT(integrate(kTime, kTriangle, 0, 4), WithinAbs(-2.0, 1e-15));
    CHECK_THAT(integrate(kTime, kTriangle, 0.5, 1.5), WithinRel(1.5, 1e-15));
    CHECK_THAT(integrate(kTime, kTriangle, 1.5, 0.5), WithinRel(-1.5, 1e-15));
    CHECK_THAT(integrate(kTime, kTriangle, 0.25, 0.5), WithinRel(0.1875, 1e-15));
    CHECK(integrate(kTime, kTriangle, 1, 1) == 0);
    CHECK(integrate(kStepTime, kStep, 0, 1) == 0);
    CHECK(integrate(kStepTime, kStep, 1, 2) == 5);
    CHECK(integrate(kStepTime, kStep, 0, 2) == 5);
}

TEST_CASE("a measure outside the waveform or on a broken one is an error") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(value_at(kTime, kTriangle, -0.1), mho::Error);
    CHECK_THROWS_AS(value_at(kTime, kTriangle, 4.1), mho::Error);
    CHECK_THROWS_AS(value_at(kTime, kTriangle, nan), mho::Error);
    CHECK_THROWS_AS(value_at(Column{}, Column{}, 0), mho::Error);
    CHECK_THROWS_AS(value_at(Column{0, 1}, Column{0}, 0), mho::Error);
    CHECK_THROWS_AS(value_at(Column{1, 0}, Column{0, 1}, 0.5), mho::Error);
    CHECK_THROWS_AS(integrate(kTime, kTriangle, 0, 5), mho::Error);
    CHECK_THROWS_AS(crossing_time(kTime, kTriangle, nan, Edge::rising, 0), mho::Error);
}

TEST_CASE("a column is found by name, a missing one is named") {
    const Waveforms waveforms{{"time", "v(1)"}, {{0, 1}, {2, 3}}};
    CHECK(waveforms["v(1)"] == Column{2, 3});
    CHECK(waveforms.points() == 2);
    CHECK(Waveforms{}.points() == 0);
    CHECK_THROWS_WITH(waveforms["v(2)"], ContainsSubstring("v(2)") && ContainsSubstring("time"));
}

TEST_CASE("every job status has a text") {
    CHECK(to_string(JobStatus::ok) == "ok");
    CHECK(to_string(JobStatus::bad_netlist) == "bad netlist");
    CHECK(to_string(JobStatus::not_converged) == "not converged");
    CHECK(to_string(JobStatus::incomplete) == "incomplete");
    CHECK(to_string(JobStatus::timed_out) == "timed out");
    CHECK(to_string(JobStatus::crashed) == "crashed");
}
