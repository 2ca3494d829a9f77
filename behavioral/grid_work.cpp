// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_work.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace mho::behavioral {
namespace {

using Eigen::Index;

// Relative reduction of the residual that a number format supports without a fresh residual.
template <typename Real>
constexpr double kReach = 0;
template <>
constexpr double kReach<float> = 3e-6;
template <>
constexpr double kReach<double> = 1e-11;

// An outer step reduces the residual further, by more than this.
constexpr double kOuterGain = 2;

std::size_t count(Index a, Index b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

// Whole packs, and no multiple of a cache way: neighbours on a column would evict one another.
Index padded_width(Index columns) {
    const Index width = (columns + kPack - 1) / kPack * kPack;
    return width % 128 == 0 ? width + kPack : width;
}

// Rows filled up to whole groups.
Index whole_rows(Index rows) {
    return (rows + kRowsTogether - 1) / kRowsTogether * kRowsTogether;
}

void round_to(const AlignedArray<double>& from, AlignedArray<float>& to, std::size_t size) {
    to = AlignedArray<float>(size);
    std::transform(from.data(), from.data() + size, to.data(),
                   [](double value) { return static_cast<float>(value); });
}

}  // namespace

GridFactors::GridFactors(const Eigen::MatrixXd& g_siemens, const ArrayModel& model) {
    const double largest = g_siemens.maxCoeff();
    siemens_ = largest > 0 ? largest : 1;
    exact_.rows = g_siemens.rows();
    exact_.width = padded_width(g_siemens.cols());
    const std::size_t cells = count(exact_.rows, exact_.width);
    const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
    g_ = AlignedArray<double>(cells);
    for (Index j = 0; j < g_siemens.cols(); ++j) {
        for (Index i = 0; i < g_siemens.rows(); ++i) {
            g_.data()[i * exact_.width + j] = g_siemens(i, j) / siemens_;
        }
    }
    exact_.row_ohm = model.row_segment_ohm * siemens_;
    exact_.row_end_ohm = (model.row_segment_ohm + model.driver_ohm) * siemens_;
    exact_.column_ohm = model.column_segment_ohm * siemens_;
    exact_.column_end_ohm = (model.column_segment_ohm + model.sense_ohm) * siemens_;
    row_ratio_ = AlignedArray<double>(turned);
    column_ratio_ = AlignedArray<double>(cells);
    factorise_rows();
    factorise_columns();
    exact_.g = g_.data();
    exact_.row_ratio = row_ratio_.data();
    exact_.column_ratio = column_ratio_.data();
    round_to(g_, g_rounded_, cells);
    round_to(row_ratio_, row_ratio_rounded_, turned);
    round_to(column_ratio_, column_ratio_rounded_, cells);
    rounded_.rows = exact_.rows;
    rounded_.width = exact_.width;
    rounded_.g = g_rounded_.data();
    rounded_.row_ratio = row_ratio_rounded_.data();
    rounded_.column_ratio = column_ratio_rounded_.data();
    rounded_.row_ohm = static_cast<float>(exact_.row_ohm);
    rounded_.row_end_ohm = static_cast<float>(exact_.row_end_ohm);
    rounded_.column_ohm = static_cast<float>(exact_.column_ohm);
    rounded_.column_end_ohm = static_cast<float>(exact_.column_end_ohm);
}

void GridFactors::factorise_rows() {
    const Index width = exact_.width;
    for (Index i = 0; i < exact_.rows; ++i) {
        const double* g = g_.data() + i * width;
        double* ratio = row_ratio_.data() + i / kPack * kPack * width + i % kPack;
        double beyond = 0;
        for (Index j = width - 1; j >= 0; --j) {
            const double here = g[j] + beyond;
            ratio[j * kPack] = 1 / (1 + (j > 0 ? exact_.row_ohm : exact_.row_end_ohm) * here);
            beyond = here * ratio[j * kPack];
        }
    }
}

void GridFactors::factorise_columns() {
    const Index width = exact_.width;
    std::vector<double> beyond(static_cast<std::size_t>(width), 0.0);
    for (Index i = 0; i < exact_.rows; ++i) {
        const double ohm = i + 1 < exact_.rows ? exact_.column_ohm : exact_.column_end_ohm;
        const double* g = g_.data() + i * width;
        double* ratio = column_ratio_.data() + i * width;
        for (Index j = 0; j < width; ++j) {
            double& known = beyond[static_cast<std::size_t>(j)];
            ratio[j] = 1 / (1 + ohm * (g[j] + known));
            known = (g[j] + known) * ratio[j];
        }
    }
}

GridWork::GridWork(const GridFactors& factors)
    : factors_(factors),
      w_(cells()),
      h_(cells()),
      scratch_(scratch()),
      row_volt_(count(factors.exact().rows, 1)),
      column_volt_(count(factors.exact().width, 1)),
      row_ampere_(count(factors.exact().rows, 1)),
      column_ampere_(count(factors.exact().width, 1)),
      rounded_(cells(), scratch()) {}

std::size_t GridWork::cells() const {
    return count(factors_.exact().rows, factors_.exact().width);
}

std::size_t GridWork::scratch() const {
    return count(2 * kRowsTogether, factors_.exact().width);
}

template <typename Real>
OuterState<Real> GridWork::outer(Work<Real>& work) {
    OuterState<Real> state;
    state.w = w_.data();
    state.h = h_.data();
    state.scratch = scratch_.data();
    state.x = work.x.data();
    state.r = work.r.data();
    state.row_volt = row_volt_.data();
    state.column_volt = column_volt_.data();
    state.column_ampere = column_ampere_.data();
    state.row_ampere = row_ampere_.data();
    return state;
}

template <typename Real>
void GridWork::assess(const OuterState<Real>& state, double tolerance, GridOutcome& outcome) const {
    double delivered = 0;
    for (Index i = 0; i < factors_.exact().rows; ++i) delivered += std::abs(state.row_ampere[i]);
    outcome.relative_bound = state.excess == 0 ? 0 : state.excess / delivered;
    outcome.met = outcome.relative_bound <= tolerance;
}

template <typename Real>
int GridWork::conjugate_gradients(Work<Real>& work, const GridCoefficients<Real>& grid, Real unit,
                                  double reduction, int max_iterations) {
    const CgState<Real> cg{work.x.data(), work.r.data(), work.p.data(),
                           work.s.data(), work.u.data(), work.scratch.data()};
    cg_start(grid, cg, unit);
    const double start = cg_step(grid, cg, Real{0});
    double norm = start;
    Real beta = 0;
    for (int iteration = 1;; ++iteration) {
        const double energy = cg_direction(grid, cg, beta);
        if (!(energy > 0 && norm > 0)) return iteration;
        const double next = cg_step(grid, cg, static_cast<Real>(norm / energy));
        beta = static_cast<Real>(next / norm);
        norm = next;
        if (!(norm > reduction * reduction * start) || iteration >= max_iterations) {
            return iteration;
        }
    }
}

// Conjugate gradients and fresh residuals in turn, until the tolerance is met or that ceases to
// help.
template <typename Real>
void GridWork::refine(Work<Real>& work, const GridCoefficients<Real>& grid, double tolerance,
                      int max_iterations, GridOutcome& outcome) {
    OuterState<Real> state = outer(work);
    outer_step(factors_.exact(), state);
    assess(state, tolerance, outcome);
    for (int spent = 0; !outcome.met && spent < max_iterations;) {
        state.scale = state.largest;  // squares of currents are to stay in the format's range
        const double wanted = kOuterGain * tolerance / outcome.relative_bound;
        const double reduction = wanted < kReach<Real> ? std::sqrt(wanted) : wanted;
        const int used =
            conjugate_gradients(work, grid, static_cast<Real>(1 / state.largest),
                                std::clamp(reduction, kReach<Real>, 0.3), max_iterations - spent);
        spent += used;
        outcome.iterations += used;
        const double before = outcome.relative_bound;
        outer_step(factors_.exact(), state);
        assess(state, tolerance, outcome);
        if (!(outcome.relative_bound < 0.5 * before)) return;
    }
}

GridOutcome GridWork::solve(double tolerance, int max_iterations) {
    std::fill_n(w_.data(), cells(), 0.0);
    GridOutcome outcome;
    refine(rounded_, factors_.rounded(), tolerance, max_iterations, outcome);
    if (outcome.met) return outcome;
    const bool finite = std::all_of(w_.data(), w_.data() + cells(),
                                    [](double value) { return std::isfinite(value); });
    if (!finite) std::fill_n(w_.data(), cells(), 0.0);
    if (!exact_) exact_.emplace(cells(), scratch());
    refine(*exact_, factors_.exact(), tolerance, max_iterations, outcome);
    return outcome;
}

void GridWork::find_cell_volts() {
    behavioral::find_cell_volts(factors_.exact(), outer(rounded_));
}

}  // namespace mho::behavioral
