// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_multiply.h"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/gated_nodes.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

// Random bits, then all off and all on.
GateMatrix some_gates(Index rows) {
    GateMatrix gates(4, rows);
    const MatrixXd bits = drawn(2, static_cast<int>(rows), 31,
                                [](mho::RandomStream& r) { return r.uniform() < 0.5 ? 0.0 : 1.0; });
    gates.topRows(2) = bits.cast<std::uint8_t>();
    gates.row(2).setZero();
    gates.row(3).setOnes();
    return gates;
}

template <typename Real>
MatrixXd multiply(const GatedArray<Real>& array, const GateMatrix& gates) {
    typename GatedArray<Real>::Output ampere(gates.rows(), array.columns());
    ampere.setConstant(std::numeric_limits<Real>::quiet_NaN());
    array.multiply(gates, ampere);
    return ampere.template cast<double>();
}

MatrixXd currents(const std::vector<GatedNodes>& solved) {
    MatrixXd ampere(static_cast<Index>(solved.size()), solved[0].column_ampere.size());
    for (Index b = 0; b < ampere.rows(); ++b) {
        ampere.row(b) = solved[static_cast<std::size_t>(b)].column_ampere.transpose();
    }
    return ampere;
}

// Rounding of one operation, times what a ladder of this length may gather.
template <typename Real>
double allowed(Index rows) {
    return std::numeric_limits<Real>::epsilon() * (8 + 0.5 * static_cast<double>(rows));
}

}  // namespace

TEMPLATE_TEST_CASE("the gated multiply agrees with the reference at awkward sizes", "", float,
                   double) {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1},
                                                           {2, 2},
                                                           {1, 53},
                                                           {53, 1},
                                                           {37, 53},
                                                           {63, 15},
                                                           {64, 16},
                                                           {65, 17},
                                                           {127, 3},
                                                           {1000, 2},
                                                           {2, 1000},
                                                           {130, 129}}));
    const GateMatrix gates = some_gates(rows);
    std::vector<ArrayCase> cases = hard_cases(rows, columns);
    for (const ArrayCase& array : zero_wire_cases(rows, columns)) cases.push_back(array);
    for (const ArrayCase& array : cases) {
        CAPTURE(array.name, rows, columns);
        const MatrixXd expected =
            currents(solve_gated(array.g, array.model, gates.cast<double>(), 0.2));
        const MatrixXd found =
            multiply(GatedArray<TestType>::gated(array.g, array.model, 0.2), gates);
        CHECK(worst_relative(found, expected) < allowed<TestType>(rows) + 1e-9);
    }
}

TEMPLATE_TEST_CASE("the interleaved multiply agrees with the reference", "", float, double) {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {2, 2}, {1, 53}, {53, 1}, {37, 53}, {65, 17}, {127, 3}}));
    const GateMatrix gates = some_gates(rows);
    for (const ArrayCase& array : hard_cases(rows, columns)) {
        CAPTURE(array.name, rows, columns);
        ArrayModel model = array.model;
        model.row_segment_ohm = 0;
        model.driver_ohm = 0;
        const MatrixXd negative = 0.7 * array.g.reverse();
        const MatrixXd expected =
            currents(solve_interleaved(array.g, negative, model, gates.cast<double>(), 0.2));
        const MatrixXd found =
            multiply(GatedArray<TestType>::interleaved(array.g, negative, model, 0.2), gates);
        // What cancels is no larger than what the cells of either sign would send alone.
        const MatrixXd alone =
            currents(solve_gated(array.g + negative, model, gates.cast<double>(), 0.2));
        const double off = ((found - expected).array().abs() /
                            alone.array().max(std::numeric_limits<double>::min()))
                               .maxCoeff();
        CHECK(off < allowed<TestType>(rows) + 1e-9);
    }
}

