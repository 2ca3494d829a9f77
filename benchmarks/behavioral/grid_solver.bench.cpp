// SPDX-License-Identifier: Apache-2.0
// Solving topology A without the effective matrix: square arrays, 1 ohm segments, cells spread
// evenly in log resistance from 10 kohm to 1 Mohm, batch 16, tolerance 1e-6 on the proven bound.
// Counters: ratio, the time of reading G (double) 100 times at the bandwidth measured before and
// after, GB_per_second, over ours per vector, with its goal and the distance from it;
// ratio_with_compile, the same with the array's preparation shared by the batch; bound and
// true_error of the column currents; iterations; lost, the part of the current that the wires cost.
// Gradients: ratio, the time of one forward solve over theirs.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/random.h"
#include "behavioral/array_gradient.h"
#include "behavioral/grid_solver.h"
#include "benchmarks/behavioral/bandwidth.h"
#include "benchmarks/behavioral/goal.h"

namespace {

using Eigen::MatrixXd;
using mho::RandomPurpose;
using mho::RandomStream;
using mho::behavioral::GridSolution;
using mho::behavioral::GridSolver;

MatrixXd cells(int size) {
    RandomStream random(5, RandomPurpose::test);
    return MatrixXd::NullaryExpr(size, size,
                                 [&] { return std::pow(10.0, random.uniform(-6, -4)); });
}

MatrixXd drive(int batch, int size) {
    RandomStream random(6, RandomPurpose::test);
    return MatrixXd::NullaryExpr(batch, size, [&] { return random.uniform(0, 0.2); });
}

void bm_grid_solve(benchmark::State& state) {
    const auto size = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
    const MatrixXd g = cells(size), volt = drive(batch, size);
    const double before = mho::bench::read_bandwidth();
    std::optional<GridSolver> solver;
    const double compiled = mho::bench::seconds_of([&] {
        solver.emplace(g, mho::behavioral::ArrayModel{size, size, 1, 1, 0, 0});
    });
    GridSolution found;
    std::vector<double> second;
    for (auto _ : state) {
        second.push_back(mho::bench::seconds_of([&] {
            found = solver->solve(volt, {1e-6, 300, false});
        }));
    }
    const double bandwidth = (before + mho::bench::read_bandwidth()) / 2;
    const double spent = mho::bench::median(second);
    const double goal = 100 * static_cast<double>(g.size()) * sizeof(double) / bandwidth;
    const MatrixXd exact = solver->solve(volt.topRows(1), {1e-11, 900, false}).column_ampere;
    state.counters["ms_per_vector"] = 1e3 * spent / batch;
    state.counters["GB_per_second"] = 1e-9 * bandwidth;
    mho::bench::report_goal(state, goal * batch / spent, 1);
    state.counters["ratio_with_compile"] = goal * batch / (spent + compiled);
    state.counters["bound"] = found.relative_bound.maxCoeff();
    state.counters["true_error"] =
        (found.column_ampere.row(0) - exact).lpNorm<1>() / exact.lpNorm<1>();
    state.counters["iterations"] = found.iterations;
    state.counters["direct"] = static_cast<double>(found.solved_directly);
    state.counters["lost"] = 1 - exact.sum() / (volt.row(0) * g).sum();
}
BENCHMARK(bm_grid_solve)
    ->ArgsProduct({{16, 64, 256, 512, 1024, 2048}, {16}})
    ->ArgsProduct({{1024}, {1, 4, 64}})
    ->Args({4096, 1})
    ->Unit(benchmark::kMillisecond);

void bm_grid_compile(benchmark::State& state) {
    const auto size = static_cast<int>(state.range(0));
    const MatrixXd g = cells(size);
    for (auto _ : state) {
        benchmark::DoNotOptimize(&GridSolver(g, {size, size, 1, 1, 0, 0}).factors());
    }
}
BENCHMARK(bm_grid_compile)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);

void bm_gradient(benchmark::State& state) {
    const auto size = static_cast<int>(state.range(0));
    const MatrixXd g = cells(size), volt = drive(4, size);
    const GridSolver solver(g, {size, size, 1, 1, 0, 0});
    const auto slope = [](Eigen::Index, const Eigen::VectorXd& ampere) -> Eigen::VectorXd {
        return ampere / ampere.norm();
    };
    const double ratio = mho::bench::times_faster(
        state,
        [&] { benchmark::DoNotOptimize(array_gradient(solver, volt, slope).by_siemens.data()); },
        [&] { benchmark::DoNotOptimize(solver.solve(volt).column_ampere.data()); });
    mho::bench::report_goal(state, ratio, 1 / 2.5);
}
BENCHMARK(bm_gradient)
    ->Arg(64)
    ->Arg(256)
    ->Arg(1024)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
