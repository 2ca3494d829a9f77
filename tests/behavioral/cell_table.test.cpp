// SPDX-License-Identifier: Apache-2.0
#include "behavioral/cell_table.h"

#include <Eigen/Core>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/random.h"
#include "behavioral/cell_array.h"
#include "behavioral/cell_law.h"
#include "behavioral/column_currents.h"
#include "behavioral/column_map.h"
#include "behavioral/tables.h"

using namespace mho::behavioral;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using mho::test::table_law;

namespace {

// Steps and kinks that a plain cubic would overshoot.
CellTable rough_table() {
    CellTable table;
    table.state_siemens = {1e-6, 2e-6, 9e-6, 10e-6};
    table.volt = {-0.2, -0.05, 0, 0.01, 0.2};
    table.ampere = {-2e-7,   -1.9e-7, 0, 1e-9,   1e-6,    //
                    -2.1e-7, -2e-7,   0, 8e-7,   1.1e-6,  //
                    -9e-7,   -2.1e-7, 0, 8.1e-7, 9e-6,    //
                    -1e-6,   -9.9e-7, 0, 8.2e-7, 9.1e-6};
    return table;
}

}  // namespace

TEST_CASE("a table gives its points back, and in between a current that rises with voltage") {
    const CellTable table = rough_table();
    const std::size_t volts = table.volt.size();
    for (std::size_t n = 0; n < table.state_siemens.size(); ++n) {
        for (std::size_t k = 0; k < volts; ++k) {
            CHECK_THAT(on_table(table, table.volt[k], table.state_siemens[n]).ampere,
                       WithinAbs(table.ampere[n * volts + k], 1e-20));
        }
    }
    mho::RandomStream random(3, mho::RandomPurpose::test, 0);
    for (int run = 0; run < 2000; ++run) {
        const double g = random.uniform(0.2e-6, 12e-6), v = random.uniform(-0.3, 0.3);
        const double step = 1e-6;
        const CurvePoint at = on_table(table, v, g), next = on_table(table, v + step, g);
        REQUIRE(next.ampere >= at.ampere);
        REQUIRE(at.slope_siemens >= 0);
        const double slope = (next.ampere - on_table(table, v - step, g).ampere) / (2 * step);
        REQUIRE_THAT(at.slope_siemens, WithinAbs(slope, 1e-9));
    }
}

TEST_CASE("cells that are linear stay so, whatever the table's spacing; state 0 is open") {
    CellLaw law;
    law.g_min_siemens = 2e-6;
    law.g_max_siemens = 30e-6;
    law.v_max_volt = 0.1;
    law.table.state_siemens = {2e-6, 5e-6, 30e-6};
    law.table.volt = {-0.1, 0, 0.02, 0.1};
    for (const double g : law.table.state_siemens) {
        for (const double v : law.table.volt) law.table.ampere.push_back(g * v);
    }
    for (const double g : {0.0, 1e-6, 2e-6, 3.3e-6, 17e-6, 30e-6, 40e-6}) {
        for (const double v : {-0.15, -0.1, -0.03, 0.0, 1e-3, 0.07, 0.2}) {
            CHECK_THAT(cell_current(law, v, g), WithinAbs(g * v, 1e-19));
            CHECK_THAT(cell_slope(law, v, g), WithinAbs(g, 1e-18));
            CHECK_THAT(chord_conductance(law, v, g), WithinAbs(g, 1e-16));
        }
        CHECK_THAT(even_current_per_square(law, 0.05, g), WithinAbs(0, 1e-16));
    }
    CHECK_THAT(state_for_conductance(law, 0.05, 12e-6), WithinRel(12e-6, 1e-12));
    CHECK(state_for_conductance(law, 0.05, 1e-6) == 2e-6);
    CHECK(state_for_conductance(law, 0.05, 1e-3) == 30e-6);
}

TEST_CASE("the state for a conductance is found on curved tables too") {
    const CellLaw law =
        table_law([](double v, double g) { return g * 0.05 * std::sinh(v / 0.05); });
    for (const double part : {0.01, 0.3, 0.77}) {
        const double low = linear_conductance(law, 0.06, law.g_min_siemens);
        const double high = linear_conductance(law, 0.06, law.g_max_siemens);
        const double target = low + part * (high - low);
        const double state = state_for_conductance(law, 0.06, target);
        CHECK_THAT(linear_conductance(law, 0.06, state), WithinRel(target, 1e-12));
    }
}

