// SPDX-License-Identifier: Apache-2.0
#include "behavioral/nonlinear_solver.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "behavioral/grid_solver.h"
#include "behavioral/grid_work.h"
#include "behavioral/interruption.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kInnerIterations = 300;
constexpr double kSmallestPart = 1.0 / 256;

// slope and source of the linear cells that touch the law at `volt`.
MHO_SIMD_CLONES void linearise(Index count, const double* volt, const double* ampere, double* slope,
                               double* source) {
    MHO_INDEPENDENT_ITERATIONS
    for (Index k = 0; k < count; ++k) {
        slope[k] = slope[k] > 0 ? slope[k] : 0;
        source[k] = ampere[k] - slope[k] * volt[k];
    }
}

// to = from + part (target - from)
MHO_SIMD_CLONES void go(Index count, double part, const double* from, const double* target,
                        double* to) {
    MHO_INDEPENDENT_ITERATIONS
    for (Index k = 0; k < count; ++k) to[k] = from[k] + part * (target[k] - from[k]);
}

MHO_SIMD_CLONES double distance(Index count, const double* a, const double* b) {
    double sums[8] = {};
    for (Index k = 0; k < count; k += 8) {  // rows are whole packs of eight
        for (Index l = 0; l < 8; ++l) sums[l] += std::abs(a[k + l] - b[k + l]);
    }
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

// The cells somewhere on Newton's way: voltages, what the wires carry, what the cells' law says.
struct CellState {
    AlignedArray<double> volt, wired, ampere, slope;
    double off = 0;  // sum of |wired - ampere|

    explicit CellState(std::size_t cells)
        : volt(cells), wired(cells), ampere(cells), slope(cells) {}
};

class Newton {
  public:
    Newton(const CellArray& cells, const ArrayCircuit& circuit, const NonlinearOptions& options)
        : options_(options),
          factors_(small_signal_siemens(cells).cwiseMax(0), circuit),
          work_(factors_),
          width_(factors_.exact().width),
          count_(factors_.exact().rows * width_),
          kernel_(cells, width_),
          here_(size()),
          next_(size()),
          target_volt_(size()),
          target_wired_(size()),
          source_(size()) {}

    // False where it does not converge.
    bool solve(const Eigen::Ref<const VectorXd>& drive) {
        start_from_last_drops(drive);
        steps_ = 0;
        residual_ = std::numeric_limits<double>::infinity();
        double tolerance = 1e-3;
        while (steps_ < options_.max_newton_steps) {
            ++steps_;
            if (!linear_step(tolerance)) break;
            const double part = steps_ == 1 ? take_whole() : search();
            if (!(part > 0)) break;
            std::swap(here_, next_);
            residual_ = linear_bound_ + 2 * here_.off / delivered_;
            if (here_.off == 0 && linear_bound_ == 0) residual_ = 0;
            if (part == 1 && residual_ <= options_.tolerance) return true;
            if (!std::isfinite(residual_)) break;
            tolerance = std::clamp(residual_ * residual_, 0.2 * options_.tolerance, 1e-3);
        }
        valid_ = false;
        return false;
    }

    const GridWork& work() const { return work_; }
    double residual() const { return residual_; }
    int steps() const { return steps_; }
    int inner_iterations() const { return inner_; }
    double cell_volt(Index i, Index j) const { return here_.volt.data()[i * width_ + j]; }
    double row_drop(Index i, Index j) const { return work_.row_wire_volt(i, j); }

  private:
    std::size_t size() const { return static_cast<std::size_t>(count_); }

    void start_from_last_drops(const Eigen::Ref<const VectorXd>& drive) {
        if (drive.isZero(0)) valid_ = false;  // its exact solution is the zero that it starts from
        for (Index i = 0; i < drive.size(); ++i) {
            double* volt = here_.volt.data() + i * width_;
            const double change = valid_ ? drive(i) - work_.row_volt(i) : drive(i);
            for (Index j = 0; j < width_; ++j) volt[j] = valid_ ? volt[j] + change : change;
            work_.row_volt(i) = drive(i);
        }
        start_ = valid_ ? GridWork::Start::from_last : GridWork::Start::from_zero;
        valid_ = true;
        kernel_.evaluate(here_.volt.data(), here_.ampere.data(), here_.slope.data());
    }

    // Voltages and currents of the linear array that touches the law at here_.
    bool linear_step(double tolerance) {
        double* slope = here_.slope.data();
        double* source = source_.data();
        linearise(count_, here_.volt.data(), here_.ampere.data(), slope, source);
        factors_.set_cells(slope);
        const double unit = 1 / factors_.siemens();
        double* scaled = target_wired_.data();
        for (Index k = 0; k < count_; ++k) scaled[k] = source[k] * unit;
        work_.set_sources(scaled, scaled);
        const GridOutcome outcome = work_.solve(tolerance, kInnerIterations, start_);
        start_ = GridWork::Start::from_last;
        inner_ += outcome.iterations;
        if (!outcome.met) return false;
        linear_bound_ = outcome.relative_bound;
        delivered_ = 0;
        for (Index i = 0; i < factors_.exact().rows; ++i) {
            delivered_ += std::abs(work_.row_ampere(i));
        }
        work_.find_cell_volts();
        std::copy_n(work_.cell_volts(), count_, target_volt_.data());
        work_.forget_cell_volts();
        double* wired = target_wired_.data();
        const double* volt = target_volt_.data();
        for (Index k = 0; k < count_; ++k) wired[k] = source[k] + slope[k] * volt[k];
        return true;
    }

    void go_to(double part) {
        go(count_, part, here_.volt.data(), target_volt_.data(), next_.volt.data());
        go(count_, part, here_.wired.data(), target_wired_.data(), next_.wired.data());
        evaluate_next();
    }

    void evaluate_next() {
        kernel_.evaluate(next_.volt.data(), next_.ampere.data(), next_.slope.data());
        next_.off = distance(count_, next_.wired.data(), next_.ampere.data());
    }

    // At the first step nothing is known that wires could carry: there is no way back.
    double take_whole() {
        std::copy_n(target_volt_.data(), count_, next_.volt.data());
        std::copy_n(target_wired_.data(), count_, next_.wired.data());
        evaluate_next();
        return 1;
    }

    double search() {
        for (double part = 1; part >= kSmallestPart; part *= 0.5) {
            if (part == 1) {
                take_whole();
            } else {
                go_to(part);
            }
            // What is left is the linear solve's: at rounding the disagreement falls no more.
            const bool small = part == 1 && 2 * next_.off / delivered_ <= options_.tolerance;
            if (small || next_.off < (1 - 0.1 * part) * here_.off) return part;
        }
        return 0;
    }

    const NonlinearOptions& options_;
    GridFactors factors_;
    GridWork work_;
    Index width_, count_;
    CellKernel kernel_;
    CellState here_, next_;
    AlignedArray<double> target_volt_, target_wired_, source_;
    GridWork::Start start_ = GridWork::Start::from_zero;
    bool valid_ = false;  // here_ and the work space hold a solution
    double linear_bound_ = 0, delivered_ = 0, residual_ = 0;
    int steps_ = 0, inner_ = 0;
};

class NonlinearRun {
  public:
    NonlinearRun(const CellArray& cells, const ArrayCircuit& circuit, const MatrixXd& drive,
                 const NonlinearOptions& options)
        : cells_(cells), circuit_(circuit), drive_(drive), options_(options) {
        out_.column_ampere.resize(drive.rows(), circuit.columns());
        out_.row_ampere.resize(drive.rows(), circuit.rows());
        out_.relative_residual.setZero(drive.rows());
        if (options.nodes) out_.nodes.resize(static_cast<std::size_t>(drive.rows()));
    }

    NonlinearSolution all() {
        Newton newton(cells_, circuit_, options_);
        for (Index b = 0; b < drive_.rows(); ++b) {
            stop_if_interrupted();
            const bool found = newton.solve(drive_.row(b).transpose());
            out_.newton_steps = std::max(out_.newton_steps, newton.steps());
            if (found) {
                store(newton, b);
            } else {
                solve_directly(b);
            }
        }
        out_.inner_iterations = newton.inner_iterations();
        return std::move(out_);
    }

  private:
    void store(const Newton& newton, Index b) {
        for (Index i = 0; i < circuit_.rows(); ++i) {
            out_.row_ampere(b, i) = newton.work().row_ampere(i);
        }
        for (Index j = 0; j < circuit_.columns(); ++j) {
            out_.column_ampere(b, j) = newton.work().column_ampere(j);
        }
        out_.relative_residual(b) = newton.residual();
        if (!options_.nodes) return;
        ArrayNodes& nodes = out_.nodes[static_cast<std::size_t>(b)];
        nodes.row_volt.resize(circuit_.rows(), circuit_.columns());
        nodes.column_volt = nodes.cell_volt = nodes.row_volt;
        for (Index j = 0; j < circuit_.columns(); ++j) {
            for (Index i = 0; i < circuit_.rows(); ++i) {
                nodes.row_volt(i, j) = newton.row_drop(i, j);
                nodes.cell_volt(i, j) = newton.cell_volt(i, j);
            }
        }
        nodes.column_volt = nodes.row_volt - nodes.cell_volt;
        nodes.row_ampere = out_.row_ampere.row(b).transpose();
        nodes.column_ampere = out_.column_ampere.row(b).transpose();
    }

    void solve_directly(Index b) {
        ArrayNodes nodes = solve_nonlinear(cells_, circuit_, drive_.row(b))[0];
        out_.column_ampere.row(b) = nodes.column_ampere.transpose();
        out_.row_ampere.row(b) = nodes.row_ampere.transpose();
        ++out_.solved_directly;
        if (options_.nodes) out_.nodes[static_cast<std::size_t>(b)] = std::move(nodes);
    }

    const CellArray& cells_;
    const ArrayCircuit& circuit_;
    const MatrixXd& drive_;
    const NonlinearOptions& options_;
    NonlinearSolution out_;
};

}  // namespace

NonlinearSolution solve_nonlinear_fast(const CellArray& cells, const ArrayCircuit& circuit,
                                       const MatrixXd& drive_volt,
                                       const NonlinearOptions& options) {
    check_circuit(MatrixXd::Zero(circuit.rows(), circuit.columns()), circuit);
    check_cells(cells, circuit.rows(), circuit.columns());
    check_request(drive_volt, circuit.rows(), {options.tolerance, options.max_newton_steps, false});
    return NonlinearRun(cells, circuit, drive_volt, options).all();
}

}  // namespace mho::behavioral
