// SPDX-License-Identifier: Apache-2.0
#include "behavioral/driver_square.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "behavioral/effective_matrix.h"

using namespace mho::behavioral;
using Catch::Matchers::WithinRel;

TEST_CASE("the square response of one row is the second-order term of its divider") {
    const double driver_ohm = 80, slope = 0.6;
    const Eigen::RowVector3d g(20e-6, 35e-6, 5e-6);
    const ArrayModel model{1, 3, 0, 0, driver_ohm, 0};
    const Eigen::MatrixXd linear =
        array_response(g, model, RowResponse::skip).column_ampere_per_volt;
    const Eigen::MatrixXd square = square_response(linear, driver_ohm, slope);
    // All cells end at the virtual ground: the row voltage is v / (1 + R(v) sum g).
    const auto exact = [&](double v, Eigen::Index column) {
        return g(column) * v / (1 + driver_ohm * (1 + slope * v) * g.sum());
    };
    for (Eigen::Index j = 0; j < 3; ++j) {
        for (const double v : {0.1, -0.1, 0.02}) {
            const double even = 0.5 * (exact(v, j) + exact(-v, j));
            CHECK_THAT(square(0, j) * v * v, WithinRel(even, 1e-4));
            CHECK(even < 0);  // a resistance that rises with the level loses more above it
        }
    }
}

TEST_CASE("drivers of constant resistance have no square response") {
    const Eigen::MatrixXd linear = Eigen::MatrixXd::Constant(4, 3, 1e-5);
    CHECK(square_response(linear, 100, 0).isZero(0));
    CHECK(square_response(linear, 0, 0.5).isZero(0));
}
