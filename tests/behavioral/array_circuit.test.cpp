// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_circuit.h"

#include <Eigen/LU>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/grid_solver.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

constexpr double kOpen = std::numeric_limits<double>::infinity();

struct CircuitCase {
    std::string name;
    MatrixXd g;
    ArrayCircuit circuit;
};

Wires drawn_wires(int wires, int nodes, std::uint32_t id, double share_of_zeros) {
    const auto ohm = [share_of_zeros](mho::RandomStream& r) {
        return r.uniform() < share_of_zeros ? 0.0 : std::pow(10.0, r.uniform(-1, 3));
    };
    return {drawn(wires, nodes - 1, id, ohm), drawn(wires, 1, id + 1, ohm),
            drawn(wires, 1, id + 2, ohm)};
}

// Wires of every kind at one size.
std::vector<CircuitCase> circuit_cases(int rows, int columns) {
    std::vector<CircuitCase> cases;
    const MatrixXd g = 20 * ordinary(rows, columns);
    for (const Ends driven : {Ends::one, Ends::both}) {
        for (const Ends sensed : {Ends::one, Ends::both}) {
            for (const ArrayCase& array : zero_wire_cases(rows, columns)) {
                cases.push_back(
                    {array.name, array.g, regular_circuit(array.model, driven, sensed)});
            }
        }
    }
    for (const double zeros : {0.0, 0.4, 0.9}) {
        ArrayCircuit circuit;
        circuit.row = drawn_wires(rows, columns, 20, zeros);
        circuit.column = drawn_wires(columns, rows, 30, zeros);
        cases.push_back({"all ends, zeros " + std::to_string(zeros), g, circuit});
        for (int i = 0; i < rows; ++i) {
            if (i % 3 != 0) (i % 3 == 1 ? circuit.row.first_ohm : circuit.row.last_ohm)(i) = kOpen;
        }
        for (int j = 0; j < columns; ++j) {
            if (j % 3 == 0) continue;
            (j % 3 == 1 ? circuit.column.first_ohm : circuit.column.last_ohm)(j) = kOpen;
        }
        cases.push_back({"some ends, zeros " + std::to_string(zeros), g, circuit});
    }
    return cases;
}

// Currents into the read-outs per volt on each row from plain nodal equations in all node
// voltages, dense; zero ohms stand as 1e-7.
MatrixXd dense_currents(const MatrixXd& g, const ArrayCircuit& circuit) {
    using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
    const Index rows = g.rows(), columns = g.cols(), cells = g.size();
    Matrix a = Matrix::Zero(2 * cells, 2 * cells), b = Matrix::Zero(2 * cells, rows);
    Matrix sense = Matrix::Zero(columns, 2 * cells);
    const auto siemens = [](double ohm) -> long double {
        return 1 / static_cast<long double>(std::max(ohm, 1e-7));
    };
    const auto connect = [&](Index p, Index q, long double value) {
        a(p, p) += value;
        a(q, q) += value;
        a(p, q) -= value;
        a(q, p) -= value;
    };
    const auto up = [&](Index i, Index j) { return i * columns + j; };
    const auto low = [&](Index i, Index j) { return cells + i * columns + j; };
    for (Index i = 0; i < rows; ++i) {
        const std::pair<Index, double> ends[] = {{0, circuit.row.first_ohm(i)},
                                                 {columns - 1, circuit.row.last_ohm(i)}};
        for (const auto& [j, ohm] : ends) {
            if (std::isinf(ohm)) continue;
            a(up(i, j), up(i, j)) += siemens(ohm);
            b(up(i, j), i) += siemens(ohm);
        }
        for (Index j = 0; j < columns; ++j) {
            const long double cell = static_cast<long double>(g(i, j));
            connect(up(i, j), low(i, j), cell);
            if (j > 0) {
                connect(up(i, j), up(i, j - 1), siemens(circuit.row.between_ohm(i, j - 1)));
            }
            if (i > 0) {
                connect(low(i, j), low(i - 1, j), siemens(circuit.column.between_ohm(j, i - 1)));
            }
        }
    }
    for (Index j = 0; j < columns; ++j) {
        const std::pair<Index, double> ends[] = {{0, circuit.column.first_ohm(j)},
                                                 {rows - 1, circuit.column.last_ohm(j)}};
        for (const auto& [i, ohm] : ends) {
            if (std::isinf(ohm)) continue;
            a(low(i, j), low(i, j)) += siemens(ohm);
            sense(j, low(i, j)) += siemens(ohm);
        }
    }
    const Matrix current = sense * a.partialPivLu().solve(b);
    return current.transpose().cast<double>();
}

