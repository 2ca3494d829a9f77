// SPDX-License-Identifier: Apache-2.0
#include "flows/confidence.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "base/random.h"

using Catch::Approx;
using mho::flows::confidence_half_width;

TEST_CASE("confidence intervals use Student's tabulated factors") {
    // t of 97.5 percent: 12.706 (1), 4.303 (2), 2.776 (4 degrees of freedom).
    CHECK(confidence_half_width({0, 1}) == Approx(12.706 / 2).epsilon(1e-4));
    CHECK(confidence_half_width({0, 1, 2}) == Approx(4.303 / std::sqrt(3.0)).epsilon(1e-4));
    CHECK(confidence_half_width({1, 2, 3, 4, 5}) ==
          Approx(2.776 * std::sqrt(2.5 / 5)).epsilon(1e-3));
    CHECK(confidence_half_width({}) == 0);
    CHECK(confidence_half_width({3}) == 0);
}

TEST_CASE("95 of 100 intervals hold the mean") {
    mho::RandomStream random(5, mho::RandomPurpose::test);
    int held = 0;
    constexpr int kRuns = 4000;
    for (int run = 0; run < kRuns; ++run) {
        std::vector<double> values(5);
        double mean = 0;
        for (double& value : values) mean += (value = random.normal()) / 5;
        held += std::abs(mean) < confidence_half_width(values) ? 1 : 0;
    }
    CHECK(held / static_cast<double>(kRuns) == Approx(0.95).margin(0.015));
}
