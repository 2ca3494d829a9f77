// SPDX-License-Identifier: Apache-2.0
// Noise, wires and equalities of the quantised multiply, and what it refuses.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_nodes.h"
#include "behavioral/gated_nodes.h"
#include "behavioral/packed_matrix.h"
#include "behavioral/sliced_reference.h"

using Catch::Matchers::ContainsSubstring;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

MultiplyOptions plain(int bits = 8, int slice_bits = 0) {
    MultiplyOptions options;
    options.input = {bits, slice_bits, InputSign::none};
    options.adc.kind = AdcKind::none;
    return options;
}

RowMatrixXf run(const std::vector<CellSlice>& cells, const MultiplyOptions& options,
                const RowMatrixXf& x, const std::optional<NoiseStream>& noise = {}) {
    const SlicedMultiply multiply(cells, options);
    RowMatrixXf y(x.rows(), multiply.outputs());
    multiply.run(x, y, noise);
    return y;
}

// Cells off their levels, as devices leave them.
std::vector<CellSlice> programmed(int inputs, int outputs, const WeightCoding& coding) {
    auto cells = slice_weights(random_weights(inputs, outputs, coding), coding);
    mho::RandomStream random(91, mho::RandomPurpose::test);
    for (CellSlice& slice : cells) {
        for (MatrixXd* level : {&slice.positive, &slice.negative}) {
            *level = level->unaryExpr([&](double l) { return l + random.uniform(0.1, 0.4); });
        }
    }
    return cells;
}

