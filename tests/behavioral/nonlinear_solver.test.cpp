// SPDX-License-Identifier: Apache-2.0
#include "behavioral/nonlinear_solver.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "behavioral/cell_laws.h"
#include "behavioral/grid_solver.h"

using Catch::Matchers::ContainsSubstring;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

MatrixXd some_volts(int batch, int rows, double amplitude) {
    return drawn(batch, rows, 61,
                 [=](mho::RandomStream& r) { return r.uniform(-amplitude, amplitude); });
}

// Sum of the errors of all column currents as a part of the drivers' currents.
double error_of(const NonlinearSolution& found, Index b, const ArrayNodes& expected) {
    const double error =
        (found.column_ampere.row(b).transpose() - expected.column_ampere).lpNorm<1>();
    return error == 0 ? 0 : error / expected.row_ampere.lpNorm<1>();
}

}  // namespace

TEST_CASE("fast Newton agrees with the reference for every law, size and kind of wire") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1},
                                                           {1, 2},
                                                           {2, 1},
                                                           {1, 127},
                                                           {127, 1},
                                                           {1, 1000},
                                                           {7, 9},
                                                           {8, 8},
                                                           {15, 17},
                                                           {37, 53}}));
    const ArrayModel wires{rows, columns, 30, 20, 300, 100};
    std::vector<ArrayCircuit> circuits{ArrayCircuit(wires),
                                       regular_circuit(wires, Ends::both, Ends::both)};
    circuits.emplace_back(ArrayModel{rows, columns, 0, 20, 0, 100});
    circuits.emplace_back(ArrayModel{rows, columns, 30, 0, 0, 0});
    circuits.emplace_back(ArrayModel{rows, columns, 0, 0, 0, 0});
    const MatrixXd drive = some_volts(2, rows, 0.25);
    for (const auto& [name, cells] : cell_law_cases(rows, columns)) {
        for (std::size_t c = 0; c < circuits.size(); ++c) {
            CAPTURE(name, c, rows, columns);
            const NonlinearSolution found =
                solve_nonlinear_fast(cells, circuits[c], drive, {1e-8, 40, true});
            CHECK(found.solved_directly == 0);
            const auto expected = solve_nonlinear(cells, circuits[c], drive);
            for (Index b = 0; b < 2; ++b) {
                const ArrayNodes& s = expected[static_cast<std::size_t>(b)];
                CHECK(found.relative_residual(b) <= 1e-8);
                CHECK(error_of(found, b, s) <= found.relative_residual(b) + 1e-11);
                const ArrayNodes& nodes = found.nodes[static_cast<std::size_t>(b)];
                CHECK((nodes.cell_volt - s.cell_volt).cwiseAbs().maxCoeff() < 1e-6);
                CHECK((nodes.column_volt - s.column_volt).cwiseAbs().maxCoeff() < 1e-6);
            }
        }
    }
}

TEST_CASE("the residual told is the sum of what violates Kirchhoff's law") {
    const int rows = 20, columns = 14;
    const ArrayModel model{rows, columns, 40, 30, 200, 100};
    const SinhCells cells{20 * ordinary(rows, columns), 0.08};
    const MatrixXd drive = some_volts(1, rows, 0.3);
    for (const double tolerance : {1e-2, 1e-4, 1e-8}) {
        CAPTURE(tolerance);
        const NonlinearSolution found =
            solve_nonlinear_fast(cells, ArrayCircuit(model), drive, {tolerance, 40, true});
        REQUIRE(found.solved_directly == 0);
        const ArrayNodes& s = found.nodes[0];
        const MatrixXd cell = s.cell_volt.binaryExpr(
            cells.g_siemens, [](double v, double g) { return g * 0.08 * std::sinh(v / 0.08); });
        double off = 0;
        for (Index i = 0; i < rows; ++i) {
            for (Index j = 0; j < columns; ++j) {
                const double in = j == 0 ? (drive(0, i) - s.row_volt(i, 0)) / 240
                                         : (s.row_volt(i, j - 1) - s.row_volt(i, j)) / 40;
                const double on =
                    j + 1 < columns ? (s.row_volt(i, j) - s.row_volt(i, j + 1)) / 40 : 0;
                off += std::abs(in - cell(i, j) - on);
                const double from =
                    i == 0 ? 0 : (s.column_volt(i - 1, j) - s.column_volt(i, j)) / 30;
                const double to = i + 1 < rows
                                      ? (s.column_volt(i, j) - s.column_volt(i + 1, j)) / 30
                                      : s.column_volt(i, j) / 130;
                off += std::abs(from + cell(i, j) - to);
            }
        }
        CHECK(off <= (found.relative_residual(0) + 1e-11) * s.row_ampere.lpNorm<1>());
        CHECK(found.relative_residual(0) <= tolerance);
    }
}

TEST_CASE("with ohmic cells one Newton step is the linear solution") {
    const MatrixXd g = ordinary(40, 24), none = MatrixXd::Zero(40, 24);
    const ArrayModel model{40, 24, 5, 5, 50, 20};
    const MatrixXd drive = some_volts(2, 40, 0.2);
    const NonlinearSolution found = solve_nonlinear_fast(
        PolynomialCells{g, none, none}, ArrayCircuit(model), drive, {1e-2, 40, false});
    CHECK(found.newton_steps == 1);
    const GridSolution linear = GridSolver(g, model).solve(drive, {1e-10, 300, false});
    CHECK((found.column_ampere - linear.column_ampere).lpNorm<1>() <
          1e-2 * linear.row_ampere.lpNorm<1>());
}

