// SPDX-License-Identifier: Apache-2.0
// Quantised multiplies against the single-precision product of OpenBLAS of the same shape, or as
// many of them as there are input slices, timed in turns. Counters: ratio, the products' time over
// ours, with its goal and the distance from it; us_per_multiply of one input vector.
#include <cblas.h>

#include <cmath>
#include <optional>
#include <string>

#include "base/random.h"
#include "behavioral/grid_solver.h"
#include "behavioral/sliced_multiply.h"
#include "benchmarks/behavioral/goal.h"

namespace {

using Eigen::MatrixXd;
using mho::RandomPurpose;
using mho::RandomStream;
using namespace mho::behavioral;

constexpr int kSize = 1024, kBatch = 256;

// Levels of 8-bit weights as devices leave them.
std::vector<CellSlice> cells(int inputs, int outputs, bool exact_levels) {
    RandomStream random(7, RandomPurpose::test);
    const MatrixXd weights = MatrixXd::NullaryExpr(
        inputs, outputs, [&] { return static_cast<double>(random.below(255)) - 127; });
    auto slices = slice_weights(weights, {});
    if (exact_levels) return slices;
    for (MatrixXd* level : {&slices[0].positive, &slices[0].negative}) {
        *level = level->unaryExpr([&](double l) { return l + random.uniform(0.0, 1.0); });
    }
    return slices;
}

AdcOptions ideal_adc() {
    return {AdcKind::ideal, 8, AdcRange::limits, {{-2e5, 2e5}}};
}

AdcOptions crooked_adc() {
    AdcOptions adc = ideal_adc();
    adc.kind = AdcKind::table;
    adc.tables.emplace_back();
    RandomStream random(8, RandomPurpose::test);
    for (int k = 0; k < 255; ++k) {
        adc.tables[0].push_back((k + 0.5 + random.uniform(-0.4, 0.4)) / 255);
    }
    return adc;
}

// The product's rate over ours per `products` of them, and the time of ours.
double against_gemm(benchmark::State& state, const SlicedMultiply& multiply, int batch,
                    int products, bool noise) {
    const auto inputs = static_cast<int>(multiply.inputs());
    const auto outputs = static_cast<int>(multiply.outputs());
    RandomStream random(9, RandomPurpose::test);
    const RowMatrixXf x = RowMatrixXf::NullaryExpr(
        batch, inputs, [&] { return static_cast<float>(random.uniform(0, 255)); });
    const RowMatrixXf w = RowMatrixXf::NullaryExpr(
        inputs, outputs, [&] { return static_cast<float>(random.uniform(-127, 127)); });
    RowMatrixXf y(batch, outputs), ideal(batch, outputs);
    openblas_set_num_threads(1);
    const std::optional<NoiseStream> stream =
        noise ? std::optional<NoiseStream>(NoiseStream{}) : std::nullopt;
    const double ratio = mho::bench::times_faster(
        state,
        [&] {
            multiply.run(x, y, stream);
            benchmark::DoNotOptimize(y.data());
        },
        [&] {
            for (int k = 0; k < products; ++k) {
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, outputs, inputs, 1.0f,
                            x.data(), inputs, w.data(), outputs, 0.0f, ideal.data(), outputs);
                benchmark::DoNotOptimize(ideal.data());
            }
        });
    state.SetItemsProcessed(state.iterations() * batch);
    return ratio;
}

enum class Work { wires, noise, table, bits, exact };

void bm_multiply(benchmark::State& state, Work work, double goal) {
    const auto size = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
    MultiplyOptions options;
    options.adc = work == Work::table ? crooked_adc() : ideal_adc();
    if (work == Work::bits) options.input.slice_bits = 1;
    auto slices = cells(size, size, work == Work::exact);
    if (work == Work::wires) {
        options.wires = WireOptions{{0, 0, 1, 1, 0, 0}, 0.1e-6, Topology::a};
    }
    if (work == Work::noise) {
        slices[0].positive_variance = slices[0].positive * 0.01;
        slices[0].negative_variance = slices[0].negative * 0.01;
    }
    const SlicedMultiply multiply(slices, options);
    const double ratio =
        against_gemm(state, multiply, batch, work == Work::bits ? 8 : 1, work == Work::noise);
    mho::bench::report_goal(state, ratio, goal);
}

void rows(benchmark::internal::Benchmark* bench) {
    bench->Args({kSize, kBatch})->UseManualTime()->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(bm_multiply, exact_wires, Work::wires, 0.9)->Apply(rows);
BENCHMARK_CAPTURE(bm_multiply, cell_noise, Work::noise, 0.4)->Apply(rows);
BENCHMARK_CAPTURE(bm_multiply, crooked_adc, Work::table, 0.7)->Apply(rows);
BENCHMARK_CAPTURE(bm_multiply, eight_one_bit_slices, Work::bits, 0.7)->Apply(rows);
BENCHMARK_CAPTURE(bm_multiply, exact_levels, Work::exact, 0.9)->Apply(rows);

// Growth with the array and with the batch.
void growth(benchmark::internal::Benchmark* bench) {
    for (const int size : {16, 64, 256, 2048, 4096}) bench->Args({size, kBatch});
    for (const int batch : {1, 16, 4096}) bench->Args({kSize, batch});
    bench->UseManualTime()->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(bm_multiply, crooked_adc_growth, Work::table, 0.7)->Apply(growth);
BENCHMARK_CAPTURE(bm_multiply, exact_levels_growth, Work::exact, 0.9)->Apply(growth);

// Build time, time per multiply and error together, of one array with 1 ohm segments and cells of
// 10 kohm to 1 Mohm: offset weights, no converter. worst_error: of the column currents of one
// vector, against the iterative solver at a proven 1e-10, part of the largest current.
void bm_array(benchmark::State& state) {
    const auto size = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
    MultiplyOptions options;
    options.adc.kind = AdcKind::none;
    options.weight.sign = WeightSign::offset;
    options.wires = WireOptions{{0, 0, 1, 1, 0, 0}, 1e-4 / 255, Topology::a};
    RandomStream random(5, RandomPurpose::test);
    CellSlice cell;
    cell.positive = MatrixXd::NullaryExpr(
        size, size, [&] { return 255 * std::pow(10.0, random.uniform(-2, 0)); });
    std::optional<SlicedMultiply> multiply;
    const double build =
        mho::bench::seconds_of([&] { multiply.emplace(std::vector{cell}, options); });
    const double ratio = against_gemm(state, *multiply, batch, 1, false);
    mho::bench::report_goal(state, ratio, 0.9);
    state.counters["build_ms"] = 1e3 * build;
    const RowMatrixXf x =
        RowMatrixXf::NullaryExpr(1, size, [&] { return static_cast<float>(random.below(256)); });
    RowMatrixXf y(1, size);
    multiply->run(x, y);
    const GridSolver solver(cell.positive, {size, size, options.wires->siemens_per_level,
                                            options.wires->siemens_per_level, 0, 0});
    const MatrixXd exact =
        solver.solve(x.cast<double>(), {1e-10, 900, false}).column_ampere.array() -
        128.0 * x.cast<double>().sum();
    const MatrixXd current = exact.array() + 128.0 * x.cast<double>().sum();
    state.counters["worst_error"] =
        (y.cast<double>() - exact).cwiseAbs().maxCoeff() / current.maxCoeff();
}
BENCHMARK(bm_array)
    ->ArgsProduct({{16, 64, 256, 1024, 2048}, {kBatch}})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(bm_array)
    ->Args({4096, kBatch})
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
