// SPDX-License-Identifier: Apache-2.0
#include "behavioral/effective_matrix.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"
#include "behavioral/dominant_inverse.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

ArrayResponse solved_reference(const ArrayCase& array) {
    const auto solved =
        solve_nodes(array.g, array.model, MatrixXd::Identity(array.model.rows, array.model.rows));
    ArrayResponse out{MatrixXd(array.model.rows, array.model.columns),
                      MatrixXd(array.model.rows, array.model.rows)};
    for (Index i = 0; i < array.g.rows(); ++i) {
        const ArrayNodes& s = solved[static_cast<std::size_t>(i)];
        out.column_ampere_per_volt.row(i) = s.column_ampere.transpose();
        out.row_ampere_per_volt.row(i) = s.row_ampere.transpose();
    }
    return out;
}

}  // namespace

TEST_CASE("every entry of the effective matrix agrees with the reference solver") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1},
                                                           {1, 9},
                                                           {9, 1},
                                                           {2, 2},
                                                           {2, 17},
                                                           {16, 15},
                                                           {37, 53},
                                                           {53, 37},
                                                           {41, 43},
                                                           {66, 40}}));
    std::vector<ArrayCase> cases = hard_cases(rows, columns);
    for (const ArrayCase& array : zero_wire_cases(rows, columns)) cases.push_back(array);
    for (const ArrayCase& array : cases) {
        CAPTURE(array.name, rows, columns);
        const ArrayResponse expected = solved_reference(array);
        const ArrayResponse found = array_response(array.g, array.model);
        CHECK(worst_relative(found.column_ampere_per_volt, expected.column_ampere_per_volt) < 1e-9);
        const double largest = expected.row_ampere_per_volt.maxCoeff();
        CHECK((found.row_ampere_per_volt - expected.row_ampere_per_volt).cwiseAbs().maxCoeff() <=
              1e-11 * largest);
        const ArrayResponse columns_only = array_response(array.g, array.model, RowResponse::skip);
        CHECK(worst_relative(columns_only.column_ampere_per_volt, expected.column_ampere_per_volt) <
              1e-9);
        CHECK(columns_only.row_ampere_per_volt.size() == 0);
    }
}

TEST_CASE("every entry agrees with a dense solve in extended precision") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1}, {6, 9}, {9, 6}}));
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const MatrixXd expected = dense_response(array.g, array.model);
        for (const RowResponse row_response : {RowResponse::build, RowResponse::skip}) {
            const ArrayResponse found = array_response(array.g, array.model, row_response);
            CHECK(worst_relative(found.column_ampere_per_volt, expected) < 1e-11);
        }
    }
}

TEST_CASE("a large array with over 90 % of the current lost agrees with the reference") {
    const ArrayCase array{"", MatrixXd::Ones(127, 127), {127, 127, 2e-3, 2e-3, 1e-3, 1e-3}};
    const MatrixXd expected = solved_reference(array).column_ampere_per_volt;
    REQUIRE(expected.sum() < 0.1 * array.g.sum());
    CHECK(worst_relative(array_response(array.g, array.model).column_ampere_per_volt, expected) <
          1e-9);
}

TEST_CASE("the effective matrix of a uniform array has the published column ratios") {
    const auto [r, ratio] =
        GENERATE(table<double, double>({{1e-5, 0.87846}, {1e-4, 0.41116}, {1e-3, 0.05488}}));
    const ArrayResponse found =
        array_response(MatrixXd::Ones(128, 128), {128, 128, r, r, 0, 0}, RowResponse::skip);
    CHECK_THAT(found.column_ampere_per_volt.colwise().sum().minCoeff() / 128,
               WithinAbs(ratio, 5.1e-6));
}

TEST_CASE("without wires the effective matrix is the conductance matrix, to the last bit") {
    const MatrixXd g = ordinary(13, 6);
    const ArrayResponse found = array_response(g, {13, 6, 0, 0, 0, 0});
    CHECK(found.column_ampere_per_volt == g);
    const MatrixXd expected = MatrixXd(g.rowwise().sum().asDiagonal());
    CHECK((found.row_ampere_per_volt - expected).cwiseAbs().maxCoeff() < 1e-18);
}