TEST_CASE("a uniform gated column follows the closed form at every strength of drop") {
    const auto [rows, r] = GENERATE(table<int, double>(
        {{1152, 1e-6}, {1152, 1e-4}, {1152, 1e-2}, {1152, 10.0}, {128, 1e9}, {5, 1e-12}}));
    const double t = 2 * std::asinh(std::sqrt(r) / 2);
    // cosh(a) / cosh(b) without overflow.
    const double ratio =
        std::exp(-t) * (1 + std::exp(-(2 * rows - 1) * t)) / (1 + std::exp(-(2 * rows + 1) * t));
    const double exact = (1 - ratio) / (rows * r);
    const ArrayModel model{rows, 1, 0, r / 1e-5, 0, 0};
    const MatrixXd g = MatrixXd::Constant(rows, 1, 1e-5);
    const GateMatrix on = GateMatrix::Ones(1, rows);
    CHECK_THAT(multiply(GatedArray<double>::gated(g, model, 1), on)(0) / (rows * 1e-5),
               WithinRel(exact, r < 1e-9 ? 1e-4 : 1e-9));
    CHECK_THAT(multiply(GatedArray<float>::gated(g, model, 1), on)(0) / (rows * 1e-5),
               WithinRel(exact, r < 1e-9 ? 1e-4 : 2e-5));
}

TEST_CASE("a large array of single precision keeps more digits than any converter has") {
    const int rows = 1152, columns = 40;
    const MatrixXd g = drawn(
        rows, columns, 3, [](mho::RandomStream& r) { return std::pow(10.0, r.uniform(-6, -4.5)); });
    const GateMatrix gates = some_gates(rows);
    for (const ArrayModel& model :
         {ArrayModel{rows, columns, 0, 1, 0, 10}, ArrayModel{rows, columns, 0.2, 1, 5, 10}}) {
        const MatrixXd exact = multiply(GatedArray<double>::gated(g, model, 0.1), gates);
        const MatrixXd expected = currents(solve_gated(g, model, gates.cast<double>(), 0.1));
        CHECK(worst_relative(exact, expected) < 1e-11);
        const MatrixXd found = multiply(GatedArray<float>::gated(g, model, 0.1), gates);
        CHECK(worst_relative(found, exact) < 5e-6);
    }
}

TEST_CASE("gates other than 0 are on, and rows that are off do not matter") {
    MatrixXd g = ordinary(20, 5);
    const ArrayModel model{20, 5, 0, 30, 0, 100};
    GateMatrix gates = GateMatrix::Zero(1, 20);
    gates(0, 3) = 1;
    gates(0, 17) = 255;
    const MatrixXd before = multiply(GatedArray<float>::gated(g, model, 0.2), gates);
    gates(0, 17) = 1;
    g.row(4).setConstant(3e-5);
    CHECK(multiply(GatedArray<float>::gated(g, model, 0.2), gates) == before);
    CHECK(multiply(GatedArray<float>::gated(g, model, 0.2), GateMatrix(0, 20)).rows() == 0);
}

TEST_CASE("gated arrays that make no sense are refused") {
    const MatrixXd g = MatrixXd::Ones(2, 3);
    const ArrayModel stiff{2, 3, 0, 1, 0, 0};
    using Array = GatedArray<float>;
    CHECK_THROWS_AS(Array::gated(-g, stiff, 1), mho::Error);
    CHECK_THROWS_AS(Array::gated(MatrixXd::Ones(3, 3), stiff, 1), mho::Error);
    CHECK_THROWS_WITH(Array::gated(g, stiff, HUGE_VAL), ContainsSubstring("read voltage: inf"));
    CHECK_THROWS_WITH(Array::interleaved(g, g, {2, 3, 0.5, 1, 0, 0}, 1),
                      ContainsSubstring("0.5 ohm per segment"));
    CHECK_THROWS_WITH(Array::gated(g, {2, 3, 0, 1e35, 0, 0}, 1),
                      ContainsSubstring("conductance times segment resistance is 1e+35"));
    const Array array = Array::gated(g, stiff, 1);
    Array::Output ampere(1, 3);
    CHECK_THROWS_WITH(array.multiply(GateMatrix::Ones(1, 3), ampere),
                      ContainsSubstring("expected one per row of the array (2)"));
    CHECK_THROWS_WITH(array.multiply(GateMatrix::Ones(2, 2), ampere),
                      "currents: 1 x 3, expected 2 x 3");
}