TEST_CASE("the solvers' kernel evaluates tables as single cells are") {
    const CellLaw law = table_law(
        [](double v, double g) { return g * v / (1 + 5e3 * g * (1 + 2 * v)) * (1 + v * v); });
    Eigen::MatrixXd states(3, 2), volt(3, 2);
    states << 1e-6, 40e-6, 0, 13e-6, 22e-6, 5e-6;
    volt << 0.1, -0.07, 0.05, 0.01, -0.1, 0;
    const CellKernel kernel(CardCells{states, law}, 4);
    Eigen::Matrix<double, 3, 4, Eigen::RowMajor> v, i, s;
    v.setZero();
    v.leftCols(2) = volt;
    kernel.evaluate(v.data(), i.data(), s.data());
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 2; ++c) {
            CHECK(i(r, c) == cell_current(law, volt(r, c), states(r, c)));
            CHECK(s(r, c) == cell_slope(law, volt(r, c), states(r, c)));
        }
        CHECK(i(r, 3) == 0);
    }
    const Eigen::VectorXd column = volt.col(1);
    Eigen::VectorXd ampere(3), slope(3);
    kernel.evaluate_column(1, column.data(), ampere.data(), slope.data());
    for (int r = 0; r < 3; ++r) CHECK(ampere(r) == i(r, 1));
}

TEST_CASE(
    "column currents: without wires the sum of the cells; with a series resistor its fixed point") {
    ModelCard card;
    card.cell = table_law([](double v, double g) { return g * v * (1 + 3 * v + 20 * v * v); });
    card.driver = {8, 0.1, 0.35, 0};
    Eigen::MatrixXd states(4, 1), inputs(4, 2);
    states << 3e-6, 40e-6, 11e-6, 25e-6;
    inputs << 0.1, 0.02, -0.1, -0.05, 0.06, 0.1, -0.02, 0;
    const Eigen::MatrixXd ideal = column_currents(card, states, inputs);
    for (int k = 0; k < 2; ++k) {
        double sum = 0;
        for (int i = 0; i < 4; ++i) sum += cell_current(card.cell, inputs(i, k), states(i, 0));
        CHECK_THAT(ideal(k, 0), WithinRel(sum, 1e-8));
    }
    // One cell behind a driver whose resistance depends on its level, and a read-out.
    card.array.driver_ohm = 2e3;
    card.array.sense_ohm = 500;
    card.driver.resistance_per_volt = 0.8;
    const double level = -0.09, ohm = 2e3 * (1 + 0.8 * level) + 500;
    double ampere = 0;
    for (int round = 0; round < 200; ++round) {
        ampere = cell_current(card.cell, level - ohm * ampere, 40e-6);
    }
    const Eigen::MatrixXd one = column_currents(card, Eigen::MatrixXd::Constant(1, 1, 40e-6),
                                                Eigen::MatrixXd::Constant(1, 1, level));
    CHECK_THAT(one(0, 0), WithinRel(ampere, 1e-6));
}

TEST_CASE(
    "gated columns: positive and negative cells meet, and source drops count by their weight") {
    ModelCard card;
    card.cell = table_law([](double v, double g) { return g * 0.05 * std::tanh(v / 0.05); });
    card.driver = {8, 0.06, 0.35, 0};
    card.array.topology = ArrayTopology::c;
    Eigen::MatrixXd states(2, 2), gates(2, 2);
    states << 10e-6, 4e-6, 20e-6, 20e-6;
    gates << 1, 0, 1, 1;
    const Eigen::MatrixXd found = column_currents(card, states, gates);
    const double unit = 0.05 * std::tanh(0.06 / 0.05);
    CHECK_THAT(found(0, 0), WithinRel(6e-6 * unit, 2e-3));
    CHECK_THAT(found(1, 0), WithinAbs(0, 1e-12));

    card.array.topology = ArrayTopology::b;
    card.array.driver_ohm = 10e3;
    const Eigen::MatrixXd gate = Eigen::MatrixXd::Ones(1, 1);
    const Eigen::MatrixXd cell = Eigen::MatrixXd::Constant(1, 1, 20e-6);
    card.cell.source_weight = 0;
    CHECK_THAT(column_currents(card, cell, gate)(0, 0),
               WithinRel(cell_current(card.cell, 0.06, 20e-6), 1e-9));
    card.cell.source_weight = 1;
    double ampere = 0;
    for (int round = 0; round < 200; ++round) {
        ampere = cell_current(card.cell, 0.06 - 10e3 * ampere, 20e-6);
    }
    CHECK_THAT(column_currents(card, cell, gate)(0, 0), WithinRel(ampere, 1e-7));
}

TEST_CASE("squared inputs carry the even part of the cells") {
    const CellLaw law = table_law([](double v, double g) { return g * v * (1 + 2 * v); });
    ArrayModel array;
    array.rows = 2;
    array.columns = 1;
    Eigen::MatrixXd states(2, 1);
    states << 10e-6, 30e-6;
    const ColumnMap map = column_map(law, array, 0, states, 0.05);
    CHECK(map.has_squares);
    CHECK_THAT(map.response.column_ampere_per_volt(1, 0), WithinRel(30e-6, 1e-4));
    CHECK_THAT(map.ampere_per_square_volt(1, 0), WithinRel(60e-6, 1e-3));
}
