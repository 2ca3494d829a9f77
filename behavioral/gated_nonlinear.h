// SPDX-License-Identifier: Apache-2.0
// Topologies B and C (behavioral/gated_nodes.h) with non-linear cells: Newton whose linear systems
// are solved directly, row by row, at a cost of some hundred operations per cell and step.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/cell_array.h"
#include "behavioral/gated_nodes.h"
#include "behavioral/nonlinear_solver.h"

namespace mho::behavioral {

struct GatedNonlinearSolution {
    Eigen::MatrixXd column_ampere;  // batch x columns
    // Per gate vector, worst of its columns: sum of |current that violates Kirchhoff's law| over
    // all nodes of a column, as a part of the currents of its cells.
    Eigen::VectorXd relative_residual;
    int newton_steps = 0;           // most that any column took
    std::vector<GatedNodes> nodes;  // empty unless asked for
};

// Topology B: `gates` batch x rows of 0 and 1. The law sees source line minus bitline.
//
// Method: with x the drops of the lines at a row (source, bitline; three for C), K the slopes of
// the cells there and Z the segments, what lies beyond row k is Y_k = K_k + Y_{k+1} M_{k+1} and
// h_k = b_k + M_{k+1}^T h_{k+1} with M = (I + Z Y)^-1, from the read-out to the supply; then
// x_k = M_k (x_{k-1} + Z h_k) back. Zero resistances need no special case. Each column starts from
// the drops of the vector before. Throws bad_input as solve_gated does, and Error(bad_result) when
// a column does not converge.
GatedNonlinearSolution solve_gated_nonlinear(const CellArray& cells, const ArrayModel& model,
                                             const Eigen::MatrixXd& gates, double read_volt,
                                             const NonlinearOptions& options = {});
GatedNonlinearSolution solve_gated_nonlinear(const CellArray& cells, const GatedCircuit& circuit,
                                             const Eigen::MatrixXd& gates, double read_volt,
                                             const NonlinearOptions& options = {});

// Topology C. The negative cells' law sees their source line minus the bitline too: minus the
// read voltage, at the ends.
GatedNonlinearSolution solve_interleaved_nonlinear(const CellArray& positive,
                                                   const CellArray& negative,
                                                   const ArrayModel& model,
                                                   const Eigen::MatrixXd& gates, double read_volt,
                                                   const NonlinearOptions& options = {});
GatedNonlinearSolution solve_interleaved_nonlinear(const CellArray& positive,
                                                   const CellArray& negative,
                                                   const GatedCircuit& circuit,
                                                   const Eigen::MatrixXd& gates, double read_volt,
                                                   const NonlinearOptions& options = {});

}  // namespace mho::behavioral
