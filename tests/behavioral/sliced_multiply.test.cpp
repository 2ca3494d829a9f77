// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sliced_multiply.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>

#include "base/parallel.h"
#include "behavioral/sliced_reference.h"

using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

struct NamedOptions {
    std::string name;
    MultiplyOptions options;
};

MultiplyOptions with(InputCoding input, WeightCoding weight, AdcOptions adc) {
    MultiplyOptions options;
    options.input = input;
    options.weight = weight;
    options.adc = std::move(adc);
    return options;
}

std::vector<double> crooked_table(int bits, std::uint32_t id) {
    mho::RandomStream random(83, mho::RandomPurpose::test, id);
    std::vector<double> table;
    const double top = std::ldexp(1.0, bits) - 1;
    for (int k = 0; k < (1 << bits) - 1; ++k) {
        table.push_back((k + 0.5 + random.uniform(-0.4, 0.4)) / top);
    }
    return table;
}

std::vector<NamedOptions> systems() {
    const WeightCoding pairs{8, 0, WeightSign::differential}, offset{8, 0, WeightSign::offset};
    const AdcOptions maximum{AdcKind::ideal, 8, AdcRange::maximum};
    std::vector<NamedOptions> list;
    list.push_back({"8 bits at once", with({8, 0, InputSign::none}, pairs, maximum)});
    list.push_back({"signed inputs", with({8, 0, InputSign::magnitude}, pairs, maximum)});
    list.push_back({"one bit at a time", with({8, 1, InputSign::none}, pairs, maximum)});
    list.push_back({"signed slices of 3 bits", with({8, 3, InputSign::magnitude}, pairs, maximum)});
    list.push_back({"two's complement", with({6, 1, InputSign::twos_complement}, pairs, maximum)});
    list.push_back(
        {"charge sharing", with({8, 1, InputSign::none, SliceSum::analog}, pairs,
                                {AdcKind::ideal, 8, AdcRange::limits, {{-30000, 40000}}})});
    list.push_back({"weight slices", with({8, 0, InputSign::none}, {8, 3, pairs.sign},
                                          {AdcKind::ideal, 9, AdcRange::maximum, {}, true})});
    list.push_back({"offset", with({8, 0, InputSign::none}, offset, maximum)});
    list.push_back({"offset, granular", with({4, 1, InputSign::none}, {6, 2, WeightSign::offset},
                                             {AdcKind::ideal, 5, AdcRange::granular})});
    list.push_back({"crooked converter", with({5, 0, InputSign::magnitude}, {5, 2, pairs.sign},
                                              {AdcKind::table,
                                               6,
                                               AdcRange::limits,
                                               {{-90, 100}, {-40, 50}},
                                               false,
                                               {crooked_table(6, 0)}})});
    list.push_back({"crooked converters of 3 columns",
                    with({5, 0, InputSign::none}, {5, 0, pairs.sign},
                         {AdcKind::table,
                          7,
                          AdcRange::maximum,
                          {},
                          false,
                          {crooked_table(7, 1), crooked_table(7, 2), crooked_table(7, 3)},
                          3})});
    NamedOptions both = {"both cells converted", with({8, 2, InputSign::none}, pairs, maximum)};
    both.options.subtraction = Subtraction::digital;
    list.push_back(both);
    NamedOptions unit = {"unit column",
                         with({8, 4, InputSign::none}, {8, 4, offset.sign}, maximum)};
    unit.options.offset_removal = OffsetRemoval::unit_column;
    unit.options.adc.range = AdcRange::limits;  // no transition at a sum that is likely
    unit.options.adc.limits = {{-3, 20000.3}};
    list.push_back(unit);
    const std::size_t whole = list.size();
    for (std::size_t k = 0; k < whole; ++k) {
        NamedOptions parts = list[k];
        parts.name += ", parts";
        parts.options.max_rows = 20;
        parts.options.split = k % 2 == 0 ? RowSplit::full : RowSplit::equal;
        parts.options.input.step = 0.125;
        parts.options.output_step = 0.5;
        list.push_back(parts);
    }
    return list;
}

struct Size {
    int inputs, outputs, batch;
};

// Codes of the two may differ only where the exact position is at a transition; counts all such.
int differing_codes(const SlicedMultiply& multiply, const MultiplyOptions& options,
                    const Reference& reference, const RowMatrixXf& x, RowMatrixXf& y) {
    int wrong = 0, seen = 0;
    const Index columns = options.offset_removal == OffsetRemoval::unit_column &&
                                  options.weight.sign == WeightSign::offset
                              ? y.cols() + 1
                              : y.cols();
    multiply.run(
        x, y, {},
        [&](const ConversionPlace& at, std::span<const float> analog,
            std::span<const float> codes) {
            for (std::size_t n = 0; n < codes.size(); ++n) {
                const auto k = static_cast<Index>(n);
                const Index column = at.first_column + k % kPanelWidth;
                if (column >= columns) continue;
                ++seen;
                const Converted& exact =
                    reference.conversions.at({at.part, at.weight_slice, at.negative, at.input_slice,
                                              at.first_sample + k / kPanelWidth, column});
                CHECK(static_cast<double>(analog[n]) == exact.analog);
                if (static_cast<double>(codes[n]) == exact.code) continue;
                const double from_tie = std::abs(exact.position - std::floor(exact.position) - 0.5);
                wrong += from_tie > std::ldexp(1.0, options.adc.bits - 22) ? 1 : 0;
            }
        });
    CHECK(static_cast<std::size_t>(seen) == reference.conversions.size());
    return wrong;
}

}  // namespace

