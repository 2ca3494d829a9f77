// SPDX-License-Identifier: Apache-2.0
#include "behavioral/drive_ratio.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "behavioral/cards.h"
#include "behavioral/cell_law.h"

using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using mho::test::some_card;

TEST_CASE("without wires every cell sees its whole drive") {
    ModelCard card = some_card(6, 4);
    card.array = {6, 4, 0, 0, 0, 0};
    const Eigen::MatrixXd ratio =
        cell_drive_ratio(Eigen::MatrixXd::Constant(6, 4, 2e-5), card, 0.1);
    CHECK(ratio == Eigen::MatrixXd::Ones(6, 4));
}

TEST_CASE("the drive map of a single pair is its voltage divider") {
    // Equal ohmic cells at +v and -v leave the column at zero: each row is a divider of its own.
    ModelCard card = some_card(2, 1);
    card.cell.access_ohm = 0;
    card.array = {2, 1, 100, 0, 400, 0};
    const Eigen::MatrixXd ratio =
        cell_drive_ratio(Eigen::MatrixXd::Constant(2, 1, 1e-3), card, 0.1);
    CHECK_THAT(ratio(0, 0), WithinRel(1 / 1.5, 1e-12));
    CHECK_THAT(ratio(1, 0), WithinRel(1 / 1.5, 1e-12));
}

TEST_CASE("cells far from driver and read-out see less, and bad voltages are refused") {
    const ModelCard card = some_card(16, 16);
    Eigen::MatrixXd state = Eigen::MatrixXd::Constant(16, 16, card.cell.g_max_siemens);
    for (Eigen::Index i = 1; i < 16; i += 2) state.row(i).setConstant(card.cell.g_min_siemens);
    const Eigen::MatrixXd ratio = cell_drive_ratio(state, card, 0.1);
    CHECK(ratio(14, 0) > ratio(14, 15));
    CHECK(ratio(14, 0) > ratio(0, 0));
    CHECK(ratio.row(0).maxCoeff() < 1);
    CHECK_THROWS_AS(cell_drive_ratio(state, card, 0), mho::Error);
    CHECK_THROWS_AS(cell_drive_ratio(state, card, 10), mho::Error);
    CHECK_THROWS_AS(cell_drive_ratio(state.topRows(3), card, 0.1), mho::Error);
}