double spread(const RowMatrixXf& found, const MatrixXd& expected) {
    return (found.cast<double>() - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

const ArrayModel kWires{0, 0, 2.0, 3.0, 20, 10};
constexpr double kSiemensPerLevel = 0.2e-6;

}  // namespace

TEST_CASE("read noise of cells has the variance of independent draws, also over charge sharing") {
    const int inputs = 30, outputs = 40, batch = 4000;
    for (const SliceSum sum : {SliceSum::digital, SliceSum::analog}) {
        MultiplyOptions options = plain(4, 2);
        options.input.sum = sum;
        options.weight.bits = 5;
        options.readout_noise = 0.5;
        auto cells = programmed(inputs, outputs, options.weight);
        mho::RandomStream random(92, mho::RandomPurpose::test);
        for (MatrixXd* variance : {&cells[0].positive_variance, &cells[0].negative_variance}) {
            *variance =
                MatrixXd::NullaryExpr(inputs, outputs, [&] { return random.uniform(0.0, 0.02); });
        }
        const RowMatrixXf one = random_samples(1, inputs, options.input);
        const MatrixXd noise = (run(cells, options, one.replicate(batch, 1), NoiseStream{3, 1, 0}) -
                                run(cells, options, one).replicate(batch, 1))
                                   .cast<double>();
        // Each slice is a read of its own; digital sums see the read-out once per slice.
        Eigen::RowVectorXd expected =
            Eigen::RowVectorXd::Constant(outputs, 0.25 * (sum == SliceSum::digital ? 17 : 1));
        for (int i = 0; i < inputs; ++i) {
            for (const Digit& digit : digits(whole_code(one(0, i), options.input), options.input)) {
                const double square = std::pow(digit.code * digit.weight, 2);
                expected +=
                    square * (cells[0].positive_variance + cells[0].negative_variance).row(i);
            }
        }
        // Relative deviation of a variance of n normals: sqrt(2 / n) = 0.022; 40 of them.
        const Eigen::RowVectorXd variance = noise.colwise().squaredNorm() / batch;
        CHECK(((variance.array() / expected.array()) - 1).abs().maxCoeff() < 0.022 * 4.5);
        CHECK(std::abs((variance.array() / expected.array()).mean() - 1) < 0.022 * 4.5 / 6.3);
        CHECK((noise.colwise().mean().array() / expected.array().sqrt()).abs().maxCoeff() <
              4.5 / std::sqrt(batch));
        const MatrixXd unit = noise.array().rowwise() / expected.array().sqrt();
        MatrixXd together = unit.transpose() * unit / batch;
        together.diagonal().setZero();
        CHECK(together.cwiseAbs().maxCoeff() < 5 / std::sqrt(batch));
        const double fourth = unit.array().pow(4).mean();
        CHECK(std::abs(fourth - 3) < 0.15);
    }
}

TEST_CASE("weight slices and parts of the rows draw noise of their own") {
    MultiplyOptions options = plain();
    options.weight = {5, 2, WeightSign::differential};
    options.readout_noise = 1;
    options.max_rows = 4;
    const auto cells = slice_weights(MatrixXd::Zero(8, 3), options.weight);
    const RowMatrixXf x = RowMatrixXf::Zero(5000, 8);
    const MatrixXd noise = run(cells, options, x, NoiseStream{}).cast<double>();
    // Two parts, slices weighing 1 and 4: variance 2 (1 + 16) when independent.
    const double variance = noise.squaredNorm() / static_cast<double>(noise.size());
    CHECK(std::abs(variance / 34 - 1) < 0.05);
}

TEST_CASE("wires of topology A act as the reference solver says, array by array") {
    MultiplyOptions options = plain(6, 3);
    options.weight = {5, 2, WeightSign::differential};
    options.max_rows = 20;
    options.max_columns = 9;
    options.wires = WireOptions{kWires, kSiemensPerLevel * 20, Topology::a};
    const auto cells = programmed(33, 13, options.weight);
    const RowMatrixXf x = random_samples(5, 33, options.input);
    MatrixXd codes(5, 33);
    for (Index k = 0; k < codes.size(); ++k) codes(k) = whole_code(x(k % 5, k / 5), options.input);
    MatrixXd expected = MatrixXd::Zero(5, 13);
    for (const int slice : {0, 1}) {
        for (const Index row : {0, 20}) {
            for (const Index column : {0, 9}) {
                const Index rows = row == 0 ? 20 : 13, columns = column == 0 ? 9 : 4;
                ArrayModel model = kWires;
                model.rows = static_cast<int>(rows);
                model.columns = static_cast<int>(columns);
                for (const double sign : {1.0, -1.0}) {
                    const CellSlice& s = cells[static_cast<std::size_t>(slice)];
                    const MatrixXd g =
                        (sign > 0 ? s.positive : s.negative).block(row, column, rows, columns) *
                        options.wires->siemens_per_level;
                    const auto solved = solve_nodes(g, model, codes.middleCols(row, rows));
                    for (Index b = 0; b < 5; ++b) {
                        expected.row(b).segment(column, columns) +=
                            sign * (slice == 0 ? 1 : 4) / options.wires->siemens_per_level *
                            solved[static_cast<std::size_t>(b)].column_ampere.transpose();
                    }
                }
            }
        }
    }
    CHECK(spread(run(cells, options, x), expected) < 1e-6);
    options.wires.reset();
    CHECK(spread(run(cells, options, x), expected) > 1e-3);
}

TEST_CASE("wires of topologies B and C act as the reference solver says, slice by slice") {
    for (const Topology topology : {Topology::b, Topology::c}) {
        for (const SliceSum sum : {SliceSum::digital, SliceSum::analog}) {
            MultiplyOptions options = plain(3, 1);
            options.input.sum = sum;
            options.weight.bits = 4;
            ArrayModel model = kWires;
            model.row_segment_ohm = topology == Topology::c ? 0 : 1;
            model.driver_ohm = 0;
            options.wires = WireOptions{model, kSiemensPerLevel * 100, topology};
            model.rows = 37;
            model.columns = 35;
            const auto cells = programmed(37, 35, options.weight);
            const MatrixXd positive = cells[0].positive * options.wires->siemens_per_level;
            const MatrixXd negative = cells[0].negative * options.wires->siemens_per_level;
            const RowMatrixXf x = random_samples(4, 37, options.input);
            MatrixXd expected = MatrixXd::Zero(4, 35);
            for (Index b = 0; b < 4; ++b) {
                for (int k = 0; k < 3; ++k) {
                    MatrixXd gates(1, 37);
                    for (Index i = 0; i < 37; ++i) {
                        const auto code = static_cast<int>(whole_code(x(b, i), options.input));
                        gates(0, i) = code >> k & 1;
                    }
                    const double unit = std::ldexp(1.0, k) / options.wires->siemens_per_level;
                    if (topology == Topology::c) {
                        expected.row(b) +=
                            unit * solve_interleaved(positive, negative, model, gates, 1.0)[0]
                                       .column_ampere.transpose();
                        continue;
                    }
                    expected.row(b) +=
                        unit * (solve_gated(positive, model, gates, 1.0)[0].column_ampere -
                                solve_gated(negative, model, gates, 1.0)[0].column_ampere)
                                   .transpose();
                }
            }
            CHECK(spread(run(cells, options, x), expected) < 3e-6);
        }
    }
}

TEST_CASE("pairs of cells, an offset and a unit column are the same system without errors") {
    MultiplyOptions options = plain(6, 2);
    options.max_rows = 17;
    const MatrixXd weights = random_weights(50, 21, options.weight);
    const RowMatrixXf x = random_samples(9, 50, options.input);
    const RowMatrixXf pairs = run(slice_weights(weights, options.weight), options, x);
    for (const AdcKind kind : {AdcKind::none, AdcKind::ideal}) {
        options.adc = {kind, 18, AdcRange::granular};
        options.weight = {8, 3, WeightSign::offset};
        options.offset_removal = OffsetRemoval::digital;
        CHECK(run(slice_weights(weights, options.weight), options, x) == pairs);
        MatrixXd with_unit = MatrixXd::Zero(50, 22);
        with_unit.leftCols(21) = weights;
        options.offset_removal = OffsetRemoval::unit_column;
        CHECK(run(slice_weights(with_unit, options.weight), options, x) == pairs);
        options.weight = {8, 0, WeightSign::differential};
        options.subtraction = Subtraction::digital;
        CHECK(run(slice_weights(weights, options.weight), options, x) == pairs);
    }
}

TEST_CASE("products of bytes and of floats give the same") {
    for (const InputSign sign : {InputSign::none, InputSign::magnitude}) {
        MultiplyOptions options = plain();
        options.input = {8, 0, sign, SliceSum::digital, 0.25};
        options.adc = {AdcKind::ideal, 8, AdcRange::maximum, {}, true};
        auto cells = slice_weights(random_weights(77, 40, options.weight), options.weight);
        const RowMatrixXf x = random_samples(50, 77, options.input);
        const SlicedMultiply integers(cells, options);
        CHECK(integers.in_integers() == PackedBytes::supported());
        // A level beyond a byte in an output that nobody looks at.
        for (MatrixXd* level : {&cells[0].positive, &cells[0].negative}) {
            level->conservativeResize(77, 41);
            level->col(40).setConstant(level == &cells[0].positive ? 200 : 0);
        }
        const SlicedMultiply floats(cells, options);
        CHECK_FALSE(floats.in_integers());
        RowMatrixXf a(50, 40), b(50, 41);
        integers.run(x, a);
        floats.run(x, b);
        CHECK(a == b.leftCols(40));
    }
}

TEST_CASE("a table of ideal transitions is the ideal converter") {
    MultiplyOptions options = plain();
    const auto cells = programmed(60, 20, options.weight);
    options.adc = {AdcKind::ideal, 7, AdcRange::limits, {{-1e5, 1.3e5}}};
    const RowMatrixXf x = random_samples(70, 60, options.input);
    const RowMatrixXf ideal = run(cells, options, x);
    options.adc.kind = AdcKind::table;
    options.adc.tables.emplace_back();
    for (int k = 0; k < 127; ++k) options.adc.tables[0].push_back((k + 0.5) / 127);
    const RowMatrixXf table = run(cells, options, x);
    int differing = 0;
    for (Index k = 0; k < ideal.size(); ++k) differing += ideal(k) != table(k) ? 1 : 0;
    CHECK(differing <= 1);  // at a transition
    CHECK(ideal.maxCoeff() > 1e4f);
}

TEST_CASE("what does not fit a quantised multiply is refused in one line") {
    const MultiplyOptions good = plain();
    const auto cells = slice_weights(random_weights(6, 5, good.weight), good.weight);
    const auto refuses = [&](const auto& change, const char* text) {
        MultiplyOptions options = good;
        options.adc = {AdcKind::ideal, 8, AdcRange::maximum};
        auto changed = cells;
        change(options, changed);
        CHECK_THROWS_WITH(SlicedMultiply(changed, options), ContainsSubstring(text));
    };
    using Options = MultiplyOptions;
    using Cells = std::vector<CellSlice>;
    refuses([](Options& o, Cells&) { o.input.bits = 17; }, "inputs of 17 bits");
    refuses([](Options& o, Cells&) { o.input.slice_bits = -1; }, "input slices of -1 bits");
    refuses([](Options& o, Cells&) { o.input.step = 0; }, "input step 0");
    refuses([](Options& o, Cells&) { o.input = {0, 2}; }, "without a DAC");
    refuses([](Options& o, Cells&) { o.input.sign = InputSign::twos_complement; },
            "two's complement");
    refuses([](Options& o, Cells&) { o.weight.bits = 1; }, "weights of 1 bits");
    refuses([](Options& o, Cells&) { o.weight.slice_bits = 17; }, "weight slices of 17 bits");
    refuses([](Options& o, Cells&) { o.weight.slice_bits = 2; }, "weights in 1 slices, expected 4");
    refuses([](Options& o, Cells&) { o.weight.sign = WeightSign::offset; },
            "negative cells with an offset");
    refuses([](Options&, Cells& c) { c[0].negative.resize(6, 4); }, "negative levels");
    refuses([](Options&, Cells& c) { c[0].positive(2, 2) = NAN; }, "not all are finite");
    refuses([](Options&, Cells& c) { c[0].positive_variance = MatrixXd::Zero(5, 5); },
            "variances of a weight slice: 5 x 5");
    refuses([](Options&, Cells& c) { c[0].negative_variance = MatrixXd::Constant(6, 5, -1); },
            "some are negative");
    refuses([](Options& o, Cells&) { o.max_rows = -1; }, "arrays of -1 x 0");
    refuses([](Options& o, Cells&) { o.readout_noise = -1; }, "read-out noise");
    refuses([](Options& o, Cells&) { o.adc.bits = 21; }, "ADC: 21 bits");
    refuses([](Options& o, Cells&) { o.adc.kind = AdcKind::table; }, "no transition tables");
    refuses([](Options& o,
               Cells&) { o.adc = {AdcKind::table, 2, AdcRange::maximum, {}, false, {{0.1}}}; },
            "a table of 1 transitions, expected 3");
    refuses([](Options& o,
               Cells&) { o.adc = {AdcKind::table, 2, AdcRange::maximum, {}, true, {{0.1}}}; },
            "a table and exact_zero");
    refuses([](Options& o,
               Cells&) { o.adc = {AdcKind::table, 1, AdcRange::maximum, {}, false, {{0.1}}, 0}; },
            "0 columns per table");
    refuses([](Options& o, Cells&) { o.adc.range = AdcRange::limits; }, "0 limits");
    refuses(
        [](Options& o, Cells&) {
            o.adc = {AdcKind::ideal, 8, AdcRange::limits, {{1, 1}}};
        },
        "limits 1 to 1");
    refuses([](Options& o, Cells&) { o.input.bits = 0; }, "a range by rule without a DAC");
    refuses([](Options& o, Cells&) { o.wires = WireOptions{}; }, "siemens per level");
    refuses(
        [](Options& o, Cells&) {
            o.wires = WireOptions{kWires, 1e-6, Topology::b};
        },
        "slices of one bit");
    refuses(
        [](Options& o, Cells&) {
            o.wires = WireOptions{kWires, 1e-6, Topology::c};
            o.input.slice_bits = 1;
            o.subtraction = Subtraction::digital;
        },
        "topology c");
    refuses(
        [](Options& o, Cells& c) {
            o.wires = WireOptions{kWires, 1e-6, Topology::a};
            c[0].positive(0, 0) = -1;
        },
        "");
    CHECK_THROWS_WITH(slice_weights(MatrixXd::Constant(1, 1, 128), good.weight),
                      ContainsSubstring("weight 0 of output 0 is 128"));
    CHECK_THROWS_AS(slice_weights(MatrixXd::Constant(1, 1, 0.5), good.weight), mho::Error);
    const SlicedMultiply multiply(cells, good);
    RowMatrixXf x = RowMatrixXf::Zero(3, 6), y(3, 5), wrong(3, 4);
    CHECK_THROWS_WITH(multiply.run(x, wrong), ContainsSubstring("outputs: 3 x 4"));
    CHECK_THROWS_WITH(multiply.run(y, y), ContainsSubstring("inputs: 5 columns, expected 6"));
    x(1, 2) = INFINITY;
    CHECK_THROWS_WITH(multiply.run(x, y), ContainsSubstring("inputs of sample 1"));
}
