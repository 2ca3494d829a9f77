// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_nodes.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/grid_solver.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

// Column and row currents for one volt on each row in turn.
struct Responses {
    MatrixXd column, row;
};
Responses node_responses(const ArrayCase& array) {
    const auto solved =
        solve_nodes(array.g, array.model, MatrixXd::Identity(array.model.rows, array.model.rows));
    Responses out{MatrixXd(array.model.rows, array.model.columns),
                  MatrixXd(array.model.rows, array.model.rows)};
    for (Index i = 0; i < out.row.rows(); ++i) {
        out.column.row(i) = solved[static_cast<std::size_t>(i)].column_ampere.transpose();
        out.row.row(i) = solved[static_cast<std::size_t>(i)].row_ampere.transpose();
    }
    return out;
}

// Worst violation of Kirchhoff's current law over all inner nodes, ampere.
double worst_imbalance(const ArrayNodes& s, const ArrayCase& array) {
    const Index rows = array.g.rows(), columns = array.g.cols();
    const MatrixXd cell = array.g.cwiseProduct(s.row_volt - s.column_volt);
    double worst = 0;
    for (Index i = 0; i < rows; ++i) {
        double along = s.row_ampere(i);
        for (Index j = 0; j < columns; ++j) {
            const double onward = j + 1 < columns ? (s.row_volt(i, j) - s.row_volt(i, j + 1)) /
                                                        array.model.row_segment_ohm
                                                  : 0.0;
            worst = std::max(worst, std::abs(along - cell(i, j) - onward));
            along = onward;
        }
    }
    for (Index j = 0; j < columns; ++j) {
        double along = 0;
        for (Index i = 0; i < rows; ++i) {
            const double onward = i + 1 < rows ? (s.column_volt(i, j) - s.column_volt(i + 1, j)) /
                                                     array.model.column_segment_ohm
                                               : s.column_ampere(j);
            worst = std::max(worst, std::abs(along + cell(i, j) - onward));
            along = onward;
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("published nodal solutions of an 8 x 5 array are met to all their digits") {
    // Normalised: cells 0.01 .. 1, row segments 1e-3, column segments 2e-3 (CrossSim's solver at
    // 1e-10 agrees with a sparse exact solve on these numbers).
    MatrixXd g(8, 5), v(1, 8);
    for (int i = 0; i < 8; ++i) {
        v(0, i) = ((3 * i + 1) % 8) / 7.0;
        for (int o = 0; o < 5; ++o) g(i, o) = 0.01 + 0.99 * ((7 * o + 3 * i + o * i) % 17) / 16.0;
    }
    const double without[] = {1.4127899418, 2.0683093187, 1.8910489219, 2.698567178, 1.630671382};
    const double with[] = {1.3702987316, 1.9882481062, 1.8186009142, 2.596908221, 1.5703657088};
    const double ideal[] = {1.4454464286, 2.14375, 1.9404464286, 2.7890178571, 1.6841071429};
    for (int o = 0; o < 5; ++o) {
        CAPTURE(o);
        CHECK_THAT(solve_nodes(g, {8, 5, 1e-3, 2e-3, 0, 0}, v)[0].column_ampere(o),
                   WithinAbs(without[o], 6e-11));
        CHECK_THAT(solve_nodes(g, {8, 5, 1e-3, 2e-3, 0, 1e-2}, v)[0].column_ampere(o),
                   WithinAbs(with[o], 6e-11));
        CHECK_THAT(solve_nodes(g, {8, 5, 0, 0, 0, 0}, v)[0].column_ampere(o),
                   WithinAbs(ideal[o], 6e-11));
    }
}

TEST_CASE("the worst column of a uniform square array loses what was published") {
    const auto [size, r, ratio] = GENERATE(table<int, double, double>({{32, 1e-5, 0.99122},
                                                                       {32, 1e-4, 0.91846},
                                                                       {32, 1e-3, 0.52407},
                                                                       {64, 1e-5, 0.96636},
                                                                       {64, 1e-4, 0.74006},
                                                                       {64, 1e-3, 0.20839}}));
    const auto solved =
        solve_nodes(MatrixXd::Ones(size, size), {size, size, r, r, 0, 0}, MatrixXd::Ones(1, size));
    CHECK_THAT(solved[0].column_ampere.minCoeff() / size, WithinAbs(ratio, 5.1e-6));
}

TEST_CASE("a uniform column behind stiff rows follows the closed form of a ladder") {
    // I / (N G V) = [1 - cosh((N-1/2) t) / cosh((N+1/2) t)] / (N r), t = 2 asinh(sqrt(r)/2).
    const auto [n, r] =
        GENERATE(table<int, double>({{1, 1e-2}, {2, 0.5}, {37, 1e-3}, {128, 1e-4}, {576, 1e-4}}));
    const double t = 2 * std::asinh(std::sqrt(r) / 2);
    const double exact = (1 - std::cosh((n - 0.5) * t) / std::cosh((n + 0.5) * t)) / (n * r);
    const double g = 1e-5;
    const auto solved =
        solve_nodes(MatrixXd::Constant(n, 1, g), {n, 1, 0, r / g, 0, 0}, MatrixXd::Ones(1, n));
    CHECK_THAT(solved[0].column_ampere(0) / (n * g), WithinRel(exact, 1e-11));
}

TEST_CASE("the solver agrees with a dense solve of the plain nodal equations") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {1, 7}, {7, 1}, {2, 2}, {7, 5}, {5, 8}}));
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        CHECK(worst_relative(node_responses(array).column, dense_response(array.g, array.model)) <
              1e-9);
    }
}

