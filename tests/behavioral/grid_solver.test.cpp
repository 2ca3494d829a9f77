// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_solver.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/grid_work.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

MatrixXd some_volts(Index batch, int sources, double low) {
    return drawn(static_cast<int>(batch), sources, 17,
                 [low](mho::RandomStream& r) { return r.uniform(low, 0.2); });
}

// Worst error of the column currents as a part of what the drivers deliver, over the batch.
double worst_error(const GridSolution& found, const std::vector<ArrayNodes>& expected) {
    double worst = 0;
    for (Index b = 0; b < found.column_ampere.rows(); ++b) {
        const ArrayNodes& s = expected[static_cast<std::size_t>(b)];
        const double error = (found.column_ampere.row(b).transpose() - s.column_ampere).lpNorm<1>();
        if (error != 0) worst = std::max(worst, error / s.row_ampere.lpNorm<1>());
    }
    return worst;
}

void check_nodes(const ArrayNodes& found, const ArrayNodes& expected, double tolerance) {
    CHECK((found.row_volt - expected.row_volt).cwiseAbs().maxCoeff() < tolerance);
    CHECK((found.column_volt - expected.column_volt).cwiseAbs().maxCoeff() < tolerance);
    CHECK((found.cell_volt - expected.cell_volt).cwiseAbs().maxCoeff() < tolerance);
}

}  // namespace

TEST_CASE("the fast solver keeps its tolerance at awkward sizes and under hard conditions") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1},
                                                           {1, 2},
                                                           {2, 1},
                                                           {2, 2},
                                                           {1, 53},
                                                           {53, 1},
                                                           {7, 9},
                                                           {9, 7},
                                                           {8, 8},
                                                           {15, 16},
                                                           {17, 15},
                                                           {37, 53},
                                                           {127, 33},
                                                           {31, 127},
                                                           {3, 1000},
                                                           {1000, 2}}));
    std::vector<ArrayCase> cases = hard_cases(rows, columns);
    for (const ArrayCase& array : zero_wire_cases(rows, columns)) cases.push_back(array);
    const MatrixXd drive = some_volts(2, rows, -0.1);
    for (const ArrayCase& array : cases) {
        CAPTURE(array.name, rows, columns);
        const auto expected = solve_nodes(array.g, array.model, drive);
        for (const double tolerance : {1e-3, 1e-9}) {
            CAPTURE(tolerance);
            const GridSolution found =
                GridSolver(array.g, array.model).solve(drive, {tolerance, 400, true});
            CHECK(found.relative_bound.maxCoeff() <= tolerance);
            CHECK(worst_error(found, expected) <= found.relative_bound.maxCoeff() + 1e-10);
            REQUIRE(found.nodes.size() == 2);
            if (tolerance < 1e-6) check_nodes(found.nodes[1], expected[1], 1e-6);
        }
    }
}

TEST_CASE("ordinary arrays are solved by iteration, not by the direct solver") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 40}, {40, 1}, {37, 53}, {64, 64}}));
    for (const ArrayCase& array : zero_wire_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const GridSolution found =
            GridSolver(array.g, array.model).solve(some_volts(3, rows, 0), {1e-10, 100, false});
        CHECK(found.solved_directly == 0);
        CHECK(found.nodes.empty());
        CHECK(found.relative_bound.maxCoeff() <= 1e-10);
    }
}

TEST_CASE("an array with over 90 % of the current lost is solved to ten digits") {
    const MatrixXd g = MatrixXd::Ones(127, 127);
    const ArrayModel model{127, 127, 2e-3, 2e-3, 1e-3, 1e-3};
    const MatrixXd drive = MatrixXd::Ones(1, 127);
    const auto expected = solve_nodes(g, model, drive);
    REQUIRE(expected[0].column_ampere.sum() < 0.1 * g.sum());
    const GridSolution found = GridSolver(g, model).solve(drive, {1e-11, 200, false});
    CHECK(found.solved_directly == 0);
    CHECK(worst_relative(found.column_ampere.row(0).transpose(), expected[0].column_ampere) <
          1e-10);
}

