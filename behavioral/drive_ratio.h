// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// IR-drop map for reports, rows x columns: voltage across each cell over the drive of its row, with
// even rows driven at +v and odd rows at -v (every input at full scale, one sign). 1 = no drop.
// From the reference solver with non-linear cells. `g_state_siemens` as for compile_tile. Throws
// bad_input on a bad card, wrong shapes, or v_volt outside (0, cell.v_max_volt].
Eigen::MatrixXd cell_drive_ratio(const Eigen::MatrixXd& g_state_siemens, const ModelCard& card,
                                 double v_volt);

}  // namespace mho::behavioral
