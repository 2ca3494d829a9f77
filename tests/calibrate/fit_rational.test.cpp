// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit_rational.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <numbers>

#include "base/error.h"

using Catch::Matchers::WithinRel;
using Complex = std::complex<double>;

namespace {

std::vector<double> frequencies() {
    std::vector<double> hertz;
    for (int k = 0; k <= 80; ++k) hertz.push_back(std::pow(10.0, 6 + k / 20.0));
    return hertz;
}

}  // namespace

TEST_CASE("two responses of one third-order network give back its coefficients") {
    const std::vector<double> d{1.04e-8, 4.1e-18, 1e-27};
    const std::vector<double> a{100, 2e-6, 1e-16}, b{-1e4, 1e-7, -1e-17};
    const std::vector<double> hertz = frequencies();
    std::vector<std::vector<Complex>> responses(2);
    for (const double f : hertz) {
        const Complex s(0, 2 * std::numbers::pi * f);
        const Complex bottom = 1.0 + s * (d[0] + s * (d[1] + s * d[2]));
        responses[0].push_back((a[0] + s * (a[1] + s * a[2])) / bottom);
        responses[1].push_back((b[0] + s * (b[1] + s * b[2])) / bottom);
    }
    const auto fit = mho::calibrate::fit_rational(hertz, responses, 3);
    CHECK(fit.worst_error < 1e-9);
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK_THAT(fit.denominator[k], WithinRel(d[k], 1e-6));
        CHECK_THAT(fit.numerator[0][k], WithinRel(a[k], 1e-6));
        CHECK_THAT(fit.numerator[1][k], WithinRel(b[k], 1e-6));
    }
    // One order less cannot follow it.
    CHECK(mho::calibrate::fit_rational(hertz, responses, 2).worst_error > 1e-3);
}

TEST_CASE("too few frequencies are refused") {
    const std::vector<double> hertz{1e6, 1e7};
    const std::vector<std::vector<Complex>> one(1, {{1, 0}, {1, 0}});
    CHECK_THROWS_AS(mho::calibrate::fit_rational(hertz, one, 4), mho::Error);
}
