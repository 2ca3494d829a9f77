// SPDX-License-Identifier: Apache-2.0
// Digital float inference against the bound of its matrix products, on one thread: the counter
// part_of_gemm_rate is the time of plain single-precision GEMMs of the shapes of all Conv and Gemm
// nodes (operands ready in memory, no im2col) over the time of the whole network. The shipped
// digits network, or with MHO_BENCH_MODEL and MHO_BENCH_DATA set any other.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "benchmarks/flows/bench_network.h"
#include "flows/dataset.h"
#include "flows/float_network.h"
#include "flows/network.h"
#include "flows/onnx_read.h"

namespace {

using namespace mho::flows;
using Clock = std::chrono::steady_clock;

template <typename Work>
double second_of(Work work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Operands {
    MatrixProduct size;
    int times = 1;  // groups
    std::vector<float> x, w, y;
};

std::vector<Operands> products_of(const Network& network, std::size_t images) {
    std::vector<Operands> all;
    for (const Node& node : network.nodes) {
        const ProductShape shape = product_shape(network, node);
        if (shape.groups == 0) continue;
        const MatrixProduct size{images * static_cast<std::size_t>(shape.positions),
                                 static_cast<std::size_t>(shape.inputs),
                                 static_cast<std::size_t>(shape.outputs)};
        all.push_back({size, shape.groups, std::vector<float>(size.rows * size.inputs, 0.5f),
                       std::vector<float>(size.inputs * size.outputs, 0.25f),
                       std::vector<float>(size.rows * size.outputs)});
    }
    return all;
}

void bm_float_inference(benchmark::State& state) {
    const Network network = read_onnx(mho::bench::model_path());
    DataOptions options;
    options.limit = 64;
    options.input = network.input_shape();
    const Dataset data = load_dataset(mho::bench::data_path(), options);
    const FloatNetwork compiled(network);
    const std::size_t images = std::min(data.size(), compiled.batch());
    std::vector<Operands> products = products_of(network, images);
    double bound = std::numeric_limits<double>::max(), own = bound;
    for (auto _ : state) {
        bound = std::min(bound, second_of([&] {
                             for (Operands& each : products) {
                                 for (int group = 0; group < each.times; ++group) {
                                     multiply_matrices(each.size, each.x.data(), each.w.data(),
                                                       each.y.data());
                                 }
                             }
                         }));
        own = std::min(
            own, second_of([&] {
                benchmark::DoNotOptimize(compiled.run(data.images(0, images), images).data());
            }));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(images));
    state.counters["part_of_gemm_rate"] = bound / own;
}
BENCHMARK(bm_float_inference)->Unit(benchmark::kMillisecond);

}  // namespace
