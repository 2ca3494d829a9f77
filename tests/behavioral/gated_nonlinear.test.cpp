// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_nonlinear.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "behavioral/cell_laws.h"

using Catch::Matchers::ContainsSubstring;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

MatrixXd some_gates(int batch, int rows) {
    return drawn(batch, rows, 71,
                 [](mho::RandomStream& r) { return r.uniform() < 0.3 ? 0.0 : 1.0; });
}

double law_at(const CellArray& cells, Index rows, Index column, Index row, double volt) {
    Eigen::VectorXd v = Eigen::VectorXd::Zero(rows), i(rows), s(rows);
    v(row) = volt;
    CellKernel(cells, small_signal_siemens(cells).cols())
        .evaluate_column(column, v.data(), i.data(), s.data());
    return i(row);
}

// Sum of all violations of Kirchhoff's law over the lines of one column; `negative` may be null.
double violation(const GatedNodes& s, Index j, const CellArray& positive, const CellArray* negative,
                 const ArrayModel& m, const MatrixXd& gate, double volt) {
    const Index rows = gate.cols();
    double off = 0, along = 0;
    double fed = (volt - s.source_volt(0, j)) / (m.driver_ohm + m.row_segment_ohm);
    double sunk =
        negative ? (-volt - s.negative_source_volt(0, j)) / (m.driver_ohm + m.row_segment_ohm) : 0;
    for (Index i = 0; i < rows; ++i) {
        const double w = s.column_volt(i, j);
        const double up =
            gate(0, i) == 0 ? 0 : law_at(positive, rows, j, i, s.source_volt(i, j) - w);
        const double low = gate(0, i) == 0 || !negative
                               ? 0
                               : law_at(*negative, rows, j, i, s.negative_source_volt(i, j) - w);
        const auto on = [&](const MatrixXd& line, double ohm) {
            return i + 1 < rows ? (line(i, j) - line(i + 1, j)) / ohm : 0.0;
        };
        const double fed_on = on(s.source_volt, m.row_segment_ohm);
        const double sunk_on = negative ? on(s.negative_source_volt, m.row_segment_ohm) : 0;
        const double out =
            i + 1 < rows ? on(s.column_volt, m.column_segment_ohm) : s.column_ampere(j);
        off += std::abs(fed - up - fed_on) + std::abs(sunk - low - sunk_on) +
               std::abs(along + up + low - out);
        fed = fed_on;
        sunk = sunk_on;
        along = out;
    }
    return off;
}

}  // namespace

TEST_CASE("gated non-linear columns obey Kirchhoff's law with the cells' own currents") {
    const auto [rows, columns] = GENERATE(
        table<int, int>({{1, 1}, {1, 3}, {2, 1}, {8, 3}, {17, 2}, {37, 53}, {127, 2}, {1000, 1}}));
    const ArrayModel model{rows, columns, 20, 30, 100, 200};
    const MatrixXd gates = some_gates(2, rows);
    for (const auto& [name, cells] : cell_law_cases(rows, columns)) {
        CAPTURE(name, rows, columns);
        const CellArray other = SinhCells{ordinary(rows, columns), 0.15};
        const auto single = solve_gated_nonlinear(cells, model, gates, 0.2, {1e-10, 40, true});
        const auto pairs =
            solve_interleaved_nonlinear(cells, other, model, gates, 0.2, {1e-10, 40, true});
        CHECK(single.relative_residual.maxCoeff() <= 1e-10);
        CHECK(pairs.relative_residual.maxCoeff() <= 1e-10);
        CHECK(single.nodes[1].negative_source_volt.size() == 0);
        const double full = 200e-6 * 0.2 * rows;
        for (Index j = 0; j < columns; ++j) {
            CHECK(violation(single.nodes[1], j, cells, nullptr, model, gates.row(1), 0.2) <
                  2e-10 * full);
            CHECK(violation(pairs.nodes[1], j, cells, &other, model, gates.row(1), 0.2) <
                  2e-10 * full);
        }
    }
}

