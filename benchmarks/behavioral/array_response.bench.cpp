// SPDX-License-Identifier: Apache-2.0
// Building the exact effective matrix of n x n cells of 10 kohm to 1 Mohm with 1 ohm segments.
// Counters: ratio, the reference's time over ours, with its goal and the distance from it;
// worst_error against the reference, relative to each entry or current; memory_MB, what building
// adds to the process at most. References: one ngspice operating point, of one input vector, with
// its reading of the deck; CHOLMOD, factorisation and one solve per row; the time of reading G
// (double) n times at STREAM bandwidth, 100 times.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#if defined(MHO_BENCH_CHOLMOD)
#include <Eigen/CholmodSupport>
#endif

#include "base/random.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/grid_solver.h"
#include "benchmarks/behavioral/bandwidth.h"
#include "benchmarks/behavioral/goal.h"
#include "spice/pool.h"

namespace {

using Eigen::MatrixXd;
using mho::RandomPurpose;
using mho::RandomStream;
using mho::behavioral::ArrayModel;
using mho::behavioral::RowResponse;

ArrayModel model_of(int size) {
    return {size, size, 1, 1, 0, 0};
}

MatrixXd cells(int size) {
    RandomStream random(5, RandomPurpose::test);
    return MatrixXd::NullaryExpr(size, size,
                                 [&] { return std::pow(10.0, random.uniform(-6, -4)); });
}

MatrixXd built(const MatrixXd& g) {
    return array_response(g, model_of(static_cast<int>(g.rows())), RowResponse::skip)
        .column_ampere_per_volt;
}

double worst_error(const MatrixXd& found, const MatrixXd& expected) {
    return ((found - expected).array() / expected.array()).abs().maxCoeff();
}

// kB of /proc/self/status, or 0 where there is none.
double status_kilobyte(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key)) return std::stod(line.substr(key.size() + 1));
    }
    return 0;
}

// Largest memory of the process during `work`, above what it has now.
template <typename Work>
double megabytes_of(const Work& work) {
    const double before = status_kilobyte("VmRSS");
    std::ofstream("/proc/self/clear_refs") << "5";  // starts the peak anew
    work();
    return (status_kilobyte("VmHWM") - before) / 1024;
}

// The reference's time is taken once, ours as the median of the runs.
void against(benchmark::State& state, const MatrixXd& g, double reference_second, double goal) {
    openblas_set_num_threads(1);
    state.counters["memory_MB"] = megabytes_of([&] { benchmark::DoNotOptimize(built(g).data()); });
    std::vector<double> second;
    for (auto _ : state) {
        second.push_back(
            mho::bench::seconds_of([&] { benchmark::DoNotOptimize(built(g).data()); }));
        state.SetIterationTime(second.back());
    }
    mho::bench::report_goal(state, reference_second / mho::bench::median(second), goal);
}

mho::spice::Job operating_point(const MatrixXd& g, bool klu) {
    mho::spice::Job job;
    job.netlist = klu ? "array\n.option klu\n" : "array\n";
    const auto name = [](char kind, Eigen::Index i, Eigen::Index j) {
        return kind + std::to_string(i) + "_" + std::to_string(j);
    };
    const Eigen::Index n = g.rows();
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::string row = std::to_string(i);
        job.netlist += "Vd" + row + " d" + row + " 0 1\nVs" + row + " s" + row + " 0 0\n";
        job.vectors.push_back("i(vs" + row + ")");
        for (Eigen::Index j = 0; j < n; ++j) {
            const std::string left = j == 0 ? "d" + row : name('r', i, j - 1);
            const std::string below = i == n - 1 ? "s" + std::to_string(j) : name('c', i + 1, j);
            job.netlist += "Rr" + name('_', i, j) + " " + left + " " + name('r', i, j) + " 1\n";
            job.netlist += "Rc" + name('_', i, j) + " " + name('c', i, j) + " " + below + " 1\n";
            if (g(i, j) == 0) continue;
            job.netlist += "Rg" + name('_', i, j) + " " + name('r', i, j) + " " + name('c', i, j) +
                           " " + std::to_string(1 / g(i, j)) + "\n";
        }
    }
    job.netlist += ".end\n";
    job.analysis = "op";
    return job;
}

