// SPDX-License-Identifier: Apache-2.0
// Gradient of a scalar of the column currents of topology A with respect to every conductance and
// every input, wires included: one more solve.
#pragma once

#include <Eigen/Core>
#include <functional>

#include "behavioral/grid_solver.h"

namespace mho::behavioral {

struct ArrayGradient {
    Eigen::MatrixXd column_ampere;     // batch x columns, as GridSolution's
    Eigen::MatrixXd by_siemens;        // rows x columns: summed over the batch
    Eigen::MatrixXd by_volt;           // batch x rows
    double relative_bound = 0;         // largest of all solves, see GridSolution
    Eigen::Index solved_directly = 0;  // of 2 batch solves
};

// dF_b / dI of input vector b at its column currents I (columns, ampere), for the scalar
// F = sum over b of F_b(I_b).
using CurrentSlope =
    std::function<Eigen::VectorXd(Eigen::Index vector, const Eigen::VectorXd& column_ampere)>;

// `drive_volt` is batch x rows. By Tellegen's theorem a change dg of a cell changes F by u a dg,
// where u is the cell's voltage and a its voltage when the read-outs are driven with dF/dI instead
// of the drivers; the currents into the drivers are then the slopes by the inputs. Zero
// conductances have slopes too. Throws bad_input as GridSolver::solve does, and on slopes of
// another size.
ArrayGradient array_gradient(const GridSolver& solver, const Eigen::MatrixXd& drive_volt,
                             const CurrentSlope& slope, const GridSolveOptions& options = {});

}  // namespace mho::behavioral
