// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_nodes.h"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/array_grid.h"
#include "behavioral/interruption.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void check_drive(const MatrixXd& drive_volt, const ArrayCircuit& circuit) {
    if (drive_volt.cols() != circuit.rows()) {
        throw bad_input("drive voltages: {} columns, expected one per row of the array ({})",
                        drive_volt.cols(), circuit.rows());
    }
    if (!drive_volt.allFinite()) throw bad_input("drive voltages: not all are finite");
}

using Factor = Eigen::SimplicialLDLT<ArrayGrid::Sparse>;

struct Currents {
    MatrixXd ampere, slope;
};

Currents currents(const CellKernel& cells, const MatrixXd& volt) {
    const RowMatrix v = volt;
    RowMatrix ampere(v.rows(), v.cols()), slope(v.rows(), v.cols());
    cells.evaluate(v.data(), ampere.data(), slope.data());
    return {ampere, slope};
}

// Newton from `drop`; each step is halved until the imbalance shrinks.
VectorXd newton(const ArrayGrid& grid, Factor& factor, const CellKernel& cells,
                const Eigen::Ref<const VectorXd>& drive, const NewtonOptions& options) {
    VectorXd drop = VectorXd::Zero(grid.unknowns());
    if (grid.unknowns() == 0) return drop;
    const auto imbalance_at = [&](const VectorXd& x) -> VectorXd {
        return grid.imbalance(x, currents(cells, grid.cell_volt(x, drive)).ampere);
    };
    VectorXd imbalance = imbalance_at(drop);
    double size = imbalance.lpNorm<Eigen::Infinity>();
    if (!std::isfinite(size)) {
        throw Error(ErrorKind::bad_result,
                    "non-linear array solve: the cells' currents at the drive are not finite");
    }
    const double small = options.tolerance * size;  // at zero drop: the cells' full currents
    for (int iteration = 0; size > small; ++iteration) {
        if (iteration == options.max_iterations) {
            throw Error(ErrorKind::bad_result,
                        fmt::format("non-linear array solve: imbalance {:.3g} A after {} "
                                    "iterations, expected {:.3g} A",
                                    size, iteration, small));
        }
        factor.factorize(grid.matrix(currents(cells, grid.cell_volt(drop, drive)).slope));
        if (factor.info() != Eigen::Success) {
            throw Error(ErrorKind::bad_result,
                        "array solve: the nodal matrix is singular to rounding");
        }
        const VectorXd step = factor.solve(imbalance);
        VectorXd next = drop + step;
        VectorXd next_imbalance = imbalance_at(next);
        for (double part = 0.5; part > 1e-6 && !(next_imbalance.lpNorm<Eigen::Infinity>() < size);
             part *= 0.5) {
            next = drop + part * step;
            next_imbalance = imbalance_at(next);
        }
        const double next_size = next_imbalance.lpNorm<Eigen::Infinity>();
        // Rounding in stiff wires may keep the balance above the bound; a step that moves nothing
        // is then as good as the number format allows.
        if (!(next_size < size) &&
            step.lpNorm<Eigen::Infinity>() <= 1e-13 * drive.lpNorm<Eigen::Infinity>()) {
            break;
        }
        if (!(next_size < size)) {
            throw Error(ErrorKind::bad_result,
                        fmt::format("non-linear array solve: imbalance stuck at {:.3g} A, "
                                    "expected {:.3g} A",
                                    size, small));
        }
        drop = next;
        imbalance = next_imbalance;
        size = next_size;
    }
    return drop;
}

}  // namespace

std::vector<ArrayNodes> solve_nodes(const MatrixXd& g_siemens, const ArrayModel& model,
                                    const MatrixXd& drive_volt) {
    check_array(g_siemens, model);
    return solve_nodes(g_siemens, ArrayCircuit(model), drive_volt);
}

std::vector<ArrayNodes> solve_nodes(const MatrixXd& g_siemens, const ArrayCircuit& circuit,
                                    const MatrixXd& drive_volt) {
    check_circuit(g_siemens, circuit);
    check_drive(drive_volt, circuit);
    const ArrayGrid grid(circuit);
    const ArrayFactor factor(grid, g_siemens);
    std::vector<ArrayNodes> solved;
    solved.reserve(static_cast<std::size_t>(drive_volt.rows()));
    for (Index b = 0; b < drive_volt.rows(); ++b) {
        stop_if_interrupted();
        const VectorXd drive = drive_volt.row(b).transpose();
        const VectorXd drop = factor.drops(drive);
        solved.push_back(
            grid.nodes(drop, drive, g_siemens.cwiseProduct(grid.cell_volt(drop, drive))));
    }
    return solved;
}

std::vector<ArrayNodes> solve_nonlinear(const MatrixXd& g_state_siemens, const ArrayModel& model,
                                        const CellLaw& law, const MatrixXd& drive_volt,
                                        const NewtonOptions& options) {
    check_array(g_state_siemens, model);
    return solve_nonlinear(CardCells{g_state_siemens, law}, ArrayCircuit(model), drive_volt,
                           options);
}

std::vector<ArrayNodes> solve_nonlinear(const CellArray& cells, const ArrayCircuit& circuit,
                                        const MatrixXd& drive_volt, const NewtonOptions& options) {
    check_circuit(MatrixXd::Zero(circuit.rows(), circuit.columns()), circuit);
    check_cells(cells, circuit.rows(), circuit.columns());
    check_drive(drive_volt, circuit);
    const ArrayGrid grid(circuit);
    const CellKernel kernel(cells, circuit.columns());
    Factor factor;
    if (grid.unknowns() > 0) factor.analyzePattern(grid.matrix(small_signal_siemens(cells)));
    std::vector<ArrayNodes> solved;
    solved.reserve(static_cast<std::size_t>(drive_volt.rows()));
    for (Index b = 0; b < drive_volt.rows(); ++b) {
        stop_if_interrupted();
        const VectorXd drive = drive_volt.row(b).transpose();
        const VectorXd drop = newton(grid, factor, kernel, drive, options);
        solved.push_back(
            grid.nodes(drop, drive, currents(kernel, grid.cell_volt(drop, drive)).ampere));
    }
    return solved;
}

}  // namespace mho::behavioral
