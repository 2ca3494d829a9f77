// SPDX-License-Identifier: Apache-2.0
// Arrays of non-linear cells: full Newton to 1e-6 against one ngspice op of the same circuit, its
// cells behavioural sources of the same law. HfO2 cells of 50 to 225 uS, 1 ohm segments, 50 ohm
// drivers and read-outs. Counters: ratio, processor time of the worker process that reads
// the deck and runs the op (one thread, KLU where it has it), less that of a worker that runs a
// divider, over ours per vector (the goal of 1,000 is for 128 x 128); error against it, summed over
// the columns as a part of the current; residual; newton_steps.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <Eigen/Core>
#include <iterator>
#include <string>
#include <utility>

#include "base/random.h"
#include "behavioral/nonlinear_solver.h"
#include "benchmarks/behavioral/goal.h"
#include "benchmarks/behavioral/stopwatch.h"
#include "spice/pool.h"

namespace {

using Eigen::MatrixXd;
using namespace mho;
using namespace mho::behavioral;

PolynomialCells cells(int size) {
    RandomStream random(5, RandomPurpose::test);
    return hfo2_cells(
        MatrixXd::NullaryExpr(size, size, [&] { return random.uniform(50e-6, 225e-6); }));
}

MatrixXd drive(int batch, int size) {
    RandomStream random(6, RandomPurpose::test);
    return MatrixXd::NullaryExpr(batch, size, [&] { return random.uniform(-0.3, 0.3); });
}

spice::Job op_job(const PolynomialCells& cells, const ArrayModel& model, const MatrixXd& volt,
                  bool klu) {
    spice::Job job;
    std::string text = "non-linear array\n";
    const auto out = std::back_inserter(text);
    const int rows = model.rows, columns = model.columns;
    for (int i = 0; i < rows; ++i) {
        fmt::format_to(out, "V{0} in{0} 0 dc {1:.17g}\nRd{0} in{0} r{0}_0 {2:.17g}\n", i,
                       volt(0, i), model.driver_ohm + model.row_segment_ohm);
        for (int j = 0; j < columns; ++j) {
            if (j > 0) {
                fmt::format_to(out, "Rr{0}_{1} r{0}_{2} r{0}_{1} {3:.17g}\n", i, j, j - 1,
                               model.row_segment_ohm);
            }
            if (i > 0) {
                fmt::format_to(out, "Rc{0}_{1} c{2}_{1} c{0}_{1} {3:.17g}\n", i, j, i - 1,
                               model.column_segment_ohm);
            }
            fmt::format_to(out,
                           "B{0}_{1} r{0}_{1} c{0}_{1} i=v(r{0}_{1},c{0}_{1})*({2:.17g}+"
                           "v(r{0}_{1},c{0}_{1})*({3:.17g}+v(r{0}_{1},c{0}_{1})*({4:.17g})))\n",
                           i, j, cells.g_siemens(i, j), cells.a2_ampere_per_volt2(i, j),
                           cells.a3_ampere_per_volt3(i, j));
        }
    }
    for (int j = 0; j < columns; ++j) {
        fmt::format_to(out, "Re{0} c{1}_{0} s{0} {2:.17g}\nVs{0} s{0} 0 dc 0\n", j, rows - 1,
                       model.sense_ohm + model.column_segment_ohm);
        job.vectors.push_back(fmt::format("i(vs{})", j));
    }
    job.netlist = text + (klu ? ".option klu\n" : "") + ".end\n";
    job.analysis = "op";
    job.timeout_second = 600;
    return job;
}

// Processor time of all workers that have ended.
double workers_second() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Timed {
    spice::Waveforms waves;
    double second;
};

// One job in a worker of its own.
Timed run_alone(const spice::Job& job) {
    const double before = workers_second();
    spice::Waveforms waves;
    {
        spice::PoolOptions options;
        options.workers = 1;
        spice::Pool pool(options);
        waves = spice::run_all(pool, {&job, 1})[0];
    }
    return {std::move(waves), workers_second() - before};
}

void bm_nonlinear(benchmark::State& state) {
    const int size = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
    const PolynomialCells array = cells(size);
    const ArrayModel model{size, size, 1, 1, 49, 49};
    const MatrixXd volt = drive(batch, size);
    NonlinearSolution found;
    double spent = 0;
    for (auto _ : state) {
        spent += bench::seconds_of(
            [&] { found = solve_nonlinear_fast(array, ArrayCircuit(model), volt); });
    }
    const double per_vector = spent / static_cast<double>(state.iterations() * batch);
    static const bool klu = [] {
        spice::PoolOptions options;
        options.workers = 1;
        return spice::Pool(options).simulator().klu;
    }();
    spice::Job divider;
    divider.netlist = "divider\nV1 1 0 dc 1\nR1 1 2 1k\nR2 2 0 3k\n.end\n";
    divider.analysis = "op";
    divider.vectors = {"v(2)"};
    const double idle = run_alone(divider).second;
    const auto [waves, worker] = run_alone(op_job(array, model, volt.topRows(1), klu));
    double error = 0;
    for (int j = 0; j < size; ++j) {
        const double spice = waves.columns[static_cast<std::size_t>(j)][0];
        error += std::abs(spice - found.column_ampere(0, j));
    }
    state.counters["ms_per_vector"] = 1e3 * per_vector;
    mho::bench::report_goal(state, (worker - idle) / per_vector, 1000);
    state.counters["error"] = error / found.row_ampere.row(0).lpNorm<1>();
    state.counters["residual"] = found.relative_residual.maxCoeff();
    state.counters["newton_steps"] = found.newton_steps;
    state.counters["inner"] = found.inner_iterations / static_cast<double>(batch);
}
BENCHMARK(bm_nonlinear)
    ->ArgNames({"size", "batch"})
    ->Args({32, 1})
    ->Args({64, 1})
    ->Args({128, 1})
    ->Args({128, 16})
    ->Unit(benchmark::kMillisecond);

}  // namespace
