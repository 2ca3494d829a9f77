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
constexpr double kReach<float> = 1e-7;
template <>
constexpr double kReach<double> = 1e-11;

// Iterations end at this part of the tolerance, so that rounding does not make it missed.
constexpr double kMargin = 0.8;

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
    const double* values = from.data();
    float* rounded = to.data();
    for (std::size_t k = 0; k < size; ++k) rounded[k] = static_cast<float>(values[k]);
}

// Of `here` siemens behind a resistance: the part of the voltage that is left, and the
// conductance of both.
struct Passed {
    double ratio, siemens;
};
template <bool kPlain>
Passed pass(double ohm, double here) {
    if (!kPlain && std::isinf(here)) {
        return ohm == 0 ? Passed{1, here} : Passed{0, 1 / ohm};
    }
    const double ratio = 1 / (1 + ohm * here);
    return {ratio, here * ratio};
}

// What a far end adds to the conductance of its node.
double far_siemens(double ohm) {
    return std::isinf(ohm) ? 0 : 1 / ohm;
}

bool all_equal(const Eigen::MatrixXd& values) {
    return values.size() == 0 || (values.array() == values(0)).all();
}

}  // namespace

GridFactors::GridFactors(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit)
    : circuit_(circuit) {
    const double largest = g_siemens.maxCoeff();
    siemens_ = largest > 0 ? largest : 1;
    lay_out(g_siemens);
    set_wires();
    factorise();
    if (varied_ || two_ended_) return;
    coarse_ = GridCoarse(exact_, rounded_, circuit.columns());
    coarse_.add_to(exact_, rounded_);
}

void GridFactors::lay_out(const Eigen::MatrixXd& g_siemens) {
    exact_.rows = g_siemens.rows();
    exact_.width = padded_width(g_siemens.cols());
    const std::size_t cells = count(exact_.rows, exact_.width);
    const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
    g_ = AlignedArray<double>(cells);
    g_rounded_ = AlignedArray<float>(cells);
    row_ratio_ = AlignedArray<double>(turned);
    row_ratio_rounded_ = AlignedArray<float>(turned);
    column_ratio_ = AlignedArray<double>(cells);
    column_ratio_rounded_ = AlignedArray<float>(cells);
    for (Index j = 0; j < g_siemens.cols(); ++j) {
        for (Index i = 0; i < g_siemens.rows(); ++i) {
            g_.data()[i * exact_.width + j] = g_siemens(i, j) / siemens_;
        }
    }
    exact_.g = g_.data();
    exact_.row_ratio = row_ratio_.data();
    exact_.column_ratio = column_ratio_.data();
    rounded_.rows = exact_.rows;
    rounded_.width = exact_.width;
    rounded_.g = g_rounded_.data();
    rounded_.row_ratio = row_ratio_rounded_.data();
    rounded_.column_ratio = column_ratio_rounded_.data();
}

void GridFactors::set_wires() {
    const Wires& row = circuit_.row;
    const Wires& column = circuit_.column;
    const bool open_row = row.first_ohm.array().isInf().any();
    const bool open_column = column.last_ohm.array().isInf().any();
    two_ended_ = !row.last_ohm.array().isInf().all() || !column.first_ohm.array().isInf().all();
    columns_need_finish_ = open_column || !column.first_ohm.array().isInf().all();
    varied_ = open_row || open_column || !all_equal(row.first_ohm) || !all_equal(row.between_ohm) ||
              !all_equal(column.last_ohm) || !all_equal(column.between_ohm);
    exact_.row_end_ohm = row.first_ohm(0) * siemens_;
    exact_.row_ohm = row.between_ohm.size() > 0 ? row.between_ohm(0) * siemens_ : 0;
    exact_.column_end_ohm = column.last_ohm(0) * siemens_;
    exact_.column_ohm = column.between_ohm.size() > 0 ? column.between_ohm(0) * siemens_ : 0;
    if (varied_) {
        const std::size_t cells = count(exact_.rows, exact_.width);
        const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
        row_ohms_ = AlignedArray<double>(turned);
        row_ohms_rounded_ = AlignedArray<float>(turned);
        column_ohms_ = AlignedArray<double>(cells);
        column_ohms_rounded_ = AlignedArray<float>(cells);
        exact_.row_ohms = row_ohms_.data();
        exact_.column_ohms = column_ohms_.data();
        rounded_.row_ohms = row_ohms_rounded_.data();
        rounded_.column_ohms = column_ohms_rounded_.data();
    }
    rounded_.row_ohm = static_cast<float>(exact_.row_ohm);
    rounded_.row_end_ohm = static_cast<float>(exact_.row_end_ohm);
    rounded_.column_ohm = static_cast<float>(exact_.column_ohm);
    rounded_.column_end_ohm = static_cast<float>(exact_.column_end_ohm);
}

