// SPDX-License-Identifier: Apache-2.0
#include "behavioral/cell_array.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/cell_law.h"
#include "behavioral/cell_laws.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

struct Point {
    double ampere, slope;
};

Point at(const CellArray& cells, double volt) {
    Point point{};
    CellKernel(cells, 1).evaluate(&volt, &point.ampere, &point.slope);
    return point;
}

MatrixXd single_cell(double value) {
    return MatrixXd::Constant(1, 1, value);
}

}  // namespace

TEST_CASE("HfO2 cells carry the published currents") {
    // CrossSim's RRAMMilo at 0.2 and -0.2 V, states 0, 1/4, 1/2 and 1 of 50 to 225 uS.
    const double up[] = {8.6552e-6, 18.3697e-6, 27.3176e-6, 44.9332e-6};
    const double down[] = {-11.6107e-6, -19.1355e-6, -27.6325e-6, -45.0614e-6};
    const double state[] = {50e-6, 93.75e-6, 137.5e-6, 225e-6};
    for (int k = 0; k < 4; ++k) {
        const PolynomialCells cells = hfo2_cells(single_cell(state[k]));
        CHECK_THAT(at(cells, 0.2).ampere, WithinAbs(up[k], 6e-11));
        CHECK_THAT(at(cells, -0.2).ampere, WithinAbs(down[k], 6e-11));
    }
    CHECK(at(hfo2_cells(single_cell(0)), 0.2).ampere == 0);
}

TEST_CASE("each law is its formula") {
    CHECK_THAT(at(PolynomialCells{single_cell(2), single_cell(3), single_cell(-5)}, 0.5).ampere,
               WithinRel(1.125, 1e-15));
    CHECK_THAT(at(SinhCells{single_cell(2e-5), 0.1}, 0.3).ampere,
               WithinRel(2e-6 * std::sinh(3.0), 1e-14));
    CHECK_THAT(at(SinhCells{single_cell(2e-5), 0.1}, 1e-12).ampere, WithinRel(2e-17, 1e-14));
    CHECK_THAT(at(SinhCells{single_cell(2e-5), 0.1}, -0.3).slope,
               WithinRel(2e-5 * std::cosh(3.0), 1e-14));
    for (const double volt : {-0.3, -2.5, -3.7, -60.0}) {
        CHECK_THAT(at(SinhCells{single_cell(2e-5), 0.1}, volt).ampere,
                   WithinRel(2e-6 * std::sinh(volt / 0.1), 1e-13));
    }
    const CellLaw law{5e3, -2.0, 3.0, 1e-6, 40e-6, 0.5};
    CHECK_THAT(at(CardCells{single_cell(25e-6), law}, 0.18).ampere,
               WithinRel(cell_current(law, 0.18, 25e-6), 1e-14));
    CHECK_THAT(at(CardCells{single_cell(25e-6), law}, -0.1).slope,
               WithinRel(cell_slope(law, -0.1, 25e-6), 1e-14));
}

TEST_CASE("a table passes through its points, rises between them and goes on straight") {
    const TableCells cells{single_cell(3e-5), {-0.2, 0.0, 0.1, 0.3}, {-1.0, 0.0, 0.01, 0.5}};
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK_THAT(at(cells, cells.volt[k]).ampere, WithinAbs(3e-5 * cells.f_volt[k], 1e-20));
    }
    double before = at(cells, -0.5).ampere;
    for (int k = -49; k <= 50; ++k) {
        const Point point = at(cells, 0.01 * k);
        CHECK(point.ampere > before);
        CHECK(point.slope > 0);
        before = point.ampere;
    }
    const double rise = at(cells, 0.5).ampere - at(cells, 0.4).ampere;
    CHECK_THAT(at(cells, 0.9).ampere, WithinRel(at(cells, 0.4).ampere + 5 * rise, 1e-12));
    CHECK_THAT(at(cells, 0.4).slope, WithinRel(10 * rise, 1e-12));
}

TEST_CASE("slopes are the derivatives of the currents, by row and by column alike") {
    for (const auto& [name, cells] : cell_law_cases(3, 5)) {
        CAPTURE(name);
        const CellKernel kernel(cells, 8);
        const Index size = 3 * 8;
        VectorXd volt = VectorXd::LinSpaced(size, -0.25, 0.25);
        VectorXd ampere(size), slope(size), above(size), below(size), unused(size);
        kernel.evaluate(volt.data(), ampere.data(), slope.data());
        const double h = 1e-5;
        volt.array() += h;
        kernel.evaluate(volt.data(), above.data(), unused.data());
        volt.array() -= 2 * h;
        kernel.evaluate(volt.data(), below.data(), unused.data());
        volt.array() += h;
        kernel.evaluate(volt.data(), ampere.data(), unused.data());
        CHECK(((above - below) / (2 * h) - slope).cwiseAbs().maxCoeff() < 2e-5 * 200e-6);
        for (Index i = 0; i < 3; ++i) {
            CHECK(ampere.segment(i * 8 + 5, 3).isZero(0));
            CHECK(slope.segment(i * 8 + 5, 3).isZero(0));
        }
        VectorXd v(3), a(3), s(3);
        for (Index i = 0; i < 3; ++i) v(i) = volt(i * 8 + 2);
        kernel.evaluate_column(2, v.data(), a.data(), s.data());
        for (Index i = 0; i < 3; ++i) {
            CHECK(a(i) == ampere(i * 8 + 2));
            CHECK_THAT(s(i), WithinRel(slope(i * 8 + 2), 1e-9));
        }
        const MatrixXd small = small_signal_siemens(cells);
        VectorXd zero = VectorXd::Zero(size);
        kernel.evaluate(zero.data(), ampere.data(), slope.data());
        for (Index i = 0; i < 3; ++i) CHECK_THAT(slope(i * 8 + 1), WithinAbs(small(i, 1), 1e-19));
    }
}

TEST_CASE("cells that make no sense are refused") {
    const MatrixXd g = MatrixXd::Ones(2, 3);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(check_cells(PolynomialCells{g, g, single_cell(1)}, 2, 3),
                      "cubic coefficients: 1 x 1, expected 2 rows x 3 columns");
    CHECK_THROWS_WITH(check_cells(PolynomialCells{g, nan * g, g}, 2, 3),
                      "quadratic coefficients: not all are finite");
    CHECK_THROWS_WITH(check_cells(SinhCells{g, 0}, 2, 3), "cell law: v0 is 0, expected volts > 0");
    CHECK_THROWS_WITH(check_cells(SinhCells{-g, 1}, 2, 3),
                      "cell conductances: the smallest is -1, expected >= 0");
    CHECK_THROWS_WITH(check_cells(CardCells{-g, {}}, 2, 3), ContainsSubstring("cell states"));
    CHECK_THROWS_WITH(check_cells(TableCells{g, {0}, {0}}, 2, 3), ContainsSubstring("at least 2"));
    CHECK_THROWS_WITH(check_cells(TableCells{g, {0, 1, 1}, {0, 1, 2}}, 2, 3),
                      ContainsSubstring("point 2 is (1, 2), expected finite and rising"));
    CHECK_THROWS_AS(hfo2_cells(-g), mho::Error);
}
