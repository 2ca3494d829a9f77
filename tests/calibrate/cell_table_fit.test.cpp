// SPDX-License-Identifier: Apache-2.0
#include "calibrate/cell_table_fit.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/cell_table.h"

using namespace mho;
using namespace mho::calibrate;

namespace {

using Law = std::function<double(double v, double g)>;

std::vector<double> volts() {
    std::vector<double> v;
    for (int k = -32; k <= 32; ++k) v.push_back(0.2 * k / 32);
    return v;
}

TableFit fit(const Law& law, double tolerance) {
    const std::vector<double> v = volts();
    return fit_cell_table(v, 1e-6, 40e-6, tolerance, [&](std::span<const double> states) {
        std::vector<Curve> curves;
        for (const double g : states) {
            Curve& curve = curves.emplace_back();
            for (const double volt : v) curve.push_back(law(volt, g));
        }
        return curves;
    });
}

// Worst error at states and voltages that the fit did not see, of the largest current.
double held_out_error(const TableFit& fit, const Law& law) {
    RandomStream random(5, RandomPurpose::test, 0);
    double worst = 0;
    for (int k = 0; k < 3000; ++k) {
        const double v = random.uniform(-0.2, 0.2), g = random.uniform(1e-6, 40e-6);
        worst = std::max(worst, std::abs(behavioral::on_table(fit.table, v, g).ampere - law(v, g)));
    }
    return worst / law(0.2, 40e-6);
}

std::string complaint(const Law& law) {
    try {
        fit(law, 1e-3);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_input);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a straight cell needs the first round and one that finds nothing to add") {
    const TableFit found = fit([](double v, double g) { return g * v; }, 2e-3);
    CHECK(found.rounds == 2);
    CHECK(found.measured == 5);
    CHECK(found.table.state_siemens.size() == 3);
    CHECK(found.table.volt.size() == 3);
}

TEST_CASE("curved cells get the states and voltages that their tolerance asks for, and no more") {
    const Law laws[] = {
        [](double v, double g) { return g * 0.06 * std::sinh(v / 0.06); },
        // A resistor behind a saturating transistor; a selector before a resistor.
        [](double v, double g) { return g * v / (1 + 2e4 * g * (1 + 2 * v + 9 * v * v)); },
        [](double v, double g) { return 40e-6 * 0.1 * std::tanh(g * v / (40e-6 * 0.1)); },
        [](double v, double g) { return v * g * std::sqrt(g / 40e-6) * (v > 0 ? 1 + v : 1); }};
    for (const Law& law : laws) {
        const TableFit coarse = fit(law, 2e-3), fine = fit(law, 1e-4);
        CHECK(held_out_error(coarse, law) < 5e-4);
        CHECK(held_out_error(fine, law) < 1e-4);
        CHECK(coarse.table.ampere.size() < fine.table.ampere.size());
        CHECK(coarse.measured <= fine.measured);
        CHECK(fine.table.state_siemens.size() <= kMaxStates);
    }
}

TEST_CASE("cells that no table can describe are refused in one line") {
    CHECK(complaint([](double v, double g) { return g * v + 1e-7; }).find("at 0 V") !=
          std::string::npos);
    CHECK(complaint([](double v, double g) { return g * (v - 20 * v * v * v); }).find("rise") !=
          std::string::npos);
    CHECK(complaint([](double v, double g) { return (50e-6 - g) * v; }).find("next smaller") !=
          std::string::npos);
    // A jump between two states cannot be interpolated.
    CHECK_THROWS_AS(fit([](double v, double g) { return v * (g < 17.77e-6 ? g : 2 * g); }, 1e-3),
                    Error);
}
