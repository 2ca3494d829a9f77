// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_power.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

double in(const MatrixXd& form, const VectorXd& volt) {
    return volt.dot(form * volt);
}

// Of the segments between nodes, and from the ends, of one direction; `along` goes from the end.
double segment_watt(const MatrixXd& volt_along, const VectorXd& end_ampere, double ohm) {
    if (ohm == 0) return 0;
    const Index n = volt_along.cols();
    const MatrixXd drop = volt_along.rightCols(n - 1) - volt_along.leftCols(n - 1);
    return drop.squaredNorm() / ohm + ohm * end_ampere.squaredNorm();
}

}  // namespace

TEST_CASE("power by kind of element is that of the solved nodes") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {1, 9}, {9, 1}, {17, 9}, {37, 53}}));
    CAPTURE(rows, columns);
    const VectorXd volt =
        drawn(rows, 1, 51, [](mho::RandomStream& r) { return r.uniform(-0.2, 0.3); });
    std::vector<ArrayCase> cases = hard_cases(rows, columns);
    for (ArrayCase& array : zero_wire_cases(rows, columns)) cases.push_back(std::move(array));
    for (const ArrayCase& array : cases) {
        CAPTURE(array.name);
        const ArrayPower power = array_power(array.g, array.model);
        const ArrayNodes s = solve_nodes(array.g, array.model, volt.transpose())[0];
        const double total = volt.dot(s.row_ampere);
        const double close = 1e-9 * total;
        CHECK_THAT(in(power.total(), volt), WithinAbs(total, close));
        CHECK_THAT(in(power.cells, volt),
                   WithinAbs(array.g.cwiseProduct(s.cell_volt.cwiseAbs2()).sum(), close));
        CHECK_THAT(in(power.wires, volt),
                   WithinAbs(segment_watt(s.row_volt, s.row_ampere, array.model.row_segment_ohm) +
                                 segment_watt(s.column_volt.transpose(), s.column_ampere,
                                              array.model.column_segment_ohm),
                             1e-7 * total));
        CHECK_THAT(in(power.drivers, volt),
                   WithinAbs(array.model.driver_ohm * s.row_ampere.squaredNorm(), close));
        CHECK_THAT(in(power.readouts, volt),
                   WithinAbs(array.model.sense_ohm * s.column_ampere.squaredNorm(), close));
    }
}

TEST_CASE("without wires all power is in the cells, and one cell divides it by its resistances") {
    const MatrixXd g = ordinary(6, 4);
    const ArrayPower ideal = array_power(g, {6, 4, 0, 0, 0, 0});
    const MatrixXd diagonal = g.rowwise().sum().asDiagonal();
    CHECK((ideal.cells - diagonal).cwiseAbs().maxCoeff() < 1e-9 * diagonal.maxCoeff());
    CHECK(ideal.wires.cwiseAbs().maxCoeff() < 1e-9 * diagonal.maxCoeff());
    // 1 kohm of cell, 200 and 300 of wires, 400 and 100 of driver and read-out.
    const ArrayPower one = array_power(MatrixXd::Constant(1, 1, 1e-3), {1, 1, 200, 300, 400, 100});
    CHECK_THAT(one.cells(0, 0), WithinRel(1000 / 4e6, 1e-9));
    CHECK_THAT(one.wires(0, 0), WithinRel(500 / 4e6, 1e-8));
    CHECK_THAT(one.drivers(0, 0), WithinRel(400 / 4e6, 1e-12));
    CHECK_THAT(one.readouts(0, 0), WithinRel(100 / 4e6, 1e-12));
    CHECK_THROWS_AS(array_power(-g, {6, 4, 0, 0, 0, 0}), mho::Error);
}
