// SPDX-License-Identifier: Apache-2.0
// How the column currents of an ohmic array of topology A settle after a step at its inputs:
// exact first moments, a reduced model of few exponentials, and a stepping reference.
//
// With x the wires' voltage drops (behavioral/grid_passes.h), e = x - x(settled), A the nodal
// conductances and C the capacitances, A e + C e' = 0 and C e(0) is what the capacitances lack at
// the step. A is symmetric positive definite and C positive semi-definite: all modes decay.
#pragma once

#include <Eigen/Core>

#include "behavioral/array_circuit.h"

namespace mho::behavioral {

// Farad, rows x columns each, finite and >= 0.
struct ArrayCapacitance {
    Eigen::MatrixXd at_row;     // from each node of the row wires to a fixed voltage
    Eigen::MatrixXd at_column;  // from each node of the column wires to a fixed voltage
    Eigen::MatrixXd across;     // across each cell
};

ArrayCapacitance uniform_capacitance(Eigen::Index rows, Eigen::Index columns, double at_row_farad,
                                     double at_column_farad, double across_farad);

// I_j(t) = final_ampere(j) + sum over m of weight(j, m) exp(-t / time_constant(m)), t > 0, for a
// step at t = 0 of all drives from 0 to their values, everything uncharged before.
struct StepResponse {
    Eigen::VectorXd final_ampere;  // columns
    // columns: integral of final - I(t), exact but for the solver's tolerance
    Eigen::VectorXd missing_coulomb;
    // rows: integral of the driver's current minus its final one; the sum of these and of
    // missing_coulomb is the charge on the capacitances to fixed voltages
    Eigen::VectorXd extra_coulomb;
    Eigen::VectorXd time_constant_second;  // modes, falling
    Eigen::MatrixXd weight_ampere;         // columns x modes
    Eigen::Index solved_directly = 0;      // linear solves left to the sparse direct solver

    // Elmore delay: mean time of I'(t) / final, the first moment; missing_coulomb / final_ampere,
    // 0 where no charge is missing.
    Eigen::VectorXd elmore_second() const;
    double ampere(Eigen::Index column, double second) const;
    // The last time at which the column is further than `band_ampere` > 0 from its final current;
    // 0 if it never is.
    double settling_second(Eigen::Index column, double band_ampere) const;
};

struct StepOptions {
    int modes = 12;            // at most; fewer when the response has no more
    double tolerance = 1e-10;  // of each linear solve
};

// `drive_volt`: rows. Method: Lanczos on A^-1 C in the inner product of A, fully
// re-orthogonalised, from A^-1 C e(0) - block Arnoldi as in PRIMA (Odabasioglu, Celik, Pileggi,
// IEEE TCAD 17, 1998) for a symmetric pencil, where the projection's poles are real and stable by
// construction and no safeguard is needed. The first moment of every column is kept exactly, and as
// many more as there are modes. Cost: one linear solve per mode, memory 4 matrices per mode.
// Throws bad_input on wrong shapes or values, modes < 1 and a tolerance outside 1e-12 .. 1.
StepResponse step_response(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit,
                           const ArrayCapacitance& capacitance, const Eigen::VectorXd& drive_volt,
                           const StepOptions& options = {});

// The same by time steps of equal length, for tests: stiffly accurate, L-stable diagonally implicit
// Runge-Kutta of order 2 (Alexander, SIAM J. Numer. Anal. 14, 1977) with a sparse direct solver.
// Returns the column currents at step_second, 2 step_second, ..: steps x columns.
Eigen::MatrixXd stepped_response(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit,
                                 const ArrayCapacitance& capacitance,
                                 const Eigen::VectorXd& drive_volt, double step_second, int steps);

}  // namespace mho::behavioral