MatrixXd reference_currents(const CircuitCase& array) {
    const auto solved =
        solve_nodes(array.g, array.circuit, MatrixXd::Identity(array.g.rows(), array.g.rows()));
    MatrixXd ampere(array.g.rows(), array.g.cols());
    for (Index i = 0; i < ampere.rows(); ++i) {
        ampere.row(i) = solved[static_cast<std::size_t>(i)].column_ampere.transpose();
    }
    return ampere;
}

}  // namespace

TEST_CASE("the reference agrees with dense nodal equations for wires of every kind") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {1, 6}, {6, 1}, {2, 2}, {5, 4}, {4, 7}}));
    for (const CircuitCase& array : circuit_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const MatrixXd expected = dense_currents(array.g, array.circuit);
        const double largest = expected.cwiseAbs().maxCoeff();
        const MatrixXd reference = reference_currents(array);
        CHECK((reference - expected).cwiseAbs().maxCoeff() < 1e-5 * largest);
        const MatrixXd effective = effective_siemens(array.g, array.circuit);
        CHECK((effective - reference).cwiseAbs().maxCoeff() < 1e-10 * largest);
    }
}

TEST_CASE("the fast solver keeps its tolerance for wires of every kind") {
    const auto [rows, columns] = GENERATE(
        table<int, int>({{1, 1}, {1, 9}, {9, 1}, {2, 3}, {7, 8}, {9, 15}, {17, 16}, {37, 53}}));
    const MatrixXd drive =
        drawn(2, rows, 41, [](mho::RandomStream& r) { return r.uniform(-0.1, 0.2); });
    const MatrixXd back =
        drawn(1, columns, 42, [](mho::RandomStream& r) { return r.uniform(-0.1, 0.2); });
    for (const CircuitCase& array : circuit_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const GridSolver solver(array.g, array.circuit);
        const GridSolution found = solver.solve(drive, {1e-10, 400, true});
        const auto expected = solve_nodes(array.g, array.circuit, drive);
        CHECK(found.solved_directly == 0);
        for (Index b = 0; b < 2; ++b) {
            const ArrayNodes& s = expected[static_cast<std::size_t>(b)];
            const double size = s.row_ampere.lpNorm<1>();
            CHECK((found.column_ampere.row(b).transpose() - s.column_ampere).lpNorm<1>() <=
                  2e-10 * size);
            CHECK((found.row_ampere.row(b).transpose() - s.row_ampere).lpNorm<1>() <= 1e-8 * size);
            const ArrayNodes& nodes = found.nodes[static_cast<std::size_t>(b)];
            CHECK((nodes.cell_volt - s.cell_volt).cwiseAbs().maxCoeff() < 1e-7);
            CHECK((nodes.column_volt - s.column_volt).cwiseAbs().maxCoeff() < 1e-7);
        }
        const GridSolution turned = solver.solve_backward(back, {1e-10, 400, false});
        const auto direct = solve_nodes(array.g.transpose(), array.circuit.exchanged(), back);
        CHECK((turned.row_ampere.row(0).transpose() - direct[0].column_ampere).lpNorm<1>() <=
              1e-8 * direct[0].row_ampere.lpNorm<1>());
        CHECK((turned.column_ampere.row(0).transpose() - direct[0].row_ampere).lpNorm<1>() <=
              1e-8 * direct[0].row_ampere.lpNorm<1>());
    }
}

TEST_CASE("long and narrow arrays with wires of every kind keep the tolerance") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1000}, {1000, 1}, {127, 3}}));
    const MatrixXd drive = MatrixXd::Constant(1, rows, 0.2);
    for (const CircuitCase& array : circuit_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const GridSolution found =
            GridSolver(array.g, array.circuit).solve(drive, {1e-9, 400, false});
        const ArrayNodes s = solve_nodes(array.g, array.circuit, drive)[0];
        CHECK(found.solved_directly == 0);
        CHECK((found.column_ampere.row(0).transpose() - s.column_ampere).lpNorm<1>() <=
              2e-9 * s.row_ampere.lpNorm<1>());
    }
}

