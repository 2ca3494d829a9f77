// SPDX-License-Identifier: Apache-2.0
#include "behavioral/readout.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;

namespace {
ReadoutModel model() {
    ReadoutModel m;
    m.transimpedance_ohm = 1e4;
    m.offset_volt = 0.35;
    m.quadratic_per_ampere = 1000;
    m.cubic_per_ampere_squared = -1e8;
    m.current_max_ampere = 25e-6;
    return m;
}
}  // namespace

TEST_CASE("the read-out follows its polynomial inside the fitted range") {
    // 20 uA: 20e-6 + 1000 * 4e-10 - 1e8 * 8e-15 = 19.6e-6.
    CHECK_THAT(readout_volt(model(), 20e-6), WithinRel(0.35 - 0.196, 1e-14));
    CHECK_THAT(readout_volt(model(), -20e-6), WithinRel(0.35 + 0.188, 1e-14));
    CHECK(readout_volt(model(), 0) == 0.35);
}

TEST_CASE("the read-out goes on along its tangent and stays falling") {
    const ReadoutModel m = model();
    for (const double end : {-25e-6, 25e-6}) {
        const double slope = readout_slope(m, end);
        CHECK_THAT(readout_volt(m, 3 * end),
                   WithinRel(readout_volt(m, end) + slope * 2 * end, 1e-13));
        CHECK(readout_slope(m, 3 * end) == slope);
    }
    double last = readout_volt(m, -1e-3);
    for (int k = -999; k <= 1000; ++k) {
        const double volt = readout_volt(m, k * 1e-6);
        CHECK(volt < last);
        last = volt;
    }
}

TEST_CASE("the slope is the derivative of the read-out") {
    for (const double i : {-40e-6, -13e-6, 0.0, 20e-6}) {
        const double h = 1e-9;
        const double difference =
            (readout_volt(model(), i + h) - readout_volt(model(), i - h)) / (2 * h);
        CHECK_THAT(readout_slope(model(), i), WithinRel(difference, 1e-6));
    }
}

TEST_CASE("the inverse of the read-out returns every current") {
    ReadoutModel flat = model();  // slope at +25 uA nearly zero: 1 - 3 * 5.3e8 * 6.25e-10
    flat.quadratic_per_ampere = 0;
    flat.cubic_per_ampere_squared = -5.3e8;
    for (int k = -60; k <= 60; ++k) {
        const double i = k * 1e-6;
        CHECK_THAT(readout_ampere(model(), readout_volt(model(), i)), WithinAbs(i, 1e-19));
        CHECK_THAT(readout_ampere(flat, readout_volt(flat, i)), WithinAbs(i, 1e-17));
    }
}
