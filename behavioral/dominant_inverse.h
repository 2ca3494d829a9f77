// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

namespace mho::behavioral {

// Inverse of the symmetric matrix A with A(j,k) = -coupling(j,k) for j != k and
// A(j,j) = excess(j) + sum over k of coupling(j,k): the nodal matrix of a resistor network with
// conductances `coupling` between its nodes (n x n, symmetric, >= 0, zero diagonal) and `excess`
// (n, > 0) to ground. All entries of the inverse are >= 0 and accurate relative to themselves, not
// only to the largest: nothing is ever subtracted that could cancel. Replaces `coupling` by the
// inverse. Throws Error(bad_result) when a value overflows.
void invert_dominant(Eigen::MatrixXd& coupling, const Eigen::VectorXd& excess);

}  // namespace mho::behavioral
