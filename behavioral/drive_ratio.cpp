// SPDX-License-Identifier: Apache-2.0
#include "behavioral/drive_ratio.h"

#include "base/error.h"
#include "behavioral/array_nodes.h"
#include "behavioral/card_check.h"

namespace mho::behavioral {

Eigen::MatrixXd cell_drive_ratio(const Eigen::MatrixXd& g_state_siemens, const ModelCard& card,
                                 double v_volt) {
    check_card(card, "card");
    require_array(card, "a mapping");
    if (!(v_volt > 0 && v_volt <= card.cell.v_max_volt)) {
        throw bad_input("drive map: {} V, expected more than 0 and at most cell.v_max_volt ({})",
                        v_volt, card.cell.v_max_volt);
    }
    Eigen::MatrixXd drive(1, card.array.rows);
    for (Eigen::Index i = 0; i < drive.cols(); ++i) drive(0, i) = i % 2 == 0 ? v_volt : -v_volt;
    const std::vector<ArrayNodes> solved =
        solve_nonlinear(g_state_siemens, card.array, card.cell, drive);
    return drive.row(0).transpose().cwiseInverse().asDiagonal() * solved.front().cell_volt;
}

}  // namespace mho::behavioral