TEST_CASE("wires too small to matter change nothing") {
    const MatrixXd g = ordinary(6, 5);
    const ArrayResponse found = array_response(g, {6, 5, 1e-300, 1e-300, 1e-300, 1e-300});
    CHECK(worst_relative(found.column_ampere_per_volt, g) < 1e-15);
}

TEST_CASE("the row response is symmetric and its sums reach the read-outs") {
    const ArrayCase array = hard_cases(19, 23).front();
    const ArrayResponse found = array_response(array.g, array.model);
    CHECK(found.row_ampere_per_volt == found.row_ampere_per_volt.transpose());
    CHECK(worst_relative(found.row_ampere_per_volt.rowwise().sum(),
                         found.column_ampere_per_volt.rowwise().sum()) < 1e-12);
}

TEST_CASE("turning the network round exchanges drivers and read-outs") {
    // Reciprocity: drive the columns from their sense ends instead.
    const ArrayCase array = hard_cases(7, 11)[1];
    const ArrayModel& m = array.model;
    const ArrayModel turned{m.columns,         m.rows,      m.column_segment_ohm,
                            m.row_segment_ohm, m.sense_ohm, m.driver_ohm};
    const MatrixXd g = array.g.transpose().reverse();
    const MatrixXd there = array_response(array.g, m, RowResponse::skip).column_ampere_per_volt;
    const MatrixXd back = array_response(g, turned, RowResponse::skip).column_ampere_per_volt;
    CHECK(worst_relative(MatrixXd(back.reverse().transpose()), there) < 1e-12);
}

TEST_CASE("the inverse of a resistor network keeps its digits at any ratio of scales") {
    // Two nodes: exact by hand. A = [e0+c -c; -c e1+c], determinant e0 e1 + c (e0 + e1).
    for (const double c : {1e-30, 1e-6, 1.0, 1e3, 1e8, 1e30}) {
        CAPTURE(c);
        const double e0 = 1, e1 = 3, det = e0 * e1 + c * (e0 + e1);
        MatrixXd a{{0, c}, {c, 0}};
        invert_dominant(a, Eigen::Vector2d(e0, e1));
        const MatrixXd expected{{(e1 + c) / det, c / det}, {c / det, (e0 + c) / det}};
        CHECK(worst_relative(a, expected) < 1e-12);
    }
    MatrixXd overflow{{0, 1e308}, {1e308, 0}};
    overflow *= 10;
    CHECK_THROWS_WITH(invert_dominant(overflow, Eigen::Vector2d(1, 1)),
                      ContainsSubstring("exceeds the range of numbers"));
}

TEST_CASE("both ways of inverting give the same where both are accurate") {
    const Index n = 70;
    const MatrixXd random = ordinary(70, 70);
    MatrixXd coupling = random + random.transpose();
    coupling.diagonal().setZero();
    const Eigen::VectorXd excess = Eigen::VectorXd::Constant(n, 1e-5);
    MatrixXd direct = coupling;  // diagonal over excess about 140: by Cholesky
    invert_dominant(direct, excess);
    MatrixXd a = -coupling;
    a.diagonal() = coupling.rowwise().sum() + excess;
    CHECK((a * direct - MatrixXd::Identity(n, n)).cwiseAbs().maxCoeff() < 1e-11);
    MatrixXd weak = coupling;  // and about 1.4e6: by positive sums
    invert_dominant(weak, 1e-4 * excess);
    a.diagonal() = coupling.rowwise().sum() + 1e-4 * excess;
    CHECK((a * weak - MatrixXd::Identity(n, n)).cwiseAbs().maxCoeff() < 1e-8);
    CHECK(weak.minCoeff() > 0);
}

TEST_CASE("the effective matrix of a broken array is refused") {
    CHECK_THROWS_AS(array_response(MatrixXd::Ones(2, 2), {2, 3, 1, 1, 0, 0}), mho::Error);
    CHECK_THROWS_AS(array_response(-MatrixXd::Ones(2, 3), {2, 3, 1, 1, 0, 0}), mho::Error);
}
