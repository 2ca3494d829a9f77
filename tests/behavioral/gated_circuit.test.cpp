// SPDX-License-Identifier: Apache-2.0
// Topologies B and C on wires of any kind, against dense nodal equations in node voltages.
#include "behavioral/gated_circuit.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>
#include <utility>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/gated_nodes.h"
#include "behavioral/gated_nonlinear.h"

using Catch::Matchers::ContainsSubstring;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

constexpr double kUnconnected = std::numeric_limits<double>::infinity();

Wires drawn_lines(int columns, int rows, std::uint32_t id, double share_of_zeros) {
    const auto ohm = [share_of_zeros](mho::RandomStream& r) {
        return r.uniform() < share_of_zeros ? 0.0 : std::pow(10.0, r.uniform(-1, 3));
    };
    Wires wires{drawn(columns, rows - 1, id, ohm), drawn(columns, 1, id + 1, ohm),
                drawn(columns, 1, id + 2, ohm)};
    for (int j = 0; j < columns; ++j) {
        if (j % 3 != 0) (j % 3 == 1 ? wires.first_ohm : wires.last_ohm)(j) = kUnconnected;
    }
    return wires;
}

// Both lines of sources and the bitline of one column in all their voltages; zero ohms stand as
// 1e-7. What leaves the bitline at both ends.
double dense_current(const VectorXd& positive, const VectorXd& negative,
                     const GatedCircuit& circuit, Index column, double volt) {
    using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
    const Index rows = positive.size();
    Matrix a = Matrix::Zero(3 * rows, 3 * rows), b = Matrix::Zero(3 * rows, 1);
    Matrix sense = Matrix::Zero(1, 3 * rows);
    const auto siemens = [](double ohm) -> long double {
        return 1 / static_cast<long double>(std::max(ohm, 1e-7));
    };
    const auto connect = [&](Index p, Index q, long double value) {
        a(p, p) += value;
        a(q, q) += value;
        a(p, q) -= value;
        a(q, p) -= value;
    };
    for (Index i = 0; i < rows; ++i) {
        connect(i, 2 * rows + i, static_cast<long double>(positive(i)));
        connect(rows + i, 2 * rows + i, static_cast<long double>(negative(i)));
    }
    for (Index line = 0; line < 3; ++line) {
        const Wires& wires = line < 2 ? circuit.source : circuit.bitline;
        const Index first = line * rows, last = first + rows - 1;
        for (Index i = 1; i < rows; ++i) {
            connect(first + i - 1, first + i, siemens(wires.between_ohm(column, i - 1)));
        }
        const std::pair<Index, double> ends[] = {{first, wires.first_ohm(column)},
                                                 {last, wires.last_ohm(column)}};
        for (const auto& [node, ohm] : ends) {
            if (std::isinf(ohm)) continue;
            a(node, node) += siemens(ohm);
            const double at_end = line == 0 ? volt : line == 1 ? -volt : 0;
            b(node, 0) += siemens(ohm) * static_cast<long double>(at_end);
            if (line == 2) sense(0, node) += siemens(ohm);
        }
    }
    return static_cast<double>((sense * a.lu().solve(b))(0, 0));
}

}  // namespace

