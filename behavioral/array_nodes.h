// SPDX-License-Identifier: Apache-2.0
// Reference solver of one array: every node of topology A (ArrayModel in behavioral/card.h), sparse
// direct, double precision. Plain rather than fast; behavioral/effective_matrix.h is tested
// against it.
//
// The unknowns are voltage drops, not voltages: d = drive - row node, w = column node. Kirchhoff's
// laws then read L_row d = I, L_col w = I with I = cell(drive - d - w) and wire Laplacians L, so
// that small drops keep all their digits and zero resistances need no stand-in: nodes without
// resistance between them are one unknown, or none where they touch a source or ground.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/array_circuit.h"
#include "behavioral/card.h"
#include "behavioral/cell_array.h"

namespace mho::behavioral {

// One solved input vector. Voltages are relative to the read-out's virtual ground.
struct ArrayNodes {
    Eigen::MatrixXd row_volt;       // rows x columns: row wire at each crossing
    Eigen::MatrixXd column_volt;    // rows x columns: column wire at each crossing
    Eigen::MatrixXd cell_volt;      // rows x columns: row wire minus column wire
    Eigen::VectorXd row_ampere;     // out of each driver into its row
    Eigen::VectorXd column_ampere;  // out of each column into its read-out
};

// Ohmic cells of conductance `g_siemens` (rows x columns, 0 = open), driven with each row of
// `drive_volt` (batch x rows). Residual at rounding level. Throws bad_input on wrong shapes,
// negative or non-finite values.
std::vector<ArrayNodes> solve_nodes(const Eigen::MatrixXd& g_siemens, const ArrayModel& model,
                                    const Eigen::MatrixXd& drive_volt);
// The same for wires of any kind; currents of both ends of a wire are added.
std::vector<ArrayNodes> solve_nodes(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit,
                                    const Eigen::MatrixXd& drive_volt);

struct NewtonOptions {
    int max_iterations = 60;
    // Stop when no node's current balance is off by more than this part of the largest cell
    // current the drive could cause.
    double tolerance = 1e-13;
};

// The same with non-linear cells: `g_state_siemens` are resistor conductances and `law` the cell.
// Damped Newton from the linear solution; throws Error(bad_result) when it does not converge.
std::vector<ArrayNodes> solve_nonlinear(const Eigen::MatrixXd& g_state_siemens,
                                        const ArrayModel& model, const CellLaw& law,
                                        const Eigen::MatrixXd& drive_volt,
                                        const NewtonOptions& options = {});
// The same for any cell law (behavioral/cell_array.h) and wires of any kind.
std::vector<ArrayNodes> solve_nonlinear(const CellArray& cells, const ArrayCircuit& circuit,
                                        const Eigen::MatrixXd& drive_volt,
                                        const NewtonOptions& options = {});

}  // namespace mho::behavioral
