// SPDX-License-Identifier: Apache-2.0
#include "behavioral/injection_solver.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kIterations = 300;

}  // namespace

InjectionSolver::InjectionSolver(const MatrixXd& g_siemens, const ArrayCircuit& circuit,
                                 double tolerance)
    : g_(g_siemens),
      circuit_(circuit),
      tolerance_(tolerance),
      factors_(g_siemens, circuit),
      work_(factors_),
      row_source_(static_cast<std::size_t>(factors_.exact().rows * factors_.exact().width)),
      column_source_(static_cast<std::size_t>(factors_.exact().rows * factors_.exact().width)) {}

Drops InjectionSolver::inject(const MatrixXd& out_of_rows, const MatrixXd& into_columns) {
    for (Index i = 0; i < g_.rows(); ++i) work_.row_volt(i) = 0;
    for (Index j = 0; j < g_.cols(); ++j) work_.column_volt(j) = 0;
    return run(&out_of_rows, &into_columns);
}

Drops InjectionSolver::drive(const VectorXd& row_volt) {
    for (Index i = 0; i < g_.rows(); ++i) work_.row_volt(i) = row_volt(i);
    for (Index j = 0; j < g_.cols(); ++j) work_.column_volt(j) = 0;
    return run(nullptr, nullptr);
}

Drops InjectionSolver::drive_readout(Index column) {
    for (Index i = 0; i < g_.rows(); ++i) work_.row_volt(i) = 0;
    for (Index j = 0; j < g_.cols(); ++j) work_.column_volt(j) = j == column ? 1 : 0;
    return run(nullptr, nullptr);
}

Drops InjectionSolver::run(const MatrixXd* out_of_rows, const MatrixXd* into_columns) {
    const Index rows = g_.rows(), columns = g_.cols(), width = factors_.exact().width;
    if (out_of_rows != nullptr) {
        const double unit = 1 / factors_.siemens();
        double reference = 0;
        for (Index i = 0; i < rows; ++i) {
            for (Index j = 0; j < columns; ++j) {
                const double out = unit * (*out_of_rows)(i, j), in = unit * (*into_columns)(i, j);
                row_source_.data()[i * width + j] = out;
                column_source_.data()[i * width + j] = in;
                reference += std::abs(out) + std::abs(in);
            }
        }
        work_.set_sources(row_source_.data(), column_source_.data(), reference);
    } else {
        work_.set_sources(nullptr, nullptr);
    }
    if (!work_.solve(tolerance_, kIterations).met) {
        ++solved_directly_;
        return directly(out_of_rows, into_columns);
    }
    Drops found{MatrixXd(rows, columns), MatrixXd(rows, columns), VectorXd(rows),
                VectorXd(columns)};
    for (Index i = 0; i < rows; ++i) found.row_ampere(i) = work_.row_ampere(i);
    for (Index j = 0; j < columns; ++j) found.column_ampere(j) = work_.column_ampere(j);
    const double* column = work_.column_drops();
    for (Index j = 0; j < columns; ++j) {
        for (Index i = 0; i < rows; ++i) found.column(i, j) = column[i * width + j];
    }
    work_.find_cell_volts();
    for (Index j = 0; j < columns; ++j) {
        for (Index i = 0; i < rows; ++i) {
            found.row(i, j) = work_.row_volt(i) + work_.column_volt(j) - work_.row_wire_volt(i, j);
        }
    }
    return found;
}

Drops InjectionSolver::directly(const MatrixXd* out_of_rows, const MatrixXd* into_columns) {
    const ArrayGrid grid(circuit_);
    const ArrayFactor factor(grid, g_);
    const MatrixXd none = MatrixXd::Zero(g_.rows(), g_.cols());
    const MatrixXd& out = out_of_rows != nullptr ? *out_of_rows : none;
    const MatrixXd& in = into_columns != nullptr ? *into_columns : none;
    // Voltages of the sources as currents through the cells, which see them whole.
    MatrixXd driven = none;
    for (Index i = 0; i < g_.rows(); ++i) {
        for (Index j = 0; j < g_.cols(); ++j) {
            driven(i, j) = g_(i, j) * (work_.row_volt(i) + work_.column_volt(j));
        }
    }
    const VectorXd rest = VectorXd::Zero(g_.rows());
    const VectorXd injected = grid.gather(out + driven, in + driven);
    const VectorXd drop = factor.drops(rest, &injected);
    const MatrixXd cells = g_.cwiseProduct(grid.cell_volt(drop, rest)) + driven;
    const ArrayNodes nodes = grid.nodes(drop, rest, cells);
    return {-nodes.row_volt, nodes.column_volt, grid.row_ampere(drop, cells + out),
            grid.column_ampere(drop, cells + in)};
}

}  // namespace mho::behavioral