TEST_CASE("hard cells behind two-ended wires keep the tolerance") {
    const auto [rows, columns] = GENERATE(table<int, int>({{9, 7}, {37, 53}}));
    const MatrixXd drive =
        drawn(1, rows, 43, [](mho::RandomStream& r) { return r.uniform(-0.1, 0.2); });
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const ArrayCircuit circuit = regular_circuit(array.model, Ends::both, Ends::both);
        const GridSolution found = GridSolver(array.g, circuit).solve(drive, {1e-8, 400, false});
        const ArrayNodes s = solve_nodes(array.g, circuit, drive)[0];
        CHECK(found.relative_bound(0) <= 1e-8);
        CHECK((found.column_ampere.row(0).transpose() - s.column_ampere).lpNorm<1>() <=
              2e-8 * s.row_ampere.lpNorm<1>());
    }
}

TEST_CASE("what enters at the drivers leaves at the read-outs, whatever the ends") {
    for (const CircuitCase& array : circuit_cases(12, 9)) {
        CAPTURE(array.name);
        const auto s = solve_nodes(array.g, array.circuit, MatrixXd::Constant(1, 12, 0.2))[0];
        CHECK_THAT(s.column_ampere.sum(), WithinRel(s.row_ampere.sum(), 1e-9));
    }
}

TEST_CASE("a uniform column sensed at both ends is two half columns") {
    // By symmetry no current crosses the middle of an even column.
    const int half = 20;
    const MatrixXd drive = MatrixXd::Constant(1, 2 * half, 0.3);
    const ArrayModel whole{2 * half, 1, 0, 7, 0, 30}, part{half, 1, 0, 7, 0, 30};
    const MatrixXd g = MatrixXd::Constant(2 * half, 1, 1e-4);
    const double both =
        solve_nodes(g, regular_circuit(whole, Ends::one, Ends::both), drive)[0].column_ampere(0);
    const double one = solve_nodes(g.topRows(half), part, drive.leftCols(half))[0].column_ampere(0);
    CHECK_THAT(both, WithinRel(2 * one, 1e-12));
}

TEST_CASE("sensing or driving at a second end never lowers a current") {
    const ArrayModel model{40, 30, 10, 10, 50, 50};
    const MatrixXd g = 5 * ordinary(40, 30), drive = MatrixXd::Constant(1, 40, 0.2);
    const auto currents = [&](Ends driven, Ends sensed) -> VectorXd {
        return GridSolver(g, regular_circuit(model, driven, sensed))
            .solve(drive, {1e-10, 300, false})
            .column_ampere.row(0);
    };
    const VectorXd least = currents(Ends::one, Ends::one);
    const VectorXd most = currents(Ends::both, Ends::both);
    for (const VectorXd& middle :
         {currents(Ends::both, Ends::one), currents(Ends::one, Ends::both)}) {
        CHECK((middle - least).minCoeff() > 0);
        CHECK((most - middle).minCoeff() > 0);
    }
}

TEST_CASE("circuits that make no sense are refused in one line") {
    const MatrixXd g = MatrixXd::Ones(2, 3);
    const ArrayCircuit good{ArrayModel{2, 3, 1, 1, 1, 1}};
    CHECK_NOTHROW(check_circuit(g, good));
    CHECK_THROWS_WITH(check_circuit(MatrixXd::Ones(3, 3), good),
                      "conductances: 3 x 3, expected 2 rows x 3 columns");
    ArrayCircuit bad = good;
    bad.row.between_ohm(1, 0) = kOpen;
    CHECK_THROWS_WITH(check_circuit(g, bad), ContainsSubstring("row wire 1, segment 0 is inf"));
    bad = good;
    bad.column.last_ohm(2) = -1;
    CHECK_THROWS_WITH(GridSolver(g, bad), ContainsSubstring("column wire 2 ends in inf and -1"));
    bad = good;
    bad.row.first_ohm(0) = kOpen;
    CHECK_THROWS_WITH(solve_nodes(g, bad, MatrixXd::Ones(1, 2)),
                      ContainsSubstring("row wire 0 is connected at neither end"));
    bad = good;
    bad.column.between_ohm.resize(3, 4);
    CHECK_THROWS_WITH(check_circuit(g, bad), ContainsSubstring("expected 3 x 1 and 3 + 3"));
    CHECK_THROWS_AS(GridSolver(g, ArrayCircuit{}), mho::Error);
}