TEST_CASE("the fast solver gives the published ratio of uniform square arrays") {
    const auto [size, r, ratio] = GENERATE(table<int, double, double>({{64, 1e-4, 0.74006},
                                                                       {64, 1e-3, 0.20839},
                                                                       {128, 1e-5, 0.87846},
                                                                       {128, 1e-4, 0.41116},
                                                                       {128, 1e-3, 0.05488}}));
    const GridSolution found = GridSolver(MatrixXd::Ones(size, size), {size, size, r, r, 0, 0})
                                   .solve(MatrixXd::Ones(1, size), {1e-8, 300, false});
    CHECK_THAT(found.column_ampere.minCoeff() / size, WithinAbs(ratio, 5.1e-6));
}

// The coarse correction (behavioral/grid_coarse.h) is what the iterations of these arrays rest on:
// lines alone take more than twice as many.
TEST_CASE("smooth drops over long wires take few iterations and keep the bound") {
    const auto [rows, columns, ohm] = GENERATE(table<int, int, double>(
        {{128, 128, 20.0}, {200, 70, 20.0}, {70, 200, 20.0}, {110, 110, 0}}));
    const MatrixXd cells = drawn(rows, columns, 21, [](mho::RandomStream& r) {
        return r.uniform() < 0.2 ? 0.0 : std::pow(10.0, r.uniform(-6, -4));
    });
    const ArrayModel model{rows, columns, 20, 20, ohm, 3 * ohm};
    const MatrixXd drive = some_volts(3, rows, -0.1);
    const auto expected = solve_nodes(cells, model, drive);
    const GridSolver solver(cells, model);
    REQUIRE(solver.factors().rounded().coarse_row != nullptr);
    for (const double tolerance : {1e-3, 1e-6, 1e-10}) {
        CAPTURE(rows, columns, tolerance);
        const GridSolution found = solver.solve(drive, {tolerance, 300, false});
        CHECK(found.solved_directly == 0);
        CHECK(found.iterations <= 2 - std::log10(tolerance));
        CHECK(found.relative_bound.maxCoeff() <= tolerance);
        CHECK(worst_error(found, expected) <= found.relative_bound.maxCoeff() + 1e-11);
    }
}

TEST_CASE("the size of the drive does not matter, nor what other vectors it comes with") {
    const ArrayCase array{"", ordinary(60, 50), {60, 50, 40, 40, 0, 0}};
    const GridSolver solver(array.g, array.model);
    const MatrixXd drive = some_volts(1, 60, -0.2);
    MatrixXd scaled(4, 60);
    const double volts[] = {1e-150, 1, 1e150, 0};
    for (Index b = 0; b < 4; ++b) scaled.row(b) = volts[b] * drive;
    const GridSolution found = solver.solve(scaled);
    CHECK(found.solved_directly == 0);
    CHECK(found.column_ampere.row(3).isZero(0));
    for (const Index b : {Index{0}, Index{2}}) {
        CHECK((found.column_ampere.row(b) / volts[b] - found.column_ampere.row(1)).norm() <
              1e-6 * found.column_ampere.row(1).norm());
    }
}

TEST_CASE("a tighter tolerance gives smaller bounds and errors") {
    const ArrayCase array{"", 40 * ordinary(150, 130), {150, 130, 1, 1, 20, 10}};
    const MatrixXd drive = some_volts(1, 150, 0);
    const auto expected = solve_nodes(array.g, array.model, drive);
    const GridSolver solver(array.g, array.model);
    double before = 1;
    for (const double tolerance : {1e-2, 1e-5, 1e-8, 1e-11}) {
        CAPTURE(tolerance);
        const GridSolution found = solver.solve(drive, {tolerance, 300, false});
        CHECK(found.relative_bound(0) <= tolerance);
        CHECK(found.relative_bound(0) < before);
        CHECK(worst_error(found, expected) <= found.relative_bound(0) + 1e-12);
        before = found.relative_bound(0);
    }
}

