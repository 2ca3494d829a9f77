// SPDX-License-Identifier: Apache-2.0
// Quantised multiplies against the single-precision product of OpenBLAS of the same shape, or as
// many of them as there are input slices, timed in turns. Counters: ratio, the products' time over
// ours, with its goal and the distance from it; us_per_multiply of one input vector.
#include <cblas.h>

#include <string>

#include "base/random.h"
#include "behavioral/effective_matrix.h"
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

}  // namespace