void GridFactors::set_cells(const double* g_siemens) {
    const std::size_t cells = count(exact_.rows, exact_.width);
    const double unit = 1 / siemens_;
    for (std::size_t k = 0; k < cells; ++k) g_.data()[k] = g_siemens[k] * unit;
    factorise();
}

void GridFactors::factorise() {
    if (two_ended_) {
        factorise_rows<false>();
        factorise_columns<false>();
    } else {
        factorise_rows<true>();
        factorise_columns<true>();
    }
    const std::size_t cells = count(exact_.rows, exact_.width);
    const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
    round_to(g_, g_rounded_, cells);
    round_to(row_ratio_, row_ratio_rounded_, turned);
    round_to(column_ratio_, column_ratio_rounded_, cells);
    if (varied_) {
        round_to(row_ohms_, row_ohms_rounded_, turned);
        round_to(column_ohms_, column_ohms_rounded_, cells);
    }
}

double GridFactors::row_ohm(Index row, Index column) const {
    if (!varied_) return column > 0 ? exact_.row_ohm : exact_.row_end_ohm;
    if (row >= circuit_.rows() || column >= circuit_.columns()) return 0;
    return siemens_ *
           (column > 0 ? circuit_.row.between_ohm(row, column - 1) : circuit_.row.first_ohm(row));
}

double GridFactors::column_ohm(Index row, Index column) const {
    const bool last = row + 1 == circuit_.rows();
    if (!varied_) return last ? exact_.column_end_ohm : exact_.column_ohm;
    if (column >= circuit_.columns()) return 0;
    return siemens_ *
           (last ? circuit_.column.last_ohm(column) : circuit_.column.between_ohm(column, row));
}

// Eight rows at once, whose divisions overlap.
template <bool kPlain>
void GridFactors::factorise_rows() {
    const Index width = exact_.width;
    for (Index first = 0; first < exact_.rows; first += kPack) {
        const Index rows = std::min(kPack, exact_.rows - first);
        double* ratio = row_ratio_.data() + first * width;
        double beyond[kPack] = {};
        for (Index j = width - 1; j >= 0; --j) {
            for (Index l = 0; l < rows; ++l) {
                double ohm = row_ohm(first + l, j);
                double here = g_.data()[(first + l) * width + j] + beyond[l];
                if (!kPlain && j + 1 == circuit_.columns()) {
                    here += far_siemens(circuit_.row.last_ohm(first + l)) / siemens_;
                }
                Passed passed = pass<kPlain>(ohm, here);
                if (!kPlain && std::isinf(ohm)) {  // all that flows comes over the far end
                    ohm = 1 / here;
                    passed.ratio = 1;
                }
                if (varied_) row_ohms_.data()[first * width + j * kPack + l] = ohm;
                ratio[j * kPack + l] = passed.ratio;
                beyond[l] = passed.siemens;
            }
        }
    }
}

template <bool kPlain>
void GridFactors::factorise_columns() {
    const Index width = exact_.width;
    std::vector<double> beyond(static_cast<std::size_t>(width), 0.0);
    for (Index j = 0; !kPlain && j < circuit_.columns(); ++j) {
        beyond[static_cast<std::size_t>(j)] = far_siemens(circuit_.column.first_ohm(j)) / siemens_;
    }
    for (Index i = 0; i < exact_.rows; ++i) {
        const double* g = g_.data() + i * width;
        double* ratio = column_ratio_.data() + i * width;
        for (Index j = 0; j < width; ++j) {
            double& known = beyond[static_cast<std::size_t>(j)];
            double ohm = column_ohm(i, j);
            const double here = g[j] + known;
            Passed passed = pass<kPlain>(ohm, here);
            if (!kPlain && std::isinf(ohm)) {
                ohm = 1 / here;
                passed.ratio = 1;
            }
            if (varied_) column_ohms_.data()[i * width + j] = ohm;
            ratio[j] = passed.ratio;
            known = passed.siemens;
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
      row_estimate_(count(factors.exact().rows, 1)),
      row_change_(count(factors.exact().rows, 1)),
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

void GridWork::forget_cell_volts() {
    // find_cell_volts left v - d in h and v - d - w in w.
    double* w = w_.data();
    const double* wire = h_.data();
    for (std::size_t k = 0; k < cells(); ++k) w[k] = wire[k] - w[k];
}

}  // namespace mho::behavioral
