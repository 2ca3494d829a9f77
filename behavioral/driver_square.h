// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// rows x columns: ampere into read-out j per square volt on driver i, the even-order part of the
// column currents that comes from drivers whose resistance changes with their level.
//
// To first order a driver of R (1 + a v) in place of R, that delivers y v, loses a R y v^2 more:
// its row acts as driven with v (1 - a R y v). y_i is taken as the sum of row i of
// `column_ampere_per_volt` (ArrayResponse), which leaves out the current that flows back through
// other rows; with read-outs near a virtual ground it is a small part.
Eigen::MatrixXd square_response(const Eigen::MatrixXd& column_ampere_per_volt, double driver_ohm,
                                double resistance_per_volt);

}  // namespace mho::behavioral
