// SPDX-License-Identifier: Apache-2.0
#include "behavioral/programming.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using mho::RandomPurpose;
using mho::RandomStream;

TEST_CASE("sigma is the cubic in microsiemens and never negative") {
    const ProgrammingModel model{0.5, -0.1, 0.02, 1e-3, "test"};
    // G = 10 uS: 0.5 - 1 + 2 + 1 = 2.5 uS.
    CHECK_THAT(sigma_siemens(model, 10e-6), WithinRel(2.5e-6, 1e-14));
    CHECK(sigma_siemens(model, 0) == 0.5e-6);
    CHECK(sigma_siemens({-1, 0, 0, 0, ""}, 10e-6) == 0);
}

TEST_CASE("programmed conductances have the asked mean and deviation") {
    const ProgrammingModel model{0.2, 0.05, 0, 0, "test"};
    CellLaw law;
    law.g_min_siemens = 1e-6;
    law.g_max_siemens = 40e-6;
    RandomStream random(3, RandomPurpose::programming_error);
    const Eigen::MatrixXd drawn =
        programmed(model, law, Eigen::MatrixXd::Constant(200, 200, 20e-6), random);
    const double mean = drawn.mean();
    const double sigma = std::sqrt((drawn.array() - mean).square().mean());
    // sigma(20 uS) = 1.2 uS; 40,000 draws: five standard errors are 0.03 and 0.021 uS.
    CHECK_THAT(mean, WithinAbs(20e-6, 0.03e-6));
    CHECK_THAT(sigma, WithinAbs(1.2e-6, 0.022e-6));
}

TEST_CASE("programming clips to the range, keeps absent cells and repeats with its stream") {
    const ProgrammingModel model{5, 0, 0, 0, "test"};
    CellLaw law;
    law.g_min_siemens = 1e-6;
    law.g_max_siemens = 40e-6;
    Eigen::MatrixXd target = Eigen::MatrixXd::Constant(30, 30, 1e-6);
    target.rightCols(10).setConstant(40e-6);
    RandomStream first(9, RandomPurpose::programming_error, 4);
    const Eigen::MatrixXd drawn = programmed(model, law, target, first);
    CHECK(drawn.minCoeff() == 1e-6);
    CHECK(drawn.maxCoeff() == 40e-6);
    target(0, 0) = 0;
    RandomStream second(9, RandomPurpose::programming_error, 4);
    Eigen::MatrixXd again = programmed(model, law, target, second);
    CHECK(again(0, 0) == 0);
    again(0, 0) = drawn(0, 0);
    CHECK(again == drawn);
}
