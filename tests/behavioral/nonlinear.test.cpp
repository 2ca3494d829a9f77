// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"
#include "behavioral/cell_law.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {
const CellLaw kSoftLaw{5e3, -2.0, 3.0, 1e-6, 40e-6, 0.5};
}

TEST_CASE("one non-linear cell between resistors sits at its fixed point") {
    const ArrayModel model{1, 1, 200, 300, 1000, 500};
    for (const double drive : {-0.4, 0.1, 0.4}) {
        // v = drive - 2000 ohm * I(v), iterated by hand; it contracts by about 2000 * 33 uS.
        double v = drive;
        for (int step = 0; step < 60; ++step) v = drive - 2000 * cell_current(kSoftLaw, v, 40e-6);
        const ArrayNodes found = solve_nonlinear(MatrixXd::Constant(1, 1, 40e-6), model, kSoftLaw,
                                                 MatrixXd::Constant(1, 1, drive))[0];
        CHECK_THAT(found.cell_volt(0, 0), WithinRel(v, 1e-12));
        CHECK_THAT(found.column_ampere(0), WithinRel(cell_current(kSoftLaw, v, 40e-6), 1e-12));
        CHECK_THAT(found.row_ampere(0), WithinRel(found.column_ampere(0), 1e-12));
    }
}

TEST_CASE("with an ohmic law the non-linear solver is the linear one") {
    CellLaw ohmic = kSoftLaw;
    ohmic.access_per_volt = ohmic.access_per_volt_squared = 0;
    const MatrixXd state = ordinary(11, 7);
    const MatrixXd g = state.unaryExpr([&](double s) { return s / (1 + s * 5e3); });
    const MatrixXd drive =
        drawn(3, 11, 6, [](mho::RandomStream& r) { return r.uniform(-0.2, 0.2); });
    const ArrayModel model{11, 7, 20, 10, 100, 50};
    const auto linear = solve_nodes(g, model, drive);
    const auto found = solve_nonlinear(state, model, ohmic, drive);
    for (std::size_t b = 0; b < 3; ++b) {
        CHECK(worst_relative(found[b].column_ampere, linear[b].column_ampere) < 1e-10);
    }
}

TEST_CASE("non-linear solutions balance the cells' own currents") {
    const MatrixXd state = ordinary(20, 12);
    const MatrixXd drive =
        drawn(1, 20, 7, [](mho::RandomStream& r) { return r.uniform(-0.5, 0.5); });
    for (const ArrayModel& model :
         {ArrayModel{20, 12, 50, 40, 300, 100}, ArrayModel{20, 12, 0, 40, 0, 100},
          ArrayModel{20, 12, 0, 0, 300, 0}, ArrayModel{20, 12, 0, 0, 0, 0}}) {
        const ArrayNodes found = solve_nonlinear(state, model, kSoftLaw, drive)[0];
        const MatrixXd ampere = found.cell_volt.binaryExpr(
            state, [](double v, double g) { return cell_current(kSoftLaw, v, g); });
        const double full = state.sum() * 0.5;
        CHECK((ampere.rowwise().sum() - found.row_ampere).cwiseAbs().maxCoeff() < 1e-12 * full);
        CHECK((ampere.colwise().sum().transpose() - found.column_ampere).cwiseAbs().maxCoeff() <
              1e-12 * full);
        CHECK((found.row_volt - found.column_volt - found.cell_volt).cwiseAbs().maxCoeff() < 1e-15);
    }
}

TEST_CASE("zero drive gives zero, and too few iterations are reported") {
    const MatrixXd state = ordinary(3, 3);
    const ArrayModel model{3, 3, 500, 500, 500, 500};
    CHECK(solve_nonlinear(state, model, kSoftLaw, MatrixXd::Zero(1, 3))[0].column_ampere.isZero(0));
    NewtonOptions once;
    once.max_iterations = 1;
    CHECK_THROWS_WITH(solve_nonlinear(state, model, kSoftLaw, MatrixXd::Constant(1, 3, 0.5), once),
                      ContainsSubstring("after 1 iterations"));
}
