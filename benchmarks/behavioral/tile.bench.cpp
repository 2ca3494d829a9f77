// SPDX-License-Identifier: Apache-2.0
// A whole tile, batch 256, against the plain single-precision product of the same shape
// (batch x inputs times inputs x columns, inputs = rows / 2) timed in turns with it. Counter
// rate_of_gemm: rate of the tile over rate of the product; goal 0.9 at 1024 x 1024 without energy.
// bm_partial_tile does the same for a tile that a layer fills in part, with noise.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "behavioral/tile.h"
#include "benchmarks/behavioral/bench_card.h"
#include "benchmarks/behavioral/goal.h"

namespace {

using mho::behavioral::RowMatrixXf;
using Clock = std::chrono::steady_clock;

constexpr int kBatch = 256;

enum class Work { plain, energy, noise };

mho::behavioral::Tile tile_for(const mho::behavioral::ModelCard& card, Work work) {
    using mho::behavioral::RowResponse;
    return compile_tile(card, mho::bench::conductances(card.array.rows, card.array.columns),
                        {{}, work == Work::energy ? RowResponse::build : RowResponse::skip});
}

// Times the tile and the product in turns, and fills in the counters.
void time_against_gemm(benchmark::State& state, const mho::behavioral::Tile& tile,
                       const std::optional<mho::behavioral::NoiseStream>& noise, bool energy) {
    const RowMatrixXf matrix = tile.ampere_per_code().cast<float>();
    const auto inputs = static_cast<int>(tile.inputs()), columns = static_cast<int>(tile.columns());
    mho::RandomStream random(3, mho::RandomPurpose::test);
    const RowMatrixXf x = RowMatrixXf::NullaryExpr(
        kBatch, inputs, [&] { return static_cast<float>(random.below(255)) - 127.0f; });
    RowMatrixXf codes(kBatch, columns), ampere(kBatch, columns);
    mho::behavioral::TileEnergy sum;
    std::vector<double> tile_second, gemm_second;
    for (auto _ : state) {
        const auto begin = Clock::now();
        tile.run(x, codes, noise, energy ? &sum : nullptr);
        const auto middle = Clock::now();
        benchmark::DoNotOptimize(codes.data());
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kBatch, columns, inputs, 1.0f,
                    x.data(), inputs, matrix.data(), columns, 0.0f, ampere.data(), columns);
        const auto end = Clock::now();
        benchmark::DoNotOptimize(ampere.data());
        const std::chrono::duration<double> tile_time = middle - begin, gemm_time = end - middle;
        tile_second.push_back(tile_time.count());
        gemm_second.push_back(gemm_time.count());
        state.SetIterationTime(tile_time.count());
    }
    const double gemm = mho::bench::median(gemm_second), run = mho::bench::median(tile_second);
    const double outputs = static_cast<double>(kBatch) * columns;
    state.counters["rate_of_gemm"] = gemm / run;
    state.counters["gemm_gflops"] = 1e-9 * 2 * outputs * inputs / gemm;
    state.counters["ns_per_output_over_gemm"] = 1e9 * (run - gemm) / outputs;
}

void bm_tile(benchmark::State& state, Work work) {
    mho::behavioral::ModelCard card =
        mho::bench::card(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    std::optional<mho::behavioral::NoiseStream> noise;
    if (work == Work::noise) {
        card.readout.noise_volt_rms = 1e-3;
        noise.emplace();
    }
    time_against_gemm(state, tile_for(card, work), noise, work == Work::energy);
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
    ->Args({1024, 1024})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

// Inputs and columns used of a 64 x 64 array.
void bm_partial_tile(benchmark::State& state) {
    using mho::behavioral::RowResponse;
    mho::behavioral::ModelCard card = mho::bench::card(64, 64);
    card.readout.noise_volt_rms = 1e-3;
    time_against_gemm(state,
                      compile_tile(card, mho::bench::conductances(64, 64),
                                   {{}, RowResponse::skip, state.range(0), state.range(1)}),
                      mho::behavioral::NoiseStream{}, false);
}
BENCHMARK(bm_partial_tile)
    ->Args({25, 6})
    ->Args({32, 16})
    ->Args({32, 64})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
