// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_work.h"

#include <algorithm>
#include <cmath>

namespace mho::behavioral {
namespace {

using Eigen::Index;

// Relative reduction of the residual that a number format supports without a fresh residual.
template <typename Real>
constexpr double kReach = 0;
template <>
constexpr double kReach<float> = 1e-7;
template <>
constexpr double kReach<double> = 1e-11;

// Iterations end at this part of the tolerance, so that rounding does not make it missed.
constexpr double kMargin = 0.8;

std::size_t area(Index a, Index b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

GridWork::GridWork(const GridFactors& factors)
    : factors_(factors),
      w_(cells()),
      h_(cells()),
      scratch_(scratch()),
      row_volt_(area(factors.exact().rows, 1)),
      column_volt_(area(factors.exact().width, 1)),
      row_ampere_(area(factors.exact().rows, 1)),
      column_ampere_(area(factors.exact().width, 1)),
      row_estimate_(area(factors.exact().rows, 1)),
      row_change_(area(factors.exact().rows, 1)),
      rounded_(cells(), scratch()) {}

std::size_t GridWork::cells() const {
    return area(factors_.exact().rows, factors_.exact().width);
}

std::size_t GridWork::scratch() const {
    return area(2 * kRowsTogether, factors_.exact().width);
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
    state.row_source = row_source_;
    state.column_source = column_source_;
    return state;
}

template <typename Real>
void GridWork::assess(const OuterState<Real>& state, double tolerance, GridOutcome& outcome) const {
    double delivered = 0;
    for (Index i = 0; i < factors_.exact().rows; ++i) delivered += std::abs(state.row_ampere[i]);
    if (reference_ > 0) delivered = reference_;
    outcome.relative_bound = state.excess == 0 ? 0 : state.excess / delivered;
    outcome.met = outcome.relative_bound <= tolerance;
}

template <typename Real>
CgState<Real> GridWork::gradients(Work<Real>& work) {
    CgState<Real> cg;
    cg.x = work.x.data();
    cg.r = work.r.data();
    cg.p = work.p.data();
    cg.s = work.s.data();
    cg.u = work.u.data();
    cg.scratch = work.scratch.data();
    cg.row_ampere = row_estimate_.data();
    cg.row_change = row_change_.data();
    cg.coarse = coarse_;
    return cg;
}

// Until the currents that violate the row wires' laws are that part of `reference`, or of the
// drivers' currents if that is 0; or as far as the number format reaches, and then in equal steps.
template <typename Real>
int GridWork::conjugate_gradients(const CgState<Real>& cg, const GridCoefficients<Real>& grid,
                                  double tolerance, double reference, int max_iterations) {
    CgNorm now = cg_step(grid, cg, CgStep::none, Real{0});
    const double start = now.excess;
    double norm = now.square + factors_.coarse().weigh(cg.coarse);
    const auto enough = [&] {
        double delivered = reference;
        for (Index i = 0; !(reference > 0) && i < grid.rows; ++i) {
            delivered += std::abs(cg.row_ampere[i]);
        }
        const double wanted = kMargin * tolerance * delivered / start;
        const double reduction = wanted < kReach<Real> ? std::sqrt(wanted) : wanted;
        return !(now.excess > std::max(reduction, kReach<Real>) * start);
    };
    int iterations = 0;
    Real beta = 0;
    while (iterations < max_iterations && norm > 0 && !enough()) {
        const double energy = cg_direction(grid, cg, beta);
        if (!(energy > 0)) break;
        const double alpha = norm / energy;
        now = cg_step(grid, cg, iterations == 0 ? CgStep::first : CgStep::later,
                      static_cast<Real>(alpha));
        ++iterations;
        for (Index i = 0; i < grid.rows; ++i) cg.row_ampere[i] -= alpha * cg.row_change[i];
        const double next = now.square + factors_.coarse().weigh(cg.coarse);
        beta = static_cast<Real>(next / norm);
        norm = next;
    }
    if (iterations == 0) std::fill_n(cg.x, cells(), Real{0});
    return iterations;
}

double GridWork::largest_volt() const {
    double largest = 0;
    for (Index i = 0; i < factors_.exact().rows; ++i) {
        largest = std::max(largest, std::abs(row_volt_.data()[i]));
    }
    for (Index j = 0; j < factors_.exact().width; ++j) {
        largest = std::max(largest, std::abs(column_volt_.data()[j]));
    }
    return largest;
}

// The residual of the drops in w_.
template <typename Real>
OuterState<Real> GridWork::start_from_here(Work<Real>& work, double tolerance,
                                           GridOutcome& outcome) {
    OuterState<Real> state = outer(work);
    state.scale = 0;
    outer_step(factors_.exact(), state);
    assess(state, tolerance, outcome);
    return state;
}

// A first round in single precision alone: the check at its end is its only pass in double. False
// where that cannot be, or came to nothing.
bool GridWork::solve_from_zero(double tolerance, int max_iterations, OuterState<float>& state,
                               GridOutcome& outcome) {
    const double volt = largest_volt();
    if (!(volt > 0) || row_source_ != nullptr || max_iterations == 0) return false;
    const CgState<float> cg = gradients(rounded_);
    cg_begin(factors_.rounded(), cg, {row_volt_.data(), column_volt_.data(), 1 / volt});
    outcome.iterations =
        conjugate_gradients(cg, factors_.rounded(), tolerance, reference_ / volt, max_iterations);
    state = outer(rounded_);
    state.scale = volt;
    state.from_zero = true;
    outer_step(factors_.exact(), state);
    state.from_zero = false;
    assess(state, tolerance, outcome);
    if (!outcome.met) {
        // One sweep more, which is often enough where only the rounding of x was in the way, and
        // leaves r for what follows.
        state.scale = 0;
        outer_step(factors_.exact(), state);
        assess(state, tolerance, outcome);
    }
    if (std::isfinite(outcome.relative_bound)) return true;
    std::fill_n(rounded_.x.data(), cells(), 0.0F);
    return false;
}

// Conjugate gradients and fresh residuals in turn, until the tolerance is met or that ceases to
// help.
template <typename Real>
void GridWork::refine(Work<Real>& work, const GridCoefficients<Real>& grid, double tolerance,
                      int max_iterations, OuterState<Real>& state, GridOutcome& outcome) {
    const CgState<Real> cg = gradients(work);
    for (int spent = 0; !outcome.met && spent < max_iterations;) {
        state.scale = state.largest;  // squares of currents are to stay in the format's range
        const double unit = 1 / state.scale;
        for (Index i = 0; i < grid.rows; ++i) cg.row_ampere[i] = unit * row_ampere_.data()[i];
        cg_start(grid, cg, static_cast<Real>(unit));
        const int used =
            conjugate_gradients(cg, grid, tolerance, unit * reference_, max_iterations - spent);
        spent += used;
        outcome.iterations += used;
        const double before = outcome.relative_bound;
        outer_step(factors_.exact(), state);
        assess(state, tolerance, outcome);
        if (!(outcome.relative_bound < 0.5 * before)) return;
    }
}

GridOutcome GridWork::solve(double tolerance, int max_iterations, Start start) {
    GridOutcome outcome;
    if (!factors_.resolves_cells()) return outcome;
    OuterState<float> state;
    if (start == Start::from_last || !solve_from_zero(tolerance, max_iterations, state, outcome)) {
        if (start == Start::from_zero) std::fill_n(w_.data(), cells(), 0.0);
        state = start_from_here(rounded_, tolerance, outcome);
    }
    refine(rounded_, factors_.rounded(), tolerance, max_iterations, state, outcome);
    if (!outcome.met) {
        const bool finite = std::all_of(w_.data(), w_.data() + cells(),
                                        [](double value) { return std::isfinite(value); });
        if (!finite) {
            std::fill_n(w_.data(), cells(), 0.0);
            std::fill_n(rounded_.x.data(), cells(), 0.0F);
        }
        if (!exact_) exact_.emplace(cells(), scratch());
        OuterState<double> exact = start_from_here(*exact_, tolerance, outcome);
        refine(*exact_, factors_.exact(), tolerance, max_iterations, exact, outcome);
        if (!outcome.met) {  // nothing that is not a number may reach a later solve
            std::fill_n(rounded_.x.data(), cells(), 0.0F);
            std::fill_n(exact_->x.data(), cells(), 0.0);
        }
    }
    if (factors_.columns_need_finish()) finish_columns();
    return outcome;
}

// The sweeps know what reaches the last end of a column; this adds what leaves at the first.
void GridWork::finish_columns() {
    const ArrayCircuit& circuit = factors_.circuit();
    const Index width = factors_.exact().width, rows = circuit.rows();
    for (Index j = 0; j < circuit.columns(); ++j) {
        const double ohm = circuit.column.first_ohm(j) * factors_.siemens();
        double& ampere = column_ampere_.data()[j];
        if (std::isinf(circuit.column.last_ohm(j))) ampere = 0;
        if (std::isinf(ohm)) continue;
        if (ohm > 0) {
            ampere += w_.data()[j] / ohm;
            continue;
        }
        // Nodes that touch ground at the first end: what they collect, and what comes from the
        // next.
        Index i = 0;
        const auto segment = [&](Index row) {
            return row + 1 < rows ? circuit.column.between_ohm(j, row) : circuit.column.last_ohm(j);
        };
        while (i + 1 < rows && segment(i) == 0) ++i;
        if (segment(i) == 0) continue;  // the last end has it all
        ampere += h_.data()[i * width + j];
        if (i + 1 < rows) {
            ampere += w_.data()[(i + 1) * width + j] / (segment(i) * factors_.siemens());
        }
    }
}

void GridWork::find_cell_volts() {
    behavioral::find_cell_volts(factors_.exact(), outer(rounded_));
}

void GridWork::copy_cell_volts(double* volt) {
    behavioral::copy_cell_volts(factors_.exact(), outer(rounded_), volt);
}

void GridWork::add_cell_products(const double* factor, double* product) {
    behavioral::add_cell_products(factors_.exact(), outer(rounded_), factor, product);
}

void GridWork::forget_cell_volts() {
    // find_cell_volts left v - d in h and v - d - w in w.
    double* w = w_.data();
    const double* wire = h_.data();
    for (std::size_t k = 0; k < cells(); ++k) w[k] = wire[k] - w[k];
}

}  // namespace mho::behavioral