TEST_CASE("ohmic cells are solved to any tolerance, whose disagreement is rounding from step one") {
    const int size = 96;
    const MatrixXd g = ordinary(size, size), none = MatrixXd::Zero(size, size);
    const ArrayModel model{size, size, 2, 2, 300, 50};
    const MatrixXd drive = some_volts(6, size, 0.1);
    for (const double tolerance : {1e-6, 1e-8, 1e-10}) {
        const NonlinearSolution found = solve_nonlinear_fast(
            PolynomialCells{g, none, none}, ArrayCircuit(model), drive, {tolerance, 40, false});
        CHECK(found.solved_directly == 0);
        CHECK(found.relative_residual.maxCoeff() <= tolerance);
    }
}

TEST_CASE("steep cells behind long wires converge, losing over 90 % of their current") {
    const int size = 64;
    const SinhCells cells{MatrixXd::Constant(size, size, 20e-6), 0.05};
    const ArrayCircuit circuit{ArrayModel{size, size, 100, 100, 10, 10}};
    const MatrixXd drive = MatrixXd::Constant(1, size, 0.4);
    const NonlinearSolution found = solve_nonlinear_fast(cells, circuit, drive, {1e-9, 60, false});
    CHECK(found.solved_directly == 0);
    CHECK(found.relative_residual(0) <= 1e-9);
    const ArrayNodes expected = solve_nonlinear(cells, circuit, drive)[0];
    CHECK(error_of(found, 0, expected) < 2e-9);
    CHECK(expected.column_ampere.sum() < 0.1 * size * size * 20e-6 * 0.05 * std::sinh(8.0));
}

TEST_CASE("cells over 12 decades of conductance are solved") {
    const MatrixXd g =
        drawn(19, 23, 2, [](mho::RandomStream& r) { return std::pow(10.0, r.uniform(-12, 0)); });
    const ArrayCircuit circuit{ArrayModel{19, 23, 1, 2, 10, 5}};
    const MatrixXd drive = some_volts(2, 19, 0.2);
    const NonlinearSolution found =
        solve_nonlinear_fast(SinhCells{g, 0.1}, circuit, drive, {1e-8, 60, false});
    CHECK(found.solved_directly == 0);
    NewtonOptions looser;
    looser.tolerance = 1e-12;
    const auto expected = solve_nonlinear(SinhCells{g, 0.1}, circuit, drive, looser);
    for (Index b = 0; b < 2; ++b) {
        CHECK(error_of(found, b, expected[static_cast<std::size_t>(b)]) < 2e-8);
    }
}

TEST_CASE("what Newton does not reach is left to the direct solver, and said") {
    const auto cells = SinhCells{ordinary(9, 7), 0.1};
    const ArrayCircuit circuit{ArrayModel{9, 7, 100, 100, 100, 100}};
    const MatrixXd drive = some_volts(3, 9, 0.2);
    const NonlinearSolution found = solve_nonlinear_fast(cells, circuit, drive, {1e-6, 0, true});
    CHECK(found.solved_directly == 3);
    CHECK(found.relative_residual.isZero(0));
    const auto expected = solve_nonlinear(cells, circuit, drive);
    CHECK(found.nodes[2].cell_volt == expected[2].cell_volt);
    CHECK(found.column_ampere.row(1).transpose() == expected[1].column_ampere);
}

TEST_CASE("a vector's result does not depend on the batch beyond the tolerance") {
    const auto cells = SinhCells{ordinary(33, 20), 0.1};
    const ArrayCircuit circuit{ArrayModel{33, 20, 10, 10, 30, 30}};
    MatrixXd drive = some_volts(6, 33, 0.2);
    drive.row(3).setZero();
    const NonlinearSolution all = solve_nonlinear_fast(cells, circuit, drive, {1e-9, 40, false});
    CHECK(all.solved_directly == 0);
    CHECK(all.column_ampere.row(3).isZero(0));
    for (const Index b : {1, 4, 5}) {
        const NonlinearSolution one =
            solve_nonlinear_fast(cells, circuit, drive.row(b), {1e-9, 40, false});
        CHECK((one.column_ampere - all.column_ampere.row(b)).lpNorm<1>() <=
              2e-9 * one.row_ampere.lpNorm<1>());
    }
    CHECK(solve_nonlinear_fast(cells, circuit, MatrixXd(0, 33)).column_ampere.rows() == 0);
}

TEST_CASE("non-linear requests that make no sense are refused") {
    const auto cells = SinhCells{MatrixXd::Ones(2, 3), 0.1};
    const ArrayCircuit circuit{ArrayModel{2, 3, 1, 1, 0, 0}};
    CHECK_THROWS_WITH(solve_nonlinear_fast(cells, circuit, MatrixXd::Ones(1, 3)),
                      ContainsSubstring("expected one per source (2)"));
    CHECK_THROWS_WITH(solve_nonlinear_fast(cells, circuit, MatrixXd::Ones(1, 2), {0, 9, false}),
                      ContainsSubstring("tolerance 0"));
    CHECK_THROWS_AS(solve_nonlinear_fast(cells, ArrayCircuit(ArrayModel{3, 3, 1, 1, 0, 0}),
                                         MatrixXd::Ones(1, 3)),
                    mho::Error);
    // Currents beyond any number: the fast way gives up, and the direct one says why.
    CHECK_THROWS_WITH(solve_nonlinear_fast(cells, circuit, MatrixXd::Constant(1, 2, 1e6)),
                      ContainsSubstring("currents at the drive are not finite"));
}
