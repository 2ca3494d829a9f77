// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_nodes.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

// Worst violation of Kirchhoff's current law over all inner nodes of all three lines, ampere.
double worst_imbalance(const GatedNodes& s, const MatrixXd& positive, const MatrixXd& negative,
                       const ArrayModel& model, double volt) {
    const Index rows = positive.rows();
    double worst = 0;
    for (Index j = 0; j < positive.cols(); ++j) {
        const MatrixXd above =
            positive.col(j).cwiseProduct(s.source_volt.col(j) - s.column_volt.col(j));
        const MatrixXd below =
            negative.col(j).cwiseProduct(s.negative_source_volt.col(j) - s.column_volt.col(j));
        double fed = (volt - s.source_volt(0, j)) / (model.driver_ohm + model.row_segment_ohm);
        double sunk =
            (-volt - s.negative_source_volt(0, j)) / (model.driver_ohm + model.row_segment_ohm);
        double along = 0;
        for (Index i = 0; i < rows; ++i) {
            const bool last = i + 1 == rows;
            const auto onward = [&](const MatrixXd& line, double ohm) {
                return last ? 0.0 : (line(i, j) - line(i + 1, j)) / ohm;
            };
            const double fed_on = onward(s.source_volt, model.row_segment_ohm);
            const double sunk_on = onward(s.negative_source_volt, model.row_segment_ohm);
            const double out =
                last ? s.column_ampere(j) : onward(s.column_volt, model.column_segment_ohm);
            worst = std::max({worst, std::abs(fed - above(i) - fed_on),
                              std::abs(sunk - below(i) - sunk_on),
                              std::abs(along + above(i) + below(i) - out)});
            fed = fed_on;
            sunk = sunk_on;
            along = out;
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("published solutions of a gated 8 x 5 array are met to all their digits") {
    // Normalised: source line 1e-3, output line 2e-3, inputs 1 where row mod 3 != 1.
    MatrixXd g(8, 5), gates(1, 8);
    for (int i = 0; i < 8; ++i) {
        gates(0, i) = i % 3 != 1 ? 1 : 0;
        for (int o = 0; o < 5; ++o) g(i, o) = 0.01 + 0.99 * ((7 * o + 3 * i + o * i) % 17) / 16.0;
    }
    const double published[] = {1.9262978344, 2.9327814638, 2.9279188185, 1.9245532624,
                                2.9222945085};
    const auto solved = solve_gated(g, {8, 5, 1e-3, 2e-3, 0, 0}, gates, 1);
    for (int o = 0; o < 5; ++o) {
        CAPTURE(o);
        CHECK_THAT(solved[0].column_ampere(o), WithinAbs(published[o], 6e-11));
    }
}

TEST_CASE("a uniform gated column with a stiff source line loses what was published") {
    const auto [rows, r, ratio] = GENERATE(table<int, double, double>({{1152, 1e-6, 0.71014},
                                                                       {1152, 1e-5, 0.27369},
                                                                       {1152, 1e-4, 0.08637},
                                                                       {576, 1e-6, 0.90211},
                                                                       {576, 1e-5, 0.52022},
                                                                       {576, 1e-4, 0.17274},
                                                                       {128, 1e-6, 0.99451},
                                                                       {128, 1e-5, 0.94817},
                                                                       {128, 1e-4, 0.66627}}));
    const auto solved =
        solve_gated(MatrixXd::Ones(rows, 1), {rows, 1, 0, r, 0, 0}, MatrixXd::Ones(1, rows), 1);
    // I / (N G V) = [1 - cosh((N-1/2) t) / cosh((N+1/2) t)] / (N r), t = 2 asinh(sqrt(r)/2).
    const double t = 2 * std::asinh(std::sqrt(r) / 2);
    const double exact =
        (1 - std::cosh((rows - 0.5) * t) / std::cosh((rows + 0.5) * t)) / (rows * r);
    CHECK_THAT(solved[0].column_ampere(0) / rows, WithinRel(exact, 1e-9));
    CHECK_THAT(solved[0].column_ampere(0) / rows, WithinAbs(ratio, 5.1e-6));
    // The far end of the bitline stands near 1 - sech(N sqrt(r)), the continuum's value.
    const double k = rows * std::sqrt(r);
    CHECK_THAT(solved[0].column_volt(0, 0), WithinAbs(1 - 1 / std::cosh(k), 2e-2));
}

TEST_CASE("a stiff gated column is a column of topology A whose open rows float") {
    // With no resistance in the source lines and all supplies alike, gating is opening the cell.
    const int rows = 37, columns = 5;
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name);
        ArrayModel model = array.model;
        model.row_segment_ohm = 0;
        model.driver_ohm = 0;
        const MatrixXd gates =
            drawn(3, rows, 9, [](mho::RandomStream& r) { return r.uniform() < 0.5 ? 0.0 : 1.0; });
        const auto found = solve_gated(array.g, model, gates, 0.3);
        REQUIRE(found.size() == 3);
        for (Index b = 0; b < 3; ++b) {
            const MatrixXd open = gates.row(b).transpose().asDiagonal() * array.g;
            const auto expected = solve_nodes(open, model, MatrixXd::Constant(1, rows, 0.3));
            const GatedNodes& s = found[static_cast<std::size_t>(b)];
            CHECK(worst_relative(s.column_ampere, expected[0].column_ampere) < 1e-9);
            CHECK((s.column_volt - expected[0].column_volt).cwiseAbs().maxCoeff() < 1e-12);
        }
    }
}

TEST_CASE("Kirchhoff's current law holds on source lines and bitlines") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1}, {2, 3}, {37, 5}, {127, 2}}));
    const ArrayModel model{rows, columns, 1, 2, 30, 50};
    const MatrixXd positive = ordinary(rows, columns);
    const MatrixXd negative = ordinary(rows, columns).reverse();
    const MatrixXd on = MatrixXd::Ones(1, rows);
    const auto interleaved = solve_interleaved(positive, negative, model, on, 0.2);
    CHECK(worst_imbalance(interleaved[0], positive, negative, model, 0.2) < 1e-14);
    auto gated = solve_gated(positive, model, on, 0.2);
    CHECK(gated[0].negative_source_volt.size() == 0);
    gated[0].negative_source_volt.setConstant(rows, columns, -0.2);
    CHECK(worst_imbalance(gated[0], positive, 0 * positive, model, 0.2) < 1e-14);
}

