// SPDX-License-Identifier: Apache-2.0
// Converter alone: one pass over values that are in cache.
#include <benchmark/benchmark.h>

#include <vector>

#include "behavioral/adc_transfer.h"
#include "benchmarks/behavioral/bench_card.h"

namespace {

void bm_adc_convert(benchmark::State& state) {
    const mho::behavioral::AdcTransfer adc(mho::bench::card(2, 1).adc.transition_volt);
    mho::RandomStream random(4, mho::RandomPurpose::test);
    std::vector<float> values(static_cast<std::size_t>(state.range(0)));
    for (float& v : values) v = static_cast<float>(random.uniform(0.05, 0.65));
    std::vector<float> codes(values.size());
    for (auto _ : state) {
        adc.convert(std::span<const float>(values), codes);
        benchmark::DoNotOptimize(codes.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bm_adc_convert)->Arg(64)->Arg(8192);

}  // namespace
