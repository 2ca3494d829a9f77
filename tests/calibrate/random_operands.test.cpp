// SPDX-License-Identifier: Apache-2.0
#include "calibrate/random_operands.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

using namespace mho;
using namespace mho::calibrate;

namespace {

RandomStream stream(std::uint32_t number) {
    return {5, RandomPurpose::test, number};
}

}  // namespace

TEST_CASE("random states fill the range of the cell") {
    const netlist::CellSpec cell;
    RandomStream random = stream(0);
    const Eigen::MatrixXd states = random_states(cell, StateKind::uniform, 64, 64, random);
    CHECK(states.minCoeff() >= cell.g_min_siemens);
    CHECK(states.maxCoeff() <= cell.g_max_siemens);
    const double middle = 0.5 * (cell.g_min_siemens + cell.g_max_siemens);
    const double sigma = (cell.g_max_siemens - cell.g_min_siemens) / std::sqrt(12.0 * 64 * 64);
    CHECK(std::abs(states.mean() - middle) < 4 * sigma);
}

TEST_CASE("states as of weights keep one cell of every pair at the lowest conductance") {
    const netlist::CellSpec cell;
    RandomStream random = stream(1);
    const Eigen::MatrixXd states = random_states(cell, StateKind::weights, 32, 10, random);
    int upper = 0;
    for (Eigen::Index j = 0; j < 10; ++j) {
        for (Eigen::Index i = 0; i < 32; i += 2) {
            CHECK(std::min(states(i, j), states(i + 1, j)) == cell.g_min_siemens);
            upper += states(i, j) > states(i + 1, j) ? 1 : 0;
        }
    }
    CHECK(upper > 40);
    CHECK(upper < 120);
    CHECK(states.maxCoeff() <= cell.g_max_siemens);
}

TEST_CASE("rows work in pairs at opposite voltages on the driver's levels") {
    netlist::DriverSpec driver;
    driver.bits = 4;
    RandomStream random = stream(2);
    const Eigen::VectorXd codes = random_codes(driver, 500, 1, random);
    CHECK(codes.maxCoeff() == 7);
    CHECK(codes.minCoeff() == -7);
    CHECK(codes == codes.array().round().matrix());
    const Eigen::VectorXd volts = row_volts(driver, codes);
    for (Eigen::Index i = 0; i < codes.size(); ++i) {
        CHECK(volts(2 * i) == codes(i) * driver.amplitude_volt / 7);
        CHECK(volts(2 * i + 1) == -volts(2 * i));
    }
    CHECK(random_codes(driver, 500, 0.3, random).cwiseAbs().maxCoeff() <= 2);
}
