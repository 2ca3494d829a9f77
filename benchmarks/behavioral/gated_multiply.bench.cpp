// SPDX-License-Identifier: Apache-2.0
// Gated multiply of 1152 x 256 cells, batch 256, against the single-precision product of that
// shape. Counters: ratio, the product's time over ours, with its goal; worst_error, the largest
// difference from the same in double precision, relative to each current. The argument is how many
// of 100 gates are on.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <Eigen/Core>
#include <cmath>

#include "base/random.h"
#include "behavioral/gated_multiply.h"
#include "benchmarks/behavioral/goal.h"

namespace {

using mho::RandomPurpose;
using mho::RandomStream;
using mho::behavioral::ArrayModel;
using mho::behavioral::GatedArray;
using mho::behavioral::GateMatrix;
using Output = GatedArray<float>::Output;

constexpr int kRows = 1152, kColumns = 256, kBatch = 256;

Eigen::MatrixXd cells(std::uint32_t id) {
    RandomStream random(3, RandomPurpose::test, id);
    return Eigen::MatrixXd::NullaryExpr(kRows, kColumns,
                                        [&] { return std::pow(10.0, random.uniform(-6, -4.5)); });
}

GateMatrix gates(double on) {
    RandomStream random(4, RandomPurpose::test);
    return GateMatrix::NullaryExpr(
        kBatch, kRows, [&] { return static_cast<std::uint8_t>(random.uniform() < on ? 1 : 0); });
}

template <typename Real>
GatedArray<Real> compile(const ArrayModel& model, bool interleaved) {
    return interleaved ? GatedArray<Real>::interleaved(cells(0), cells(1), model, 0.1)
                       : GatedArray<Real>::gated(cells(0), model, 0.1);
}

void bm_gated(benchmark::State& state, const ArrayModel& model, bool interleaved) {
    const GatedArray<float> array = compile<float>(model, interleaved);
    const GateMatrix on = gates(static_cast<double>(state.range(0)) / 100);
    const Output x = on.cast<float>(), g = cells(0).cast<float>();
    Output ampere(kBatch, kColumns), ideal(kBatch, kColumns);
    const auto product = [&] {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kBatch, kColumns, kRows, 1.0f,
                    x.data(), kRows, g.data(), kColumns, 0.0f, ideal.data(), kColumns);
        benchmark::DoNotOptimize(ideal.data());
    };
    openblas_set_num_threads(1);
    const double ratio = mho::bench::times_faster(
        state, [&] { array.multiply(on, ampere); }, product);
    mho::bench::report_goal(state, ratio, 0.25);
    GatedArray<double>::Output exact(kBatch, kColumns);
    compile<double>(model, interleaved).multiply(on, exact);
    const auto off = (ampere.cast<double>() - exact).array().abs();
    // Interleaved currents cancel, so their errors are told relative to the largest.
    state.counters["worst_error"] = interleaved ? off.maxCoeff() / exact.cwiseAbs().maxCoeff()
                                                : (off / exact.array()).maxCoeff();
}

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