TEST_CASE("interleaved cells of equal conductance cancel where they stand") {
    const MatrixXd g = ordinary(53, 4);
    const ArrayModel model{53, 4, 3, 20, 100, 50};
    const auto solved = solve_interleaved(g, g, model, MatrixXd::Ones(1, 53), 0.2);
    CHECK(solved[0].column_ampere.cwiseAbs().maxCoeff() < 1e-18);
    CHECK(solved[0].column_volt.cwiseAbs().maxCoeff() < 1e-15);
    // Each source line then feeds a ladder into ground: node by node the same on both sides.
    CHECK((solved[0].source_volt + solved[0].negative_source_volt).cwiseAbs().maxCoeff() < 1e-16);
}

TEST_CASE("interleaved columns turn their sign with the cells and lose less than separate ones") {
    const int rows = 127;
    const MatrixXd positive = 10 * ordinary(rows, 3), negative = 10 * ordinary(rows, 3).reverse();
    const ArrayModel model{rows, 3, 0, 2, 0, 20};
    const MatrixXd on = MatrixXd::Ones(1, rows);
    const VectorXd both = solve_interleaved(positive, negative, model, on, 0.2)[0].column_ampere;
    const VectorXd turned = solve_interleaved(negative, positive, model, on, 0.2)[0].column_ampere;
    CHECK((both + turned).cwiseAbs().maxCoeff() < 1e-15);
    // With stiff sources the bitline is linear in its cells' currents: a matrix of sums, driven by
    // differences. Without negative cells it is topology B.
    const VectorXd alone = solve_gated(positive, model, on, 0.2)[0].column_ampere;
    CHECK(worst_relative(solve_interleaved(positive, 0 * negative, model, on, 0.2)[0].column_ampere,
                         alone) < 1e-12);
    const VectorXd ideal = 0.2 * (positive - negative).colwise().sum().transpose();
    const VectorXd apart = alone - solve_gated(negative, model, on, 0.2)[0].column_ampere;
    CHECK((both - ideal).norm() < (apart - ideal).norm());
}

TEST_CASE("gated arrays with zero resistances are the limit of small ones") {
    for (const ArrayCase& array : zero_wire_cases(6, 4)) {
        CAPTURE(array.name);
        const MatrixXd negative = array.g.reverse();
        const MatrixXd gates{{1, 0, 1, 1, 0, 1}};
        ArrayModel small = array.model;
        for (double* ohm : {&small.row_segment_ohm, &small.column_segment_ohm, &small.driver_ohm,
                            &small.sense_ohm}) {
            if (*ohm == 0) *ohm = 1e-6;
        }
        const VectorXd found =
            solve_interleaved(array.g, negative, array.model, gates, 0.2)[0].column_ampere;
        const VectorXd near =
            solve_interleaved(array.g, negative, small, gates, 0.2)[0].column_ampere;
        const double largest = near.cwiseAbs().maxCoeff();
        CHECK((found - near).cwiseAbs().maxCoeff() < 1e-6 * largest);
        CHECK(worst_relative(solve_gated(array.g, array.model, gates, 0.2)[0].column_ampere,
                             solve_gated(array.g, small, gates, 0.2)[0].column_ampere) < 1e-6);
    }
}

TEST_CASE("gates that are not bits and broken gated arrays are refused in one line") {
    const MatrixXd g = MatrixXd::Ones(2, 3), on = MatrixXd::Ones(1, 2);
    const ArrayModel model{2, 3, 1, 1, 0, 0};
    CHECK_THROWS_WITH(solve_gated(g, model, 0.5 * on, 1),
                      "gates: input vector 0, row 0 is 0.5, expected 0 or 1");
    CHECK_THROWS_WITH(solve_gated(g, model, MatrixXd::Ones(1, 3), 1),
                      ContainsSubstring("expected one per row of the array (2)"));
    CHECK_THROWS_WITH(solve_gated(g, model, on, std::numeric_limits<double>::infinity()),
                      ContainsSubstring("read voltage: inf"));
    CHECK_THROWS_AS(solve_gated(-g, model, on, 1), mho::Error);
    CHECK_THROWS_AS(solve_interleaved(g, MatrixXd::Ones(3, 3), model, on, 1), mho::Error);
}
