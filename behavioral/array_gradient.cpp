// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_gradient.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "behavioral/grid_work.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// One solved vector: its source's currents at either end, and the voltages over all cells.
struct Solved {
    VectorXd row_ampere, column_ampere;
    RowMatrix cell_volt;
};

class Gradient {
  public:
    Gradient(const GridSolver& solver, const GridSolveOptions& options)
        : solver_(solver), options_(options), work_(solver.factors()) {
        const Index rows = solver.circuit().rows(), columns = solver.circuit().columns();
        for (Solved* solved : {&forward_, &backward_}) {
            solved->row_ampere.resize(rows);
            solved->column_ampere.resize(columns);
            solved->cell_volt.resize(rows, columns);
        }
        by_siemens_.setZero(rows, columns);
    }

    void add(const MatrixXd& drive_volt, Index vector, const CurrentSlope& slope,
             ArrayGradient& out) {
        solve(drive_volt.row(vector).transpose(), true, forward_, out);
        const VectorXd slopes = slope(vector, forward_.column_ampere);
        if (slopes.size() != solver_.circuit().columns() || !slopes.allFinite()) {
            throw bad_input("slopes of input vector {}: expected {} finite values", vector,
                            solver_.circuit().columns());
        }
        solve(slopes, false, backward_, out);
        out.column_ampere.row(vector) = forward_.column_ampere.transpose();
        out.by_volt.row(vector) = backward_.row_ampere.transpose();
        by_siemens_ += forward_.cell_volt.cwiseProduct(backward_.cell_volt);
    }

    const RowMatrix& by_siemens() const { return by_siemens_; }

  private:
    void solve(const VectorXd& volt, bool forward, Solved& solved, ArrayGradient& out) {
        const Index rows = solver_.circuit().rows(), columns = solver_.circuit().columns();
        for (Index i = 0; i < rows; ++i) work_.row_volt(i) = forward ? volt(i) : 0;
        for (Index j = 0; j < columns; ++j) work_.column_volt(j) = forward ? 0 : volt(j);
        const GridOutcome outcome = work_.solve(options_.tolerance, options_.max_iterations);
        if (!outcome.met) {
            solve_directly(volt, forward, solved);
            ++out.solved_directly;
            return;
        }
        out.relative_bound = std::max(out.relative_bound, outcome.relative_bound);
        for (Index i = 0; i < rows; ++i) solved.row_ampere(i) = work_.row_ampere(i);
        for (Index j = 0; j < columns; ++j) solved.column_ampere(j) = work_.column_ampere(j);
        work_.find_cell_volts();
        for (Index i = 0; i < rows; ++i) {
            for (Index j = 0; j < columns; ++j) solved.cell_volt(i, j) = work_.cell_volt(i, j);
        }
    }

    void solve_directly(const VectorXd& volt, bool forward, Solved& solved) const {
        const GridSolveOptions direct{options_.tolerance, 0, true};
        const ArrayNodes nodes = (forward ? solver_.solve(volt.transpose(), direct)
                                          : solver_.solve_backward(volt.transpose(), direct))
                                     .nodes[0];
        solved = {nodes.row_ampere, nodes.column_ampere, nodes.cell_volt};
    }

    const GridSolver& solver_;
    const GridSolveOptions& options_;
    GridWork work_;
    Solved forward_, backward_;
    RowMatrix by_siemens_;
};

}  // namespace

ArrayGradient array_gradient(const GridSolver& solver, const MatrixXd& drive_volt,
                             const CurrentSlope& slope, const GridSolveOptions& options) {
    check_request(drive_volt, solver.circuit().rows(), options);
    ArrayGradient out;
    out.column_ampere.resize(drive_volt.rows(), solver.circuit().columns());
    out.by_volt.resize(drive_volt.rows(), solver.circuit().rows());
    Gradient gradient(solver, options);
    for (Index b = 0; b < drive_volt.rows(); ++b) gradient.add(drive_volt, b, slope, out);
    out.by_siemens = gradient.by_siemens();
    return out;
}

}  // namespace mho::behavioral
