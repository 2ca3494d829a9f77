// SPDX-License-Identifier: Apache-2.0
// Gated multiply against the single-precision product of that shape: 1152 x 256 cells with batches
// of 256, and its growth with a square array and with the batch. Counters: ratio, the product's
// time over ours, with its goal; build_ms, of the compiled array; worst_error, the largest
// difference from the same in double precision, relative to each current. Arguments: how many of
// 100 gates are on; for growth the array's side and the batch.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <Eigen/Core>
#include <cmath>
#include <optional>

#include "base/random.h"
#include "behavioral/gated_multiply.h"
#include "benchmarks/behavioral/goal.h"
#include "benchmarks/behavioral/stopwatch.h"

namespace {

using mho::RandomPurpose;
using mho::RandomStream;
using mho::behavioral::ArrayModel;
using mho::behavioral::GatedArray;
using mho::behavioral::GateMatrix;
using Output = GatedArray<float>::Output;

constexpr int kRows = 1152, kColumns = 256;

Eigen::MatrixXd cells(const ArrayModel& model, std::uint32_t id) {
    RandomStream random(3, RandomPurpose::test, id);
    return Eigen::MatrixXd::NullaryExpr(model.rows, model.columns,
                                        [&] { return std::pow(10.0, random.uniform(-6, -4.5)); });
}

GateMatrix gates(int batch, int rows, double on) {
    RandomStream random(4, RandomPurpose::test);
    return GateMatrix::NullaryExpr(
        batch, rows, [&] { return static_cast<std::uint8_t>(random.uniform() < on ? 1 : 0); });
}

template <typename Real>
GatedArray<Real> compile(const ArrayModel& model, bool interleaved) {
    return interleaved ? GatedArray<Real>::interleaved(cells(model, 0), cells(model, 1), model, 0.1)
                       : GatedArray<Real>::gated(cells(model, 0), model, 0.1);
}

void measure(benchmark::State& state, const ArrayModel& model, bool interleaved, int batch,
             double share_on) {
    std::optional<GatedArray<float>> array;
    state.counters["build_ms"] =
        1e3 * mho::bench::seconds_of([&] { array.emplace(compile<float>(model, interleaved)); });
    const GateMatrix on = gates(batch, model.rows, share_on);
    const Output x = on.cast<float>(), g = cells(model, 0).cast<float>();
    Output ampere(batch, model.columns), ideal(batch, model.columns);
    const auto product = [&] {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, model.columns, model.rows,
                    1.0f, x.data(), model.rows, g.data(), model.columns, 0.0f, ideal.data(),
                    model.columns);
        benchmark::DoNotOptimize(ideal.data());
    };
    openblas_set_num_threads(1);
    const double ratio = mho::bench::times_faster(
        state, [&] { array->multiply(on, ampere); }, product);
    mho::bench::report_goal(state, ratio, 0.25);
    GatedArray<double>::Output exact(batch, model.columns);
    compile<double>(model, interleaved).multiply(on, exact);
    const auto off = (ampere.cast<double>() - exact).array().abs();
    // Interleaved currents cancel, so their errors are told relative to the largest.
    state.counters["worst_error"] = interleaved ? off.maxCoeff() / exact.cwiseAbs().maxCoeff()
                                                : (off / exact.array()).maxCoeff();
}

void bm_gated(benchmark::State& state, const ArrayModel& model, bool interleaved) {
    measure(state, model, interleaved, 256, static_cast<double>(state.range(0)) / 100);
}

void bm_gated_growth(benchmark::State& state) {
    const auto side = static_cast<int>(state.range(0));
    measure(state, {side, side, 0, 1, 0, 10}, false, static_cast<int>(state.range(1)), 0.5);
}
BENCHMARK(bm_gated_growth)
    ->ArgsProduct({{16, 64, 256, 1024, 4096}, {256}})
    ->ArgsProduct({{1024}, {1, 16, 4096}})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

const ArrayModel kStiff{kRows, kColumns, 0, 1, 0, 10};
const ArrayModel kSoft{kRows, kColumns, 0.2, 1, 5, 10};

BENCHMARK_CAPTURE(bm_gated, topology_b, kStiff, false)
    ->Arg(50)
    ->Arg(100)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(bm_gated, topology_b_with_source_lines, kSoft, false)
    ->Arg(50)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(bm_gated, topology_c, kStiff, true)
    ->Arg(50)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