TEST_CASE("gated columns on wires of any kind meet dense nodal equations") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 3}, {2, 3}, {7, 6}, {19, 3}, {127, 2}}));
    const double zeros = GENERATE(0.0, 0.4, 0.9);
    CAPTURE(rows, columns, zeros);
    GatedCircuit circuit;
    circuit.source = drawn_lines(columns, rows, 20, zeros);
    circuit.bitline = drawn_lines(columns, rows, 30, zeros);
    const MatrixXd up = 20 * ordinary(rows, columns), low = up.reverse();
    const MatrixXd none = MatrixXd::Zero(rows, columns);
    MatrixXd gates = MatrixXd::Ones(2, rows);
    for (int i = 0; i < rows; i += 3) gates(1, i) = 0;
    const double full = 0.2 * up.sum() / columns;
    const auto single = solve_gated(up, circuit, gates, 0.2);
    const auto pairs = solve_interleaved(up, low, circuit, gates, 0.2);
    const PolynomialCells up_cells{up, none, none}, low_cells{low, none, none};
    const NonlinearOptions options{1e-11, 40, true};
    const auto fast = solve_gated_nonlinear(up_cells, circuit, gates, 0.2, options);
    const auto fast_pairs =
        solve_interleaved_nonlinear(up_cells, low_cells, circuit, gates, 0.2, options);
    for (Index b = 0; b < 2; ++b) {
        const auto at = static_cast<std::size_t>(b);
        for (Index j = 0; j < columns; ++j) {
            CAPTURE(b, j);
            const VectorXd on = gates.row(b).transpose();
            const VectorXd p = up.col(j).cwiseProduct(on), n = low.col(j).cwiseProduct(on);
            const double one = dense_current(p, 0 * n, circuit, j, 0.2);
            const double two = dense_current(p, n, circuit, j, 0.2);
            CHECK(std::abs(single[at].column_ampere(j) - one) < 1e-8 * full);
            CHECK(std::abs(pairs[at].column_ampere(j) - two) < 1e-8 * full);
        }
        // Both solvers treat zeros exactly.
        const auto apart = [full](const auto& x, const auto& y) {
            return (x - y).cwiseAbs().maxCoeff() / full;
        };
        CHECK(apart(fast.column_ampere.row(b).transpose(), single[at].column_ampere) < 1e-12);
        CHECK(apart(fast_pairs.column_ampere.row(b).transpose(), pairs[at].column_ampere) < 1e-12);
        CHECK((fast.nodes[at].source_volt - single[at].source_volt).cwiseAbs().maxCoeff() < 1e-12);
        CHECK((fast_pairs.nodes[at].column_volt - pairs[at].column_volt).cwiseAbs().maxCoeff() <
              1e-12);
    }
}

TEST_CASE("a bitline sensed at both ends loses less, and turned over it is the same") {
    const int rows = 64;
    const MatrixXd g = ordinary(rows, 2), on = MatrixXd::Ones(1, rows);
    const ArrayModel model{rows, 2, 0, 5, 0, 0};
    const GatedCircuit both = regular_gated_circuit(model, Ends::one, Ends::both);
    const VectorXd two = solve_gated(g, both, on, 0.2)[0].column_ampere;
    const VectorXd one = solve_gated(g, model, on, 0.2)[0].column_ampere;
    const VectorXd ideal = 0.2 * g.colwise().sum().transpose();
    CHECK(((ideal - two).array() < 0.5 * (ideal - one).array()).all());
    CHECK((ideal.array() > two.array()).all());
    const VectorXd turned = solve_gated(g.colwise().reverse(), both, on, 0.2)[0].column_ampere;
    CHECK(worst_relative(two, turned) < 1e-12);
    // The uniform one is two columns of half the rows, joined where no current flows.
    const MatrixXd even = MatrixXd::Constant(rows, 1, 2e-4);
    const ArrayModel whole{rows, 1, 0, 5, 0, 20}, half{rows / 2, 1, 0, 5, 0, 20};
    const double joined =
        solve_gated(even, regular_gated_circuit(whole, Ends::one, Ends::both), on, 0.2)[0]
            .column_ampere(0);
    const double apart =
        solve_gated(even.topRows(rows / 2), half, on.leftCols(rows / 2), 0.2)[0].column_ampere(0);
    CHECK(std::abs(joined / (2 * apart) - 1) < 1e-12);
}

TEST_CASE("lines that are connected nowhere or have other shapes are refused in one line") {
    const MatrixXd g = MatrixXd::Ones(2, 3), on = MatrixXd::Ones(1, 2);
    const GatedCircuit good{ArrayModel{2, 3, 1, 1, 1, 1}};
    GatedCircuit bad = good;
    bad.bitline.last_ohm(1) = kUnconnected;
    CHECK_THROWS_WITH(solve_gated(g, bad, on, 1),
                      ContainsSubstring("bitline wire 1 is connected at neither end"));
    bad = good;
    bad.source.between_ohm(2, 0) = -1;
    CHECK_THROWS_WITH(solve_gated(g, bad, on, 1), ContainsSubstring("source line wire 2"));
    bad = good;
    bad.source.first_ohm.resize(2);
    CHECK_THROWS_AS(solve_gated(g, bad, on, 1), mho::Error);
    CHECK_THROWS_AS(solve_gated(g, GatedCircuit{}, on, 1), mho::Error);
    CHECK_THROWS_AS(solve_gated_nonlinear(SinhCells{g, 0.1}, bad, on, 1), mho::Error);
}
