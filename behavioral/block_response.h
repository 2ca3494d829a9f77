// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// Conductances between the terminals of an array, all of them >= 0: drivers first (rows), then
// read-outs (columns), symmetric, with a zero diagonal. Both wires need resistance in their
// segments.
//
// Method (nested dissection with dense blocks): a block of cells is known by the conductances
// between its ports, which are the wires' ends at its four sides; sides at which the array's wires
// end have none. Two blocks side by side share the ports between them, and these are eliminated:
// with C the conductances of both and S the diagonally dominant matrix of the shared ports,
// C_EE += C_ES S^-1 C_SE. Conductances are only ever added, multiplied and divided, by Cholesky
// where the shared ports are held well enough by the others and by positive sums where not, so each
// one is accurate relative to itself. Terminations are part of the outermost segments.
//
// Cost: about 40 n^3 multiply-adds for n x n cells, most of them in matrix products; memory about
// 30 n^2 numbers.
Eigen::MatrixXd block_response(const Eigen::MatrixXd& g_siemens, const ArrayModel& model);

}  // namespace mho::behavioral