TEST_CASE("without wires the currents are the ideal product") {
    const ArrayCase array{"ideal", ordinary(37, 53), {37, 53, 0, 0, 0, 0}};
    const Responses found = node_responses(array);
    CHECK(worst_relative(found.column, array.g) < 1e-15);
    CHECK(worst_relative(found.row, MatrixXd(array.g.rowwise().sum().asDiagonal())) < 1e-14);
}

TEST_CASE("zero resistances are the limit of small ones") {
    for (const ArrayCase& array : zero_wire_cases(5, 4)) {
        CAPTURE(array.name);
        ArrayModel small = array.model;
        for (double* ohm : {&small.row_segment_ohm, &small.column_segment_ohm, &small.driver_ohm,
                            &small.sense_ohm}) {
            if (*ohm == 0) *ohm = 1e-6;
        }
        CHECK(worst_relative(node_responses(array).column, dense_response(array.g, small)) < 1e-6);
    }
}

TEST_CASE("Kirchhoff's current law holds at every node and no energy is lost") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1}, {1, 9}, {37, 53}, {127, 16}}));
    const ArrayCase array{"", 10 * ordinary(rows, columns), {rows, columns, 3, 2, 300, 50}};
    const MatrixXd drive =
        drawn(2, rows, 5, [](mho::RandomStream& r) { return r.uniform(-0.2, 0.2); });
    const auto all = solve_nodes(array.g, array.model, drive);
    REQUIRE(all.size() == 2);
    for (Index b = 0; b < 2; ++b) {
        const ArrayNodes& s = all[static_cast<std::size_t>(b)];
        // Wires of 2 ohm turn rounding of 0.2 V into about 1e-17 A.
        CHECK(worst_imbalance(s, array) < 1e-15);
        double dissipated = array.g.cwiseProduct(s.cell_volt.cwiseAbs2()).sum();
        for (Index i = 0; i < rows; ++i) {
            const double first = drive(b, i) - s.row_volt(i, 0);
            dissipated += first * first / 303;
            for (Index j = 1; j < columns; ++j) {
                dissipated += std::pow(s.row_volt(i, j) - s.row_volt(i, j - 1), 2) / 3;
            }
        }
        for (Index j = 0; j < columns; ++j) {
            dissipated += s.column_ampere(j) * s.column_ampere(j) * 52;
            for (Index i = 1; i < rows; ++i) {
                dissipated += std::pow(s.column_volt(i, j) - s.column_volt(i - 1, j), 2) / 2;
            }
        }
        CHECK_THAT(drive.row(b).dot(s.row_ampere), WithinRel(dissipated, 1e-11));
    }
}