void bm_build_against_ngspice(benchmark::State& state) {
    const MatrixXd g = cells(static_cast<int>(state.range(0)));
    mho::spice::PoolOptions options;
    options.workers = 1;
    mho::spice::Pool pool(options);
    const bool klu = pool.simulator().klu;
    const std::vector<mho::spice::Job> jobs(1, operating_point(g, klu));
    const auto waves = run_all(pool, jobs);
    against(state, g, pool.summary().simulator_second, klu ? 20 : 1000);
    Eigen::RowVectorXd ampere(g.cols());
    for (Eigen::Index j = 0; j < g.cols(); ++j) {
        ampere(j) = waves[0].columns[static_cast<std::size_t>(j)][0];
    }
    state.counters["worst_error"] = worst_error(built(g).colwise().sum(), ampere);
}
BENCHMARK(bm_build_against_ngspice)->Arg(64)->UseManualTime()->Unit(benchmark::kMillisecond);

#if defined(MHO_BENCH_CHOLMOD)
MatrixXd cholmod_response(const MatrixXd& g) {
    const int n = static_cast<int>(g.rows()), nodes = 2 * n * n;
    std::vector<Eigen::Triplet<double>> entries;
    const auto connect = [&](int p, int q, double siemens) {
        entries.emplace_back(p, p, siemens);
        if (q < 0) return;
        entries.emplace_back(q, q, siemens);
        entries.emplace_back(std::max(p, q), std::min(p, q), -siemens);
    };
    MatrixXd drive = MatrixXd::Zero(nodes, n);
    for (int i = 0; i < n; ++i) {
        drive(2 * i * n, i) = 1;
        for (int j = 0; j < n; ++j) {
            const int row = 2 * (i * n + j), column = row + 1;
            connect(row, column, g(i, j));
            connect(row, j > 0 ? row - 2 : -1, 1);
            connect(column, i < n - 1 ? column + 2 * n : -1, 1);
        }
    }
    Eigen::SparseMatrix<double> matrix(nodes, nodes);
    matrix.setFromTriplets(entries.begin(), entries.end());
    Eigen::CholmodSupernodalLLT<Eigen::SparseMatrix<double>> factor(matrix);
    const MatrixXd volt = factor.solve(drive);
    MatrixXd response(n, n);
    for (int j = 0; j < n; ++j) {
        response.col(j) = volt.row(2 * ((n - 1) * n + j) + 1).transpose();
    }
    return response;
}

void bm_build_against_cholmod(benchmark::State& state) {
    const MatrixXd g = cells(static_cast<int>(state.range(0)));
    openblas_set_num_threads(1);
    MatrixXd reference;
    const double second = mho::bench::seconds_of([&] { reference = cholmod_response(g); });
    against(state, g, second, 10);
    state.counters["worst_error"] = worst_error(built(g), reference);
}
BENCHMARK(bm_build_against_cholmod)
    ->Arg(64)
    ->Arg(256)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
#endif

void bm_build_against_reading(benchmark::State& state) {
    const auto size = static_cast<int>(state.range(0));
    const MatrixXd g = cells(size);
    const double reads = 100.0 * size;
    against(state, g,
            reads * static_cast<double>(g.size()) * sizeof(double) / mho::bench::read_bandwidth(),
            1);
    // One vector of the iterative solver, whose error is proven to be below its tolerance.
    const mho::behavioral::GridSolver solver(g, model_of(size));
    const MatrixXd exact = solver.solve(MatrixXd::Ones(1, size), {1e-10, 900, false}).column_ampere;
    state.counters["worst_error"] = worst_error(built(g).colwise().sum(), exact);
}
BENCHMARK(bm_build_against_reading)
    ->RangeMultiplier(2)
    ->Range(16, 4096)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
