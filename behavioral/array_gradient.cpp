// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_gradient.h"

#include <algorithm>
#include <cstddef>

#include "base/error.h"
#include "behavioral/aligned_array.h"
#include "behavioral/grid_work.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

class Gradient {
  public:
    Gradient(const GridSolver& solver, const GridSolveOptions& options)
        : solver_(solver),
          options_(options),
          work_(solver.factors()),
          cell_volt_(cells()),
          by_siemens_(cells()) {}

    void add(const MatrixXd& drive_volt, Index vector, const CurrentSlope& slope,
             ArrayGradient& out) {
        const Index rows = solver_.circuit().rows(), columns = solver_.circuit().columns();
        if (solve(drive_volt.row(vector).transpose(), true, out)) {
            for (Index j = 0; j < columns; ++j) {
                out.column_ampere(vector, j) = work_.column_ampere(j);
            }
            work_.copy_cell_volts(cell_volt_.data());
        } else {
            const ArrayNodes nodes = solve_directly(drive_volt.row(vector), true);
            out.column_ampere.row(vector) = nodes.column_ampere.transpose();
            laid_out(cell_volt_) = nodes.cell_volt;
        }
        const VectorXd slopes = slope(vector, out.column_ampere.row(vector).transpose());
        if (slopes.size() != columns || !slopes.allFinite()) {
            throw bad_input("slopes of input vector {}: expected {} finite values", vector,
                            columns);
        }
        if (solve(slopes, false, out)) {
            for (Index i = 0; i < rows; ++i) out.by_volt(vector, i) = work_.row_ampere(i);
            work_.add_cell_products(cell_volt_.data(), by_siemens_.data());
        } else {
            const ArrayNodes nodes = solve_directly(slopes.transpose(), false);
            out.by_volt.row(vector) = nodes.row_ampere.transpose();
            laid_out(by_siemens_) += laid_out(cell_volt_).cwiseProduct(nodes.cell_volt);
        }
    }

    MatrixXd by_siemens() { return laid_out(by_siemens_); }

  private:
    using Layout = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    // False where the tolerance is missed.
    bool solve(const VectorXd& volt, bool forward, ArrayGradient& out) {
        const Index rows = solver_.circuit().rows(), columns = solver_.circuit().columns();
        for (Index i = 0; i < rows; ++i) work_.row_volt(i) = forward ? volt(i) : 0;
        for (Index j = 0; j < columns; ++j) work_.column_volt(j) = forward ? 0 : volt(j);
        const GridOutcome outcome = work_.solve(options_.tolerance, options_.max_iterations);
        if (outcome.met) {
            out.relative_bound = std::max(out.relative_bound, outcome.relative_bound);
        } else {
            ++out.solved_directly;
        }
        return outcome.met;
    }

    ArrayNodes solve_directly(const MatrixXd& volt, bool forward) const {
        const GridSolveOptions direct{options_.tolerance, 0, true};
        return (forward ? solver_.solve(volt, direct) : solver_.solve_backward(volt, direct))
            .nodes[0];
    }

    // The cells among the solver's columns, which are filled up.
    Eigen::Map<Layout, 0, Eigen::OuterStride<>> laid_out(AlignedArray<double>& values) const {
        return {values.data(), solver_.circuit().rows(), solver_.circuit().columns(),
                Eigen::OuterStride<>(solver_.factors().exact().width)};
    }

    std::size_t cells() const {
        const GridCoefficients<double>& grid = solver_.factors().exact();
        return static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.width);
    }

    const GridSolver& solver_;
    const GridSolveOptions& options_;
    GridWork work_;
    AlignedArray<double> cell_volt_, by_siemens_;
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
