// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/cell_law.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

behavioral::CellLaw made_law() {
    return {2300, -0.4, 15, 2e-6, 150e-6, 0.15};
}

std::vector<CellPoint> points_of(const behavioral::CellLaw& law, double noise_ampere) {
    RandomStream random(7, RandomPurpose::test);
    std::vector<CellPoint> points;
    for (int s = 0; s < 12; ++s) {
        const double g = law.g_min_siemens + s / 11.0 * (law.g_max_siemens - law.g_min_siemens);
        for (int k = 0; k <= 30; ++k) {
            const double v = law.v_max_volt * (k / 15.0 - 1);
            points.push_back({v, g, cell_current(law, v, g) + noise_ampere * random.normal()});
        }
    }
    return points;
}

}  // namespace

TEST_CASE("a cell law is recovered from its own currents") {
    const behavioral::CellLaw law = made_law();
    FitSummary summary;
    const behavioral::CellLaw fitted = fit_cell_law(points_of(law, 0), &summary);
    CHECK_THAT(fitted.access_ohm, WithinRel(law.access_ohm, 1e-8));
    CHECK_THAT(fitted.access_per_volt, WithinRel(law.access_per_volt, 1e-6));
    CHECK_THAT(fitted.access_per_volt_squared, WithinRel(law.access_per_volt_squared, 1e-6));
    CHECK_THAT(fitted.g_min_siemens, WithinRel(law.g_min_siemens, 1e-12));
    CHECK_THAT(fitted.g_max_siemens, WithinRel(law.g_max_siemens, 1e-12));
    CHECK_THAT(fitted.v_max_volt, WithinRel(law.v_max_volt, 1e-12));
    CHECK(summary.worst_residual < 1e-9);
    CHECK(summary.converged);
}

TEST_CASE("under noise the parameters lie within a few of their stated standard errors") {
    const behavioral::CellLaw law = made_law();
    const double noise = 1e-3 * law.g_max_siemens * law.v_max_volt;
    FitSummary summary;
    fit_cell_law(points_of(law, noise), &summary);
    const double truth[] = {law.access_ohm, law.access_per_volt, law.access_per_volt_squared};
    for (std::size_t k = 0; k < 3; ++k) {
        CAPTURE(k, summary.parameters[k], summary.standard_errors[k]);
        CHECK(summary.standard_errors[k] > 0);
        CHECK(std::abs(summary.parameters[k] - truth[k]) < 4 * summary.standard_errors[k]);
        CHECK(std::abs(summary.parameters[k] - truth[k]) > 1e-6 * summary.standard_errors[k]);
    }
    CHECK_THAT(summary.rms_residual, WithinRel(1e-3, 0.2));
}

TEST_CASE("a cell law needs points that carry current") {
    CHECK_THROWS_AS(fit_cell_law({}), Error);
    const std::vector<CellPoint> dead(10, CellPoint{0, 1e-6, 0});
    CHECK_THROWS_AS(fit_cell_law(dead), Error);
}

TEST_CASE("a polynomial is recovered exactly, and its slope with it") {
    const std::vector<double> truth{0.3, -2, 0.5, 7, -1};
    std::vector<double> x, y;
    for (int k = 0; k < 12; ++k) {
        x.push_back(-3e-5 + 5e-6 * k);
        y.push_back(polynomial(truth, x.back() / 1e-5));
    }
    const FitSummary fit = fit_polynomial(x, y, 4);
    for (int k = 0; k <= 4; ++k) {
        const auto at = static_cast<std::size_t>(k);
        CHECK_THAT(fit.parameters[at] * std::pow(1e-5, k), WithinRel(truth[at], 1e-9));
    }
    CHECK(fit.worst_residual < 1e-10);
    const double step = 1e-4;
    const double by_difference =
        (polynomial(truth, 1.7 + step) - polynomial(truth, 1.7 - step)) / (2 * step);
    CHECK_THAT(polynomial_slope(truth, 1.7), WithinRel(by_difference, 1e-6));
}

TEST_CASE("weighted by its spacings a fit does not depend on where points lie densest") {
    // A line through a parabola, x from 0 to 1: least squares over the interval is x - 1 / 6.
    std::vector<double> x, y;
    for (int k = 0; k <= 400; ++k) {
        const double at = std::pow(k / 400.0, 3);  // most points near 0
        x.push_back(at);
        y.push_back(at * at);
    }
    const FitSummary even = fit_polynomial(x, y, 1, spacings(x));
    CHECK_THAT(even.parameters[0], WithinAbs(-1.0 / 6, 1e-3));
    CHECK_THAT(even.parameters[1], WithinAbs(1, 1e-3));
    CHECK(fit_polynomial(x, y, 1).parameters[0] > -0.13);
    const std::vector<double> falling{3, 2, 0};
    CHECK(spacings(falling) == std::vector<double>{0.5, 1.5, 1});
    CHECK_THROWS_AS(fit_polynomial(x, y, 1, falling), Error);
}

TEST_CASE("a polynomial of too few points is refused") {
    const std::vector<double> three{1, 2, 3}, two{1, 2};
    CHECK_THROWS_AS(fit_polynomial(three, three, 3), Error);
    CHECK_THROWS_AS(fit_polynomial(three, two, 1), Error);
}