TEST_CASE("the drivers' response is symmetric and each driver's current reaches the read-outs") {
    for (const ArrayCase& array : hard_cases(9, 6)) {
        CAPTURE(array.name);
        const Responses found = node_responses(array);
        const double largest = found.row.cwiseAbs().maxCoeff();
        CHECK((found.row - found.row.transpose()).cwiseAbs().maxCoeff() <= 1e-13 * largest);
        const Eigen::VectorXd lost = found.row.rowwise().sum() - found.column.rowwise().sum();
        CHECK(lost.cwiseAbs().maxCoeff() <= 1e-9 * largest);
    }
}

TEST_CASE("arrays and drives that make no sense are refused in one line") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const MatrixXd g = MatrixXd::Ones(2, 3), v = MatrixXd::Ones(1, 2);
    const ArrayModel model{2, 3, 1, 1, 0, 0};
    CHECK_THROWS_WITH(solve_nodes(MatrixXd::Ones(3, 3), model, v),
                      "conductances: 3 x 3, expected 2 rows x 3 columns");
    CHECK_THROWS_WITH(solve_nodes(g, {0, 3, 1, 1, 0, 0}, v), ContainsSubstring("at least 1 x 1"));
    CHECK_THROWS_WITH(solve_nodes(g, {2, 3, -1, 1, 0, 0}, v),
                      ContainsSubstring("row_segment_ohm is -1"));
    CHECK_THROWS_WITH(solve_nodes(g, {2, 3, 1, nan, 0, 0}, v),
                      ContainsSubstring("column_segment_ohm is nan"));
    CHECK_THROWS_WITH(solve_nodes(g, {2, 3, 1, 1, HUGE_VAL, 0}, v),
                      ContainsSubstring("driver_ohm is inf"));
    CHECK_THROWS_WITH(solve_nodes(g, {2, 3, 1, 1, 0, -2}, v), ContainsSubstring("sense_ohm is -2"));
    MatrixXd bad = g;
    bad(1, 2) = -1e-6;
    CHECK_THROWS_WITH(solve_nodes(bad, model, v), ContainsSubstring("row 1, column 2 is -1e-06"));
    bad(1, 2) = nan;
    CHECK_THROWS_AS(solve_nodes(bad, model, v), mho::Error);
    CHECK_THROWS_WITH(solve_nodes(g, model, MatrixXd::Ones(1, 3)),
                      ContainsSubstring("expected one per row of the array (2)"));
    CHECK_THROWS_WITH(solve_nodes(g, model, nan * v), ContainsSubstring("not all are finite"));
}

TEST_CASE("wires that are tiny beside drivers and read-outs keep the currents' digits") {
    const MatrixXd g = MatrixXd::Constant(8, 4, 1e-5);
    const auto [wire, end] = GENERATE(table<double, double>(
        {{1e-9, 1e3}, {1e-9, 1e6}, {1e-8, 1e6}, {1e-6, 1e3}, {1e-6, 1e9}, {1e-3, 1e9}}));
    CAPTURE(wire, end);
    const ArrayModel model{8, 4, wire, wire, end, end};
    const MatrixXd volt = MatrixXd::Constant(1, 8, 0.1);
    const VectorXd found = solve_nodes(g, model, volt)[0].column_ampere;
    const VectorXd built =
        array_response(g, model).column_ampere_per_volt.transpose() * volt.row(0).transpose();
    CHECK(worst_relative(found, built) < 1e-10);
}

TEST_CASE("resistances beyond double precision are refused, not solved wrongly") {
    const MatrixXd g = MatrixXd::Constant(8, 4, 1e-5), volt = MatrixXd::Constant(1, 8, 0.1);
    CHECK_THROWS_WITH(solve_nodes(g, ArrayModel{8, 4, 1, 1e-12, 0, 1e3}, volt),
                      Catch::Matchers::ContainsSubstring("too unlike"));
    // Here the recurrences of the fast solver lose the cells' voltages.
    const GridSolver stiff(MatrixXd::Constant(2, 2, 1e18), ArrayModel{2, 2, 1, 1, 0, 0});
    CHECK_THROWS_AS(stiff.solve(MatrixXd{{1, 2}}), mho::Error);
}
