// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_solver.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/grid_work.h"
#include "behavioral/interruption.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

enum class Direction { forward, backward };

class Run {
  public:
    Run(const GridSolver& solver, const MatrixXd& volt, const GridSolveOptions& options,
        Direction direction)
        : solver_(solver),
          volt_(volt),
          options_(options),
          forward_(direction == Direction::forward) {
        out_.column_ampere.resize(volt.rows(), solver.circuit().columns());
        out_.row_ampere.resize(volt.rows(), solver.circuit().rows());
        out_.relative_bound.setZero(volt.rows());
        if (options.nodes) out_.nodes.resize(static_cast<std::size_t>(volt.rows()));
    }

    GridSolution all() {
        GridWork work(solver_.factors());
        for (Index b = 0; b < volt_.rows(); ++b) {
            stop_if_interrupted();
            solve(work, b);
        }
        return std::move(out_);
    }

  private:
    void solve(GridWork& work, Index vector) {
        for (Index n = 0; n < volt_.cols(); ++n) {
            (forward_ ? work.row_volt(n) : work.column_volt(n)) = volt_(vector, n);
        }
        const GridOutcome outcome = work.solve(options_.tolerance, options_.max_iterations);
        out_.iterations = std::max(out_.iterations, outcome.iterations);
        if (!outcome.met) {
            solve_directly(vector);
            return;
        }
        for (Index j = 0; j < out_.column_ampere.cols(); ++j) {
            out_.column_ampere(vector, j) = work.column_ampere(j);
        }
        for (Index i = 0; i < out_.row_ampere.cols(); ++i) {
            out_.row_ampere(vector, i) = work.row_ampere(i);
        }
        out_.relative_bound(vector) = outcome.relative_bound;
        if (options_.nodes) {
            work.find_cell_volts();
            store_nodes(work, vector);
        }
    }

    void store_nodes(const GridWork& work, Index vector) {
        const Index rows = solver_.g_siemens().rows(), columns = solver_.g_siemens().cols();
        ArrayNodes& nodes = out_.nodes[static_cast<std::size_t>(vector)];
        nodes.row_volt.resize(rows, columns);
        nodes.column_volt.resize(rows, columns);
        nodes.cell_volt.resize(rows, columns);
        for (Index j = 0; j < columns; ++j) {
            for (Index i = 0; i < rows; ++i) {
                const double cell = work.cell_volt(i, j);
                const double wire = work.row_wire_volt(i, j);
                nodes.cell_volt(i, j) = cell;
                nodes.row_volt(i, j) = forward_ ? wire : volt_(vector, j) - wire;
                nodes.column_volt(i, j) = nodes.row_volt(i, j) + (forward_ ? -cell : cell);
            }
        }
        nodes.row_ampere = out_.row_ampere.row(vector).transpose();
        nodes.column_ampere = out_.column_ampere.row(vector).transpose();
    }

    void solve_directly(Index vector) {
        ArrayNodes nodes;
        if (forward_) {
            nodes = solve_nodes(solver_.g_siemens(), solver_.circuit(), volt_.row(vector))[0];
        } else {
            const ArrayNodes there =
                solve_nodes(solver_.g_siemens().transpose(), solver_.circuit().exchanged(),
                            volt_.row(vector))[0];
            nodes.row_volt = there.column_volt.transpose();
            nodes.column_volt = there.row_volt.transpose();
            nodes.cell_volt = there.cell_volt.transpose();
            nodes.row_ampere = there.column_ampere;
            nodes.column_ampere = there.row_ampere;
        }
        out_.column_ampere.row(vector) = nodes.column_ampere.transpose();
        out_.row_ampere.row(vector) = nodes.row_ampere.transpose();
        out_.relative_bound(vector) = 0;
        ++out_.solved_directly;
        if (options_.nodes) out_.nodes[static_cast<std::size_t>(vector)] = std::move(nodes);
    }

    const GridSolver& solver_;
    const MatrixXd& volt_;
    const GridSolveOptions& options_;
    bool forward_;
    GridSolution out_;
};

}  // namespace

void check_request(const MatrixXd& volt, Index sources, const GridSolveOptions& options) {
    if (volt.cols() != sources) {
        throw bad_input("source voltages: {} columns, expected one per source ({})", volt.cols(),
                        sources);
    }
    if (!volt.allFinite()) throw bad_input("source voltages: not all are finite");
    if (!(options.tolerance >= 1e-12 && options.tolerance <= 1)) {
        throw bad_input("array solve: tolerance {}, expected 1e-12 to 1", options.tolerance);
    }
    if (options.max_iterations < 0) {
        throw bad_input("array solve: {} iterations, expected 0 or more", options.max_iterations);
    }
}

GridSolver::GridSolver(const MatrixXd& g_siemens, const ArrayModel& model) : g_siemens_(g_siemens) {
    check_array(g_siemens, model);
    factors_ = std::make_unique<const GridFactors>(g_siemens, ArrayCircuit(model));
}
GridSolver::GridSolver(const MatrixXd& g_siemens, const ArrayCircuit& circuit)
    : g_siemens_(g_siemens) {
    check_circuit(g_siemens, circuit);
    factors_ = std::make_unique<const GridFactors>(g_siemens, circuit);
}
GridSolver::~GridSolver() = default;
GridSolver::GridSolver(GridSolver&&) noexcept = default;
GridSolver& GridSolver::operator=(GridSolver&&) noexcept = default;

const ArrayCircuit& GridSolver::circuit() const {
    return factors_->circuit();
}

GridSolution GridSolver::solve(const MatrixXd& drive_volt, const GridSolveOptions& options) const {
    check_request(drive_volt, circuit().rows(), options);
    return Run(*this, drive_volt, options, Direction::forward).all();
}

GridSolution GridSolver::solve_backward(const MatrixXd& readout_volt,
                                        const GridSolveOptions& options) const {
    check_request(readout_volt, circuit().columns(), options);
    return Run(*this, readout_volt, options, Direction::backward).all();
}

}  // namespace mho::behavioral
