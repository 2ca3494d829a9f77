// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// Resistances below it, but 0, are refused: their conductance would leave the range of numbers.
inline constexpr double kSmallestOhm = 1e-300;

// Throws bad_input unless `g` (siemens) is model.rows x model.columns, at least 1 x 1, with every
// value finite and >= 0, and all resistances of the model are finite and >= 0.
void check_array(const Eigen::MatrixXd& g_siemens, const ArrayModel& model);

}  // namespace mho::behavioral
