// SPDX-License-Identifier: Apache-2.0
#include "behavioral/block_response.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"
#include "behavioral/effective_matrix.h"

using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

TEST_CASE("arrays divided in blocks agree with a dense solve in extended precision") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {1, 6}, {7, 1}, {4, 4}, {5, 4}, {4, 5}, {9, 10}}));
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const MatrixXd found = block_response(array.g, array.model);
        REQUIRE(found.rows() == rows + columns);
        CHECK(worst_relative(found.topRightCorner(rows, columns),
                             dense_response(array.g, array.model)) < 1e-11);
        CHECK(found == found.transpose());
        CHECK(found.diagonal().isZero(0));
        CHECK(found.minCoeff() >= 0);
    }
}

TEST_CASE("arrays divided in blocks agree with the sweep over their wires, drivers too") {
    const auto [rows, columns] = GENERATE(table<int, int>({{37, 39}, {39, 8}, {3, 39}}));
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        const MatrixXd found = block_response(array.g, array.model);
        const ArrayResponse sweep = array_response(array.g, array.model);
        CHECK(worst_relative(found.topRightCorner(rows, columns), sweep.column_ampere_per_volt) <
              1e-10);
        MatrixXd between = -sweep.row_ampere_per_volt;
        between.diagonal().setZero();
        CHECK(worst_relative(found.topLeftCorner(rows, rows), between) < 1e-9);
    }
}

TEST_CASE("a large array divided in blocks carries every driver's current to read-outs") {
    // All drivers at one volt, read-outs at none: what the rows send the columns get, and with
    // cells of 12 decades one column's current is that of the reference solver.
    const ArrayCase array = hard_cases(140, 129)[1];
    const MatrixXd found = block_response(array.g, array.model);
    const Eigen::RowVectorXd together = found.topRightCorner(140, 129).colwise().sum();
    const auto solved = solve_nodes(array.g, array.model, MatrixXd::Ones(1, 140));
    CHECK(worst_relative(together, solved[0].column_ampere.transpose()) < 1e-9);
}