TEST_CASE("every conversion of a quantised multiply is that of the plain reference") {
    const Size size = GENERATE(Size{1, 1, 1}, Size{3, 2, 5}, Size{37, 53, 97}, Size{127, 31, 3},
                               Size{64, 33, 12});
    for (const NamedOptions& system : systems()) {
        INFO(system.name << ", " << size.inputs << " x " << size.outputs);
        const MultiplyOptions& options = system.options;
        MatrixXd weights = random_weights(size.inputs, size.outputs + 1, options.weight);
        const bool unit_column = options.offset_removal == OffsetRemoval::unit_column;
        if (unit_column) weights.rightCols(1).setZero();
        const auto cells = slice_weights(
            weights.leftCols(unit_column ? size.outputs + 1 : size.outputs), options.weight);
        const RowMatrixXf x = random_samples(size.batch, size.inputs, options.input);
        const SlicedMultiply multiply(cells, options);
        REQUIRE(multiply.outputs() == size.outputs);
        Reference reference = SlicedReference(cells, options, x).all();
        REQUIRE(multiply.conversions() * size.batch ==
                static_cast<Index>(reference.conversions.size()));
        RowMatrixXf y(size.batch, size.outputs);
        CHECK(differing_codes(multiply, options, reference, x, y) == 0);
        const double lsb = reference.y.cwiseAbs().maxCoeff();
        // A code that is off at a tie moves a result by the weight of an LSB.
        int far = 0;
        for (Index k = 0; k < y.size(); ++k) {
            const Index b = k / y.cols(), j = k % y.cols();
            far += std::abs(static_cast<double>(y(b, j)) - reference.y(b, j)) > 1e-5 * lsb ? 1 : 0;
        }
        CHECK(far <= y.size() / 50);
    }
}

TEST_CASE("without converters the multiply is the product of codes and weights") {
    for (const int weight_slice : {0, 1, 2, 3, 5}) {
        for (const int input_slice : {0, 1, 3, 4}) {
            for (const WeightSign sign : {WeightSign::differential, WeightSign::offset}) {
                for (const SliceSum sum : {SliceSum::digital, SliceSum::analog}) {
                    const MultiplyOptions options =
                        with({6, input_slice, InputSign::magnitude, sum}, {7, weight_slice, sign},
                             {AdcKind::none});
                    const MatrixXd weights = random_weights(45, 34, options.weight);
                    const RowMatrixXf x = random_samples(7, 45, options.input);
                    RowMatrixXf y(7, 34);
                    SlicedMultiply(slice_weights(weights, options.weight), options).run(x, y);
                    const MatrixXd codes = x.cast<double>().unaryExpr([&](double value) {
                        return std::clamp(std::nearbyint(value), -31.0, 31.0);
                    });
                    INFO(weight_slice << " " << input_slice);
                    CHECK(y.cast<double>() == codes * weights);
                }
            }
        }
    }
}

TEST_CASE("a granular converter of full precision gives the exact integer product") {
    // One-bit inputs, weights of B bits in one cell, N rows: B + ceil(log2 N) bits (two signs).
    const auto [bits, rows] = GENERATE(table<int, int>({{3, 16}, {4, 100}, {8, 64}, {2, 1}}));
    const int needed = bits + static_cast<int>(std::ceil(std::log2(rows)));
    MultiplyOptions options = with({8, 1, InputSign::none}, {bits, 0, WeightSign::differential},
                                   {AdcKind::ideal, needed, AdcRange::granular});
    MatrixXd weights = random_weights(rows, 9, options.weight);
    weights.col(0).setConstant(weight_max(options.weight));
    weights.col(1).setConstant(-weight_max(options.weight));
    RowMatrixXf x = random_samples(40, rows, options.input);
    x.row(0).setConstant(255);
    const MatrixXd codes = x.cast<double>().unaryExpr(
        [](double value) { return std::clamp(std::nearbyint(value), 0.0, 255.0); });
    const auto cells = slice_weights(weights, options.weight);
    RowMatrixXf y(40, 9);
    SlicedMultiply(cells, options).run(x, y);
    CHECK(y.cast<double>() == codes * weights);
    for (const Index max_rows : {1, 7, 50}) {  // smaller sums need no more
        options.max_rows = max_rows;
        SlicedMultiply(cells, options).run(x, y);
        CHECK(y.cast<double>() == codes * weights);
    }
    options.max_rows = 0;
    options.adc.bits = needed - 1;
    if (options.adc.bits < 1 || rows == 1) return;
    SlicedMultiply(cells, options).run(x, y);
    CHECK(y.cast<double>() != codes * weights);
}

