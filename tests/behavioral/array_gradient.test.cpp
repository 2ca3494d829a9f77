// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_gradient.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/effective_matrix.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

// F = sum over vectors and columns of k_j I_j + I_j^2 / 2 in microampere, k_j = j + 1, from the
// reference solver.
constexpr double kScale = 1e6;
double scalar(const MatrixXd& g, const ArrayModel& model, const MatrixXd& drive) {
    double sum = 0;
    for (const ArrayNodes& s : solve_nodes(g, model, drive)) {
        for (Index j = 0; j < s.column_ampere.size(); ++j) {
            const double i = kScale * s.column_ampere(j);
            sum += static_cast<double>(j + 1) * i + i * i / 2;
        }
    }
    return sum;
}
VectorXd scalar_slope(Index, const VectorXd& ampere) {
    const Index n = ampere.size();
    return kScale * (VectorXd::LinSpaced(n, 1, static_cast<double>(n)) + kScale * ampere);
}

MatrixXd some_drive(int rows) {
    return drawn(2, rows, 41, [](mho::RandomStream& r) { return r.uniform(-0.1, 0.2); });
}

}  // namespace

TEST_CASE("gradients agree with finite differences of the reference solver") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {1, 9}, {9, 1}, {2, 2}, {7, 9}, {17, 8}}));
    const int iterations = GENERATE(0, 300);  // by the direct solver, and by iteration
    std::vector<ArrayCase> cases = zero_wire_cases(rows, columns);
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        if (array.name == "ordinary" || array.name == "open cells") cases.push_back(array);
    }
    const MatrixXd drive = some_drive(rows);
    for (const ArrayCase& array : cases) {
        CAPTURE(array.name, rows, columns, iterations);
        const ArrayGradient found = array_gradient(GridSolver(array.g, array.model), drive,
                                                   scalar_slope, {1e-11, iterations, false});
        REQUIRE(found.by_siemens.rows() == rows);
        REQUIRE(found.by_volt.rows() == 2);
        const double largest = found.by_siemens.cwiseAbs().maxCoeff();
        const Index step = std::max<Index>(1, array.g.size() / 9);
        for (Index n = 0; n < array.g.size(); n += step) {
            const Index i = n % rows, j = n / rows;
            const double h = 1e-3 * std::max(array.g(i, j), 1e-6);
            // Open cells have no lower side: a one-sided quotient of second order.
            const auto at = [&](double change) {
                MatrixXd g = array.g;
                g(i, j) += change;
                return scalar(g, array.model, drive);
            };
            const double expected = array.g(i, j) > 0
                                        ? (at(h) - at(-h)) / (2 * h)
                                        : (4 * at(h) - 3 * at(0) - at(2 * h)) / (2 * h);
            CAPTURE(i, j);
            CHECK_THAT(found.by_siemens(i, j), WithinAbs(expected, 2e-5 * largest));
        }
        for (Index i = 0; i < rows; i += std::max(1, rows / 4)) {
            MatrixXd up = drive, down = drive;
            up(1, i) += 1e-3;
            down(1, i) -= 1e-3;
            const double expected =
                (scalar(array.g, array.model, up) - scalar(array.g, array.model, down)) / 2e-3;
            CHECK_THAT(found.by_volt(1, i),
                       WithinAbs(expected, 1e-6 * found.by_volt.cwiseAbs().maxCoeff()));
        }
    }
}

TEST_CASE("without wires a conductance's slope is its row's voltage times its column's slope") {
    const MatrixXd g = ordinary(37, 53);
    const MatrixXd drive = some_drive(37);
    const auto slope = [](Index vector, const VectorXd& ampere) -> VectorXd {
        return VectorXd::LinSpaced(ampere.size(), 1, 2) * (vector == 0 ? 1.0 : -3.0);
    };
    const ArrayGradient found = array_gradient(GridSolver(g, {37, 53, 0, 0, 0, 0}), drive, slope);
    const VectorXd columns = VectorXd::LinSpaced(53, 1, 2);
    const VectorXd rows = (drive.row(0) - 3 * drive.row(1)).transpose();
    CHECK((found.by_siemens - rows * columns.transpose()).cwiseAbs().maxCoeff() < 1e-14);
    CHECK((found.by_volt.row(0).transpose() - g * columns).cwiseAbs().maxCoeff() < 1e-16);
}

TEST_CASE("the slopes by the inputs are the effective matrix times the slopes by the currents") {
    const ArrayCase array = hard_cases(37, 53).front();
    const MatrixXd map =
        array_response(array.g, array.model, RowResponse::skip).column_ampere_per_volt;
    const MatrixXd drive = some_drive(37);
    const ArrayGradient found =
        array_gradient(GridSolver(array.g, array.model), drive, scalar_slope, {1e-11, 300, false});
    CHECK(found.solved_directly == 0);
    CHECK(found.relative_bound <= 1e-11);
    CHECK((found.column_ampere - drive * map).cwiseAbs().maxCoeff() < 1e-15);
    for (Index b = 0; b < 2; ++b) {
        const VectorXd expected = map * scalar_slope(b, (drive.row(b) * map).transpose());
        CHECK((found.by_volt.row(b).transpose() - expected).norm() < 1e-9 * expected.norm());
    }
}

TEST_CASE("slopes of another size and broken inputs are refused") {
    const GridSolver solver(MatrixXd::Ones(2, 3), {2, 3, 1, 1, 0, 0});
    const MatrixXd v = MatrixXd::Ones(1, 2);
    CHECK_THROWS_WITH(array_gradient(solver, v, [](Index, const VectorXd&) { return VectorXd(2); }),
                      "slopes of input vector 0: expected 3 finite values");
    CHECK_THROWS_AS(array_gradient(solver, MatrixXd::Ones(1, 3), scalar_slope), mho::Error);
}
