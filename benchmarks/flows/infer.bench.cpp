// SPDX-License-Identifier: Apache-2.0
// A network on analog tiles against the same network in single-precision float, on one thread:
// counter times_float_time. The shipped digits network, or with MHO_BENCH_MODEL and MHO_BENCH_DATA
// set any other.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "benchmarks/behavioral/bench_card.h"
#include "benchmarks/flows/bench_network.h"
#include "flows/activation_range.h"
#include "flows/analog_engine.h"
#include "flows/dataset.h"
#include "flows/executor.h"
#include "flows/float_engine.h"
#include "flows/mapping.h"
#include "flows/onnx_read.h"

namespace {

using namespace mho::flows;
using Clock = std::chrono::steady_clock;

double float_second(const Network& network, const Dataset& data) {
    const auto begin = Clock::now();
    benchmark::DoNotOptimize(float_scores(network, data, data.size(), 1).data());
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

void bm_inference(benchmark::State& state, bool noise) {
    const Network network = read_onnx(mho::bench::model_path());
    const Dataset data = load_dataset(mho::bench::data_path(), 1000);
    mho::behavioral::ModelCard card = mho::bench::card(64, 64);
    card.readout.noise_volt_rms = 1e-3;
    InstanceOptions options;
    options.readout_noise = noise;
    options.threads = 1;
    const AnalogNetwork analog = compile_network(network, map_network(network, card),
                                                 activation_ranges(network, data), card, options);
    double reference = float_second(network, data);
    double spent = 0;
    for (auto _ : state) {
        reference = std::min(reference, float_second(network, data));
        const auto begin = Clock::now();
        for (std::size_t chunk = 0; chunk < chunk_count(data.size()); ++chunk) {
            const Chunk part = chunk_at(chunk, data.size());
            const ProductHook hook = [&](const Product& product) {
                LayerTally tally;
                analog_product(analog, product, {part.first, false}, tally);
            };
            benchmark::DoNotOptimize(
                run_batch(network, data.images(part.first, part.count), part.count, hook).data());
        }
        spent += std::chrono::duration<double>(Clock::now() - begin).count();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data.size()));
    state.counters["times_float_time"] =
        spent / static_cast<double>(state.iterations()) / reference;
}
BENCHMARK_CAPTURE(bm_inference, with_noise, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(bm_inference, without_noise, false)->Unit(benchmark::kMillisecond);

}  // namespace