TEST_CASE("a sample's result depends neither on the batch around it nor on threads") {
    MultiplyOptions options = with({8, 4, InputSign::none}, {8, 4, WeightSign::differential},
                                   {AdcKind::ideal, 8, AdcRange::limits, {{-3000, 3000}}});
    options.max_rows = 50;
    options.readout_noise = 5;
    auto cells = slice_weights(random_weights(120, 70, options.weight), options.weight);
    mho::RandomStream random(84, mho::RandomPurpose::test);
    for (CellSlice& slice : cells) {
        slice.positive += MatrixXd::NullaryExpr(120, 70, [&] { return 0.1 * random.normal(); });
        slice.positive_variance = MatrixXd::Constant(120, 70, 0.01);
    }
    const SlicedMultiply multiply(cells, options);
    const int batch = 300;
    const RowMatrixXf x = random_samples(batch, 120, options.input);
    RowMatrixXf whole(batch, 70);
    multiply.run(x, whole, NoiseStream{5, 6, 1000});
    for (const std::size_t threads : {1u, 2u, 7u}) {
        for (const Index part : {Index{1}, Index{13}, Index{96}, Index{200}}) {
            RowMatrixXf pieces(batch, 70);
            const auto count = static_cast<std::size_t>((batch + part - 1) / part);
            mho::parallel_for(count, threads, [&](std::size_t n) {
                const Index first = static_cast<Index>(n) * part;
                const Index size = std::min<Index>(part, batch - first);
                multiply.run(x.middleRows(first, size), pieces.middleRows(first, size),
                             NoiseStream{5, 6, 1000 + static_cast<std::uint32_t>(first)});
            });
            REQUIRE(pieces == whole);
        }
    }
    RowMatrixXf none(0, 70);
    multiply.run(x.topRows(0), none);
}

TEST_CASE("windows of an image give the bits of rows of their values") {
    // 3 x 2 windows of 5 channels, 2 columns apart in images of 5 x 9 x 13.
    Windows windows;
    windows.rows = 7;
    windows.columns = 6;
    windows.row_step = 13;
    windows.column_step = GENERATE(1, 2);
    windows.image_size = 5 * 9 * 13;
    for (int c = 0; c < 5; ++c) {
        for (int y = 0; y < 3; ++y) {
            for (int x = 0; x < 2; ++x) windows.offset.push_back((c * 9 + y) * 13 + x);
        }
    }
    const auto inputs = static_cast<int>(windows.offset.size());
    const int outputs = GENERATE(1, 16, 40, 70), images = 2;
    const bool sliced = GENERATE(false, true);
    MultiplyOptions options = with({8, sliced ? 2 : 0, InputSign::magnitude},
                                   {8, sliced ? 3 : 0, WeightSign::differential},
                                   {AdcKind::ideal, 8, AdcRange::limits, {{-3000, 3000}}});
    options.by_windows = true;
    options.max_rows = 17;
    options.readout_noise = 5;
    auto cells = slice_weights(random_weights(inputs, outputs, options.weight), options.weight);
    for (CellSlice& slice : cells) {
        slice.positive_variance = MatrixXd::Constant(inputs, outputs, 0.01);
    }
    const SlicedMultiply multiply(cells, options);
    REQUIRE(multiply.takes_windows());
    const RowMatrixXf x = random_samples(images, 5 * 9 * 13, options.input);
    const Index count = windows.rows * windows.columns;
    RowMatrixXf rows(images * count, inputs), expected(images * count, outputs);
    for (Index s = 0; s < rows.rows(); ++s) {
        const Index n = s % count;
        const Index first =
            n / windows.columns * windows.row_step + n % windows.columns * windows.column_step;
        for (Index k = 0; k < inputs; ++k) {
            rows(s, k) = x(s / count, first + windows.offset[static_cast<std::size_t>(k)]);
        }
    }
    const NoiseStream noise{5, 6, 1000};
    RowMatrixXf y(images, count * outputs);
    for (const bool noisy : {false, true}) {
        const auto stream = noisy ? std::optional<NoiseStream>(noise) : std::nullopt;
        multiply.run(rows, expected, stream);
        multiply.run_windows(windows, x.data(), images, y.data(), count * outputs, stream);
        int differing = 0;
        for (Index s = 0; s < rows.rows(); ++s) {
            for (Index m = 0; m < outputs; ++m) {
                differing += y(s / count, m * count + s % count) == expected(s, m) ? 0 : 1;
            }
        }
        CHECK(differing == 0);
    }
    windows.columns = 14;
    CHECK_THROWS_WITH(multiply.run_windows(windows, x.data(), 1, y.data(), count * outputs),
                      Catch::Matchers::StartsWith("windows: value "));
}
