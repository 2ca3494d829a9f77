// SPDX-License-Identifier: Apache-2.0
#include "behavioral/cell_law.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;

namespace {
const CellLaw kLaw{5e3, -0.8, 0.6, 1e-6, 40e-6, 0.3};
}

TEST_CASE("the cell current is the formula worked by hand") {
    // g = 25 uS, R0 = 5 kohm: g R0 = 0.125, share 1/9; v = 0.18 gives u = 0.02,
    // R = 5000 (1 - 0.016 + 0.00024) = 4921.2, I = 4.5e-6 / (1 + 0.12303).
    CHECK_THAT(cell_current(kLaw, 0.18, 25e-6), WithinRel(4.5e-6 / 1.12303, 1e-14));
    CHECK_THAT(chord_conductance(kLaw, 0.18, 25e-6), WithinRel(25e-6 / 1.12303, 1e-14));
    // At -0.18: R = 5000 (1 + 0.016 + 0.00024) = 5081.2.
    CHECK_THAT(linear_conductance(kLaw, 0.18, 25e-6),
               WithinRel(0.5 * (25e-6 / 1.12303 + 25e-6 / 1.12703), 1e-14));
    CHECK(cell_current(kLaw, 0.0, 25e-6) == 0);
    CHECK(chord_conductance(kLaw, 0.0, 25e-6) == 25e-6 / 1.125);
    CHECK(cell_current(kLaw, 0.18, 0.0) == 0);
}

TEST_CASE("the slope is the derivative of the current") {
    for (const double g : {0.0, 1e-6, 17e-6, 40e-6, 1e-3}) {
        for (const double v : {-0.3, -0.05, 0.0, 0.1, 0.29}) {
            const double h = 1e-5;
            const double difference =
                (cell_current(kLaw, v + h, g) - cell_current(kLaw, v - h, g)) / (2 * h);
            CHECK_THAT(cell_slope(kLaw, v, g), WithinAbs(difference, 1e-9 * g));
        }
    }
}

TEST_CASE("the state for a conductance gives that conductance") {
    for (const double v : {0.0, 0.05, 0.3}) {
        const double low = linear_conductance(kLaw, v, kLaw.g_min_siemens);
        const double high = linear_conductance(kLaw, v, kLaw.g_max_siemens);
        for (int k = 0; k <= 50; ++k) {
            const double target = low + (high - low) * k / 50;
            const double g = state_for_conductance(kLaw, v, target);
            CHECK_THAT(linear_conductance(kLaw, v, g), WithinRel(target, 1e-14));
        }
        CHECK(state_for_conductance(kLaw, v, 0.5 * low) == kLaw.g_min_siemens);
        CHECK(state_for_conductance(kLaw, v, 2 * high) == kLaw.g_max_siemens);
        CHECK(state_for_conductance(kLaw, v, std::nan("")) == kLaw.g_min_siemens);
    }
    CellLaw ideal = kLaw;
    ideal.access_ohm = 0;
    CHECK_THAT(state_for_conductance(ideal, 0.1, 13e-6), WithinRel(13e-6, 1e-15));
}

TEST_CASE("the state is found for a strongly bent law starting from zero conductance") {
    const CellLaw bent{50e3, -6.0, 12.0, 0, 1e-3, 0.4};
    for (const double target : {1e-12, 1e-9, 1e-6, 15e-6}) {
        const double g = state_for_conductance(bent, 0.4, target);
        CHECK_THAT(linear_conductance(bent, 0.4, g), WithinRel(target, 1e-13));
    }
}
