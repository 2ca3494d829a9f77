// SPDX-License-Identifier: Apache-2.0
// Cells that are not ohmic in a quantised multiply, and currents taken before they have settled,
// against sums in double precision and one cell's circuit solved by hand.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/sliced_multiply.h"
#include "behavioral/sliced_planes.h"
#include "behavioral/sliced_reference.h"

using Catch::Approx;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

constexpr int kPowerInputs = 23, kOutputs = 40, kSamples = 70;

MatrixXd random_matrix(double size, std::uint32_t id) {
    mho::RandomStream random(91, mho::RandomPurpose::test, id);
    return MatrixXd::NullaryExpr(kPowerInputs, kOutputs,
                                 [&] { return random.uniform(-size, size); });
}

std::vector<CellSlice> curved_cells(const WeightCoding& coding) {
    std::vector<CellSlice> cells =
        slice_weights(random_weights(kPowerInputs, kOutputs, coding), coding);
    cells[0].positive_quadratic = random_matrix(0.1, 1);
    cells[0].positive_cubic = random_matrix(1e-3, 2);
    cells[0].negative_quadratic = random_matrix(0.1, 3);
    cells[0].negative_cubic = random_matrix(1e-3, 4);
    return cells;
}

// Each slice through every cell's own curve.
double summed(const CellSlice& cells, const InputCoding& coding, const RowMatrixXf& x, int s,
              int j) {
    double sum = 0;
    for (int i = 0; i < kPowerInputs; ++i) {
        for (const Digit& digit : digits(whole_code(x(s, i), coding), coding)) {
            const double c = digit.code;
            const double current =
                (cells.positive(i, j) - cells.negative(i, j)) * c +
                (cells.positive_quadratic(i, j) - cells.negative_quadratic(i, j)) * c * c +
                (cells.positive_cubic(i, j) - cells.negative_cubic(i, j)) * c * c * c;
            sum += digit.weight * current;
        }
    }
    return sum * coding.step;
}

// One cell of conductance 1 behind a driver of 1 / `ratio` ohm.
MultiplyOptions one_cell(double ratio) {
    MultiplyOptions options;
    options.wires = WireOptions{};
    options.wires->siemens_per_level = 1;
    options.wires->model.rows = options.wires->model.columns = 1;
    options.wires->model.driver_ohm = 1 / ratio;
    return options;
}

}  // namespace

TEST_CASE("cells that are not ohmic pass every slice of the inputs through their own curve") {
    for (const InputSign sign : {InputSign::none, InputSign::magnitude}) {
        for (const int slice_bits : {0, 2, 3}) {
            for (const SliceSum sum : {SliceSum::digital, SliceSum::analog}) {
                MultiplyOptions options;
                options.input = {7, slice_bits, sign, sum, 0.25};
                options.weight.bits = 5;
                options.adc.kind = AdcKind::none;
                options.max_rows = 10;
                const auto cells = curved_cells(options.weight);
                const SlicedMultiply multiply(cells, options);
                CHECK_FALSE(multiply.in_integers());
                const RowMatrixXf x = random_samples(kSamples, kPowerInputs, options.input);
                RowMatrixXf y(kSamples, kOutputs);
                multiply.run(x, y);
                for (int s = 0; s < kSamples; ++s) {
                    for (int j = 0; j < kOutputs; ++j) {
                        const double expected = summed(cells[0], options.input, x, s, j);
                        REQUIRE(static_cast<double>(y(s, j)) ==
                                Approx(expected).epsilon(1e-5).margin(0.05));
                    }
                }
            }
        }
    }
}

TEST_CASE("behind a resistor a cell's curve is exact to first order") {
    // I = v + q v^2 + c v^3 with v = V - I / ratio, solved by fixed point.
    const double ratio = 4;
    for (const double size : {0.02, 0.01}) {
        const double q = size, c = -size / 2;
        const EffectiveCells cells =
            cells_behind_wires({MatrixXd::Constant(1, 1, 1.0), MatrixXd::Constant(1, 1, q),
                                MatrixXd::Constant(1, 1, c)},
                               one_cell(ratio));
        double current = 0;
        for (int k = 0; k < 200; ++k) {
            const double v = 1 - current / ratio;
            current = v + q * v * v + c * v * v * v;
        }
        const double found = cells.level(0) + cells.quadratic(0) + cells.cubic(0);
        const double ohmic = ratio / (1 + ratio);
        CHECK(cells.level(0) == Approx(ohmic));
        CHECK(std::abs(found - current) < size * size);
        CHECK(std::abs(found - current) < 0.05 * std::abs(current - ohmic));
    }
}

TEST_CASE("a column that is read early lacks what its capacitor has not got yet") {
    MultiplyOptions options = one_cell(4);
    options.wires->row_farad = 3;
    const double tau = 3 / (4.0 + 1);
    for (const double second : {0.2, 1.0, 100.0}) {
        options.wires->settle_second = second;
        options.wires->integrates = false;
        const auto level = [&] {
            return cells_behind_wires({MatrixXd::Constant(1, 1, 1.0), {}, {}}, options).level(0);
        };
        const double part = 1 - std::exp(-second / tau);
        CHECK(level() == Approx(0.8 * part).epsilon(1e-6));
        options.wires->integrates = true;
        CHECK(level() == Approx(0.8 * (1 - tau / second * part)).epsilon(1e-6));
    }
}

TEST_CASE("curves of some cells only, or behind gates, are refused") {
    MultiplyOptions options;
    options.weight.bits = 5;
    auto cells = curved_cells(options.weight);
    cells[0].negative_cubic.resize(0, 0);
    CHECK_THROWS_AS(SlicedMultiply(cells, options), mho::Error);
    cells = curved_cells(options.weight);
    options.input = {8, 1, InputSign::none};
    options.wires = WireOptions{};
    options.wires->siemens_per_level = 1e-6;
    options.wires->topology = Topology::b;
    CHECK_THROWS_AS(SlicedMultiply(cells, options), mho::Error);
}
