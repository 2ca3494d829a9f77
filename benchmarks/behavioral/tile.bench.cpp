// SPDX-License-Identifier: Apache-2.0
// A whole tile, batch 256, against the plain single-precision product of the same shape
// (batch x inputs times inputs x columns, inputs = rows / 2) timed in turns with it. Counter
// rate_of_gemm: rate of the tile over rate of the product; goal 0.9 at 1024 x 1024 without energy.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "behavioral/tile.h"
#include "benchmarks/behavioral/bench_card.h"

namespace {

using mho::behavioral::RowMatrixXf;
using Clock = std::chrono::steady_clock;

constexpr int kBatch = 256;

enum class Work { plain, energy, noise };

// Building the exact matrix of a large array takes minutes; timing does not depend on its values.
mho::behavioral::Tile tile_for(mho::behavioral::ModelCard card, Work work) {
    using mho::behavioral::RowResponse;
    if (card.array.rows > 256) card.array.row_segment_ohm = card.array.driver_ohm = 0;
    return compile_tile(card, mho::bench::conductances(card.array.rows, card.array.columns),
                        {{}, work == Work::energy ? RowResponse::build : RowResponse::skip});
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

void bm_tile(benchmark::State& state, Work work) {
    const auto rows = static_cast<int>(state.range(0));
    const auto columns = static_cast<int>(state.range(1));
    mho::behavioral::ModelCard card = mho::bench::card(rows, columns);
    if (work == Work::noise) card.readout.noise_volt_rms = 1e-3;
    const mho::behavioral::Tile tile = tile_for(card, work);
    const RowMatrixXf matrix = tile.ampere_per_code().cast<float>();
    mho::RandomStream random(3, mho::RandomPurpose::test);
    const RowMatrixXf x = RowMatrixXf::NullaryExpr(
        kBatch, rows / 2, [&] { return static_cast<float>(random.below(255)) - 127.0f; });
    RowMatrixXf codes(kBatch, columns), ampere(kBatch, columns);
    std::optional<mho::behavioral::NoiseStream> noise;
    if (work == Work::noise) noise.emplace();
    mho::behavioral::TileEnergy energy;
    std::vector<double> tile_second, gemm_second;
    for (auto _ : state) {
        const auto begin = Clock::now();
        tile.run(x, codes, noise, work == Work::energy ? &energy : nullptr);
        const auto middle = Clock::now();
        benchmark::DoNotOptimize(codes.data());
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kBatch, columns, rows / 2, 1.0f,
                    x.data(), rows / 2, matrix.data(), columns, 0.0f, ampere.data(), columns);
        const auto end = Clock::now();
        benchmark::DoNotOptimize(ampere.data());
        const std::chrono::duration<double> tile_time = middle - begin, gemm_time = end - middle;
        tile_second.push_back(tile_time.count());
        gemm_second.push_back(gemm_time.count());
        state.SetIterationTime(tile_time.count());
    }
    const double gemm = median(gemm_second), run = median(tile_second);
    state.counters["rate_of_gemm"] = gemm / run;
    state.counters["gemm_gflops"] = 1e-9 * kBatch * columns * rows / gemm;
    state.counters["ns_per_output_over_gemm"] = 1e9 * (run - gemm) / (kBatch * columns);
}
BENCHMARK_CAPTURE(bm_tile, plain, Work::plain)
    ->Args({64, 64})
    ->Args({256, 256})
    ->Args({1024, 1024})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(bm_tile, energy, Work::energy)
    ->Args({64, 64})
    ->Args({256, 256})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(bm_tile, noise, Work::noise)
    ->Args({64, 64})
    ->Args({256, 256})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
