// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// Throws bad_input unless `g` (siemens) is model.rows x model.columns, at least 1 x 1, with every
// value finite and >= 0, and all resistances of the model are finite and >= 0.
void check_array(const Eigen::MatrixXd& g_siemens, const ArrayModel& model);

}  // namespace mho::behavioral