TEST_CASE("with ohmic cells the gated non-linear solver is the linear one, zero ohms included") {
    const int rows = 37, columns = 5;
    const MatrixXd up = 20 * ordinary(rows, columns), low = up.colwise().reverse();
    const MatrixXd none = MatrixXd::Zero(rows, columns), gates = some_gates(3, rows);
    for (const ArrayCase& array : zero_wire_cases(rows, columns)) {
        CAPTURE(array.name);
        const auto single = solve_gated_nonlinear(PolynomialCells{up, none, none}, array.model,
                                                  gates, 0.2, {1e-11, 40, true});
        const auto pairs = solve_interleaved_nonlinear(PolynomialCells{up, none, none},
                                                       PolynomialCells{low, none, none},
                                                       array.model, gates, 0.2, {1e-11, 40, true});
        const auto single_expected = solve_gated(up, array.model, gates, 0.2);
        const auto pairs_expected = solve_interleaved(up, low, array.model, gates, 0.2);
        for (std::size_t b = 0; b < 3; ++b) {
            const auto row = static_cast<Index>(b);
            CHECK(worst_relative(single.column_ampere.row(row).transpose(),
                                 single_expected[b].column_ampere) < 1e-9);
            const double full = up.sum() * 0.2;
            CHECK((pairs.column_ampere.row(row).transpose() - pairs_expected[b].column_ampere)
                      .cwiseAbs()
                      .maxCoeff() < 1e-11 * full);
            CHECK((pairs.nodes[b].negative_source_volt - pairs_expected[b].negative_source_volt)
                      .cwiseAbs()
                      .maxCoeff() < 1e-11);
        }
    }
}

TEST_CASE("one gated cell between resistors sits at its fixed point") {
    const SinhCells cell{MatrixXd::Constant(1, 1, 30e-6), 0.1};
    const ArrayModel model{1, 1, 200, 300, 1000, 500};
    const auto on =
        solve_gated_nonlinear(cell, model, MatrixXd::Ones(1, 1), 0.3, {1e-12, 60, false});
    double v = 0.3;
    for (int step = 0; step < 500; ++step) {
        v += 0.3 * (0.3 - 2000 * 30e-7 * std::sinh(v / 0.1) - v);
    }
    CHECK(std::abs(on.column_ampere(0, 0) - 30e-7 * std::sinh(v / 0.1)) < 1e-15);
    CHECK(solve_gated_nonlinear(cell, model, MatrixXd::Zero(1, 1), 0.3).column_ampere.isZero(0));
}

TEST_CASE("steep gated cells that lose most of their current converge, batch after batch") {
    const int rows = 400;
    const SinhCells cells{MatrixXd::Constant(rows, 1, 50e-6), 0.05};
    const ArrayModel model{rows, 1, 5, 20, 10, 10};
    const MatrixXd gates = some_gates(8, rows);
    const auto found = solve_gated_nonlinear(cells, model, gates, 0.4, {1e-9, 60, false});
    const double ideal = gates.row(0).sum() * 50e-6 * 0.05 * std::sinh(8.0);
    CHECK(found.column_ampere(0, 0) < 0.1 * ideal);
    for (const Index b : {0, 5}) {
        const auto alone =
            solve_gated_nonlinear(cells, model, gates.row(b), 0.4, {1e-9, 60, false});
        CHECK(std::abs(alone.column_ampere(0, 0) / found.column_ampere(b, 0) - 1) < 1e-7);
    }
}

TEST_CASE("gated non-linear requests that make no sense are refused") {
    const SinhCells cells{MatrixXd::Ones(2, 3), 0.1};
    const ArrayModel model{2, 3, 1, 1, 0, 0};
    CHECK_THROWS_WITH(solve_gated_nonlinear(cells, model, MatrixXd::Constant(1, 2, 0.5), 0.1),
                      ContainsSubstring("expected 0 or 1"));
    CHECK_THROWS_AS(solve_gated_nonlinear(cells, {3, 3, 1, 1, 0, 0}, MatrixXd::Ones(1, 3), 0.1),
                    mho::Error);
    CHECK_THROWS_WITH(
        solve_gated_nonlinear(cells, model, MatrixXd::Ones(1, 2), 0.1, {1e-6, 1, false}),
        ContainsSubstring("column 0 is off by"));
}