TEST_CASE("what iteration does not reach is left to the direct solver, and said") {
    const ArrayCase array{"", ordinary(20, 30), {20, 30, 1e3, 1e3, 0, 0}};
    const MatrixXd drive = some_volts(4, 20, 0);
    const GridSolution found = GridSolver(array.g, array.model).solve(drive, {1e-9, 0, true});
    CHECK(found.solved_directly == 4);
    CHECK(found.relative_bound.maxCoeff() == 0);
    const auto expected = solve_nodes(array.g, array.model, drive);
    CHECK(worst_error(found, expected) == 0);
    CHECK(found.nodes[3].cell_volt == expected[3].cell_volt);
}

TEST_CASE("driving the read-outs gives the transposed map, with either solver") {
    const int iterations = GENERATE(0, 200);
    const ArrayCase array{"", 20 * ordinary(23, 41), {23, 41, 3, 2, 30, 50}};
    const GridSolver solver(array.g, array.model);
    const GridSolveOptions options{1e-11, iterations, true};
    const MatrixXd map =
        array_response(array.g, array.model, RowResponse::skip).column_ampere_per_volt;
    const MatrixXd volt = some_volts(2, 41, -0.2);
    const GridSolution back = solver.solve_backward(volt, options);
    CHECK(back.solved_directly == (iterations == 0 ? 2 : 0));
    const MatrixXd expected = volt * map.transpose();
    CHECK((back.row_ampere - expected).cwiseAbs().maxCoeff() <
          1e-10 * expected.cwiseAbs().maxCoeff());
    // The cells' currents meet in the drivers.
    const ArrayNodes& s = back.nodes[1];
    const VectorXd met = array.g.cwiseProduct(s.cell_volt).rowwise().sum();
    CHECK((met - s.row_ampere).norm() < 1e-9 * met.norm());
    CHECK((s.column_volt - s.row_volt - s.cell_volt).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((30.0 + 3.0) * s.row_ampere(4) == Catch::Approx(s.row_volt(4, 0)).epsilon(1e-8));
    CHECK(volt(1, 7) - 52.0 * s.column_ampere(7) ==
          Catch::Approx(s.column_volt(22, 7)).epsilon(1e-8));
}

TEST_CASE("every vector of a batch gets what it gets alone, to the last bit") {
    const ArrayCase array{"", ordinary(33, 20), {33, 20, 10, 10, 0, 0}};
    const GridSolver solver(array.g, array.model);
    const MatrixXd drive = some_volts(5, 33, -0.2);
    const GridSolution all = solver.solve(drive);
    for (Index b = 0; b < drive.rows(); ++b) {
        CHECK(solver.solve(drive.row(b)).column_ampere == all.column_ampere.row(b));
    }
    CHECK(solver.solve(MatrixXd(0, 33)).column_ampere.rows() == 0);
}

TEST_CASE("requests that make no sense are refused") {
    const GridSolver solver(MatrixXd::Ones(2, 3), {2, 3, 1, 1, 0, 0});
    const MatrixXd v = MatrixXd::Ones(1, 2);
    CHECK_THROWS_WITH(solver.solve(MatrixXd::Ones(1, 3)),
                      "source voltages: 3 columns, expected one per source (2)");
    CHECK_THROWS_WITH(solver.solve_backward(v), ContainsSubstring("one per source (3)"));
    CHECK_THROWS_WITH(solver.solve(v, {0, 10, false}), ContainsSubstring("tolerance 0"));
    CHECK_THROWS_WITH(solver.solve(v, {1e-6, -1, false}), ContainsSubstring("-1 iterations"));
    CHECK_THROWS_WITH(solver.solve(v * std::numeric_limits<double>::quiet_NaN()),
                      ContainsSubstring("not all are finite"));
    CHECK_THROWS_AS(GridSolver(-MatrixXd::Ones(2, 3), {2, 3, 1, 1, 0, 0}), mho::Error);
    CHECK_THROWS_AS(GridSolver(MatrixXd::Ones(2, 2), {2, 3, 1, 1, 0, 0}), mho::Error);
}
