// SPDX-License-Identifier: Apache-2.0
// Fast solver of topology A with non-linear cells: damped Newton whose linear systems go to the
// line solver of behavioral/grid_solver.h.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/array_circuit.h"
#include "behavioral/array_nodes.h"
#include "behavioral/cell_array.h"

namespace mho::behavioral {

struct NonlinearOptions {
    double tolerance = 1e-6;  // on NonlinearSolution::relative_residual
    int max_newton_steps = 40;
    bool nodes = false;  // also tell all node voltages
};

struct NonlinearSolution {
    Eigen::MatrixXd column_ampere;  // batch x columns: into each read-out
    Eigen::MatrixXd row_ampere;     // batch x rows: out of each driver
    // Per input vector: the sum of |current that violates Kirchhoff's law| over all nodes, with the
    // cells' own currents at the found voltages, is at most this part of the sum of the drivers'
    // |currents|. Where the cells' currents rise with their voltage, the errors of all column
    // currents together are at most this part too: such a network passes on no more of an injected
    // current than itself.
    Eigen::VectorXd relative_residual;
    int newton_steps = 0;              // most that any vector took
    int inner_iterations = 0;          // conjugate gradients of all vectors together
    Eigen::Index solved_directly = 0;  // vectors left to solve_nonlinear, whose residual is 0 here
    std::vector<ArrayNodes> nodes;     // empty unless asked for
};

// Newton: cells are replaced by slope s >= 0 and current I(v) - s v at the voltages v found last;
// the linear array with those is solved; of the way to its voltages the largest part 1, 1/2, 1/4 ..
// is taken at which the cells' currents disagree less with the wires'. That sum falls with the
// first order of the part wherever slopes are not negative. Each vector starts from the drops of
// the one before, so a result depends on its place in the batch within the tolerance. A vector that
// does not converge is left to solve_nonlinear of behavioral/array_nodes.h.
//
// Cost per vector: a few Newton steps (3 to 5 for mild laws), each a factorisation of all lines and
// a few sweeps. Throws bad_input on wrong shapes, values that are not finite and a tolerance
// outside 1e-12 .. 1; Error(bad_result) when the direct solver fails too.
NonlinearSolution solve_nonlinear_fast(const CellArray& cells, const ArrayCircuit& circuit,
                                       const Eigen::MatrixXd& drive_volt,
                                       const NonlinearOptions& options = {});

}  // namespace mho::behavioral
