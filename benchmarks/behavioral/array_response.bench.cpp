// SPDX-License-Identifier: Apache-2.0
// Building the exact effective matrix, against the sparse direct solver with one right-hand side
// per row. Counters of the fast runs: times_faster_than_sparse where both fit in the time, and
// worst_error, the largest difference from it relative to each entry.
#include <benchmark/benchmark.h>

#include <chrono>

#include "behavioral/array_nodes.h"
#include "behavioral/effective_matrix.h"
#include "benchmarks/behavioral/bench_card.h"

namespace {

using mho::behavioral::ArrayModel;
using mho::behavioral::RowResponse;

Eigen::MatrixXd sparse_response(const Eigen::MatrixXd& g, const ArrayModel& model) {
    const auto solved =
        mho::behavioral::solve_nodes(g, model, Eigen::MatrixXd::Identity(model.rows, model.rows));
    Eigen::MatrixXd response(model.rows, model.columns);
    for (Eigen::Index i = 0; i < response.rows(); ++i) {
        response.row(i) = solved[static_cast<std::size_t>(i)].column_ampere.transpose();
    }
    return response;
}

void bm_array_response(benchmark::State& state, RowResponse rows) {
    const auto size = static_cast<int>(state.range(0));
    const ArrayModel model = mho::bench::card(size, size).array;
    const Eigen::MatrixXd g = mho::bench::conductances(size, size);
    const auto start = std::chrono::steady_clock::now();
    const Eigen::MatrixXd sparse = sparse_response(g, model);
    const std::chrono::duration<double> sparse_time = std::chrono::steady_clock::now() - start;
    std::chrono::duration<double> spent{0};
    Eigen::MatrixXd fast;
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        fast = mho::behavioral::array_response(g, model, rows).column_ampere_per_volt;
        benchmark::DoNotOptimize(fast.data());
        spent += std::chrono::steady_clock::now() - begin;
    }
    state.counters["times_faster_than_sparse"] =
        sparse_time.count() * static_cast<double>(state.iterations()) / spent.count();
    state.counters["worst_error"] = ((fast - sparse).array() / sparse.array()).abs().maxCoeff();
}
BENCHMARK_CAPTURE(bm_array_response, with_row_response, RowResponse::build)
    ->RangeMultiplier(2)
    ->Range(16, 256)
    ->Unit(benchmark::kMillisecond);

void bm_sparse_reference(benchmark::State& state) {
    const auto size = static_cast<int>(state.range(0));
    const ArrayModel model = mho::bench::card(size, size).array;
    const Eigen::MatrixXd g = mho::bench::conductances(size, size);
    for (auto _ : state) benchmark::DoNotOptimize(sparse_response(g, model).data());
}
BENCHMARK(bm_sparse_reference)->RangeMultiplier(2)->Range(16, 128)->Unit(benchmark::kMillisecond);

}  // namespace
