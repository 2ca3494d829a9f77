// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::calibrate {

// A column of a programmed array as a formula of its row levels u_i, volt about the common mode:
//   i = offset + sum_i (linear_i u_i + square_i u_i^2), ampere into the read-out.
struct ColumnCoefficients {
    Eigen::VectorXd linear;  // rows, ampere per volt
    Eigen::VectorXd square;  // rows, ampere per square volt
    double offset_ampere = 0;
};

// From the same maps as behavioral::compile_tile. `states`: array.rows x array.columns, siemens.
// Throws bad_input on a bad card, wrong shapes or a column that is not there.
ColumnCoefficients column_coefficients(const behavioral::ModelCard& card,
                                       const Eigen::MatrixXd& states, Eigen::Index column);

}  // namespace mho::calibrate
