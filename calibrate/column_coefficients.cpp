// SPDX-License-Identifier: Apache-2.0
#include "calibrate/column_coefficients.h"

#include "base/error.h"
#include "behavioral/card_check.h"
#include "behavioral/column_map.h"

namespace mho::calibrate {

ColumnCoefficients column_coefficients(const behavioral::ModelCard& card,
                                       const Eigen::MatrixXd& states, Eigen::Index column) {
    behavioral::check_card(card, "card");
    behavioral::require_column(card, "an export");
    if (column < 0 || column >= card.array.columns) {
        throw bad_input("export: column {}, expected 0 to {}", column, card.array.columns - 1);
    }
    if (states.rows() != card.array.rows || states.cols() != card.array.columns) {
        throw bad_input("export: states are {} x {}, expected {} x {} as the card's array",
                        states.rows(), states.cols(), card.array.rows, card.array.columns);
    }
    const behavioral::ColumnMap map =
        behavioral::column_map(card.cell, card.array, card.driver.resistance_per_volt, states,
                               0.5 * card.driver.amplitude_volt);
    const Eigen::MatrixXd& response = map.response.column_ampere_per_volt;
    return {response.col(column), map.ampere_per_square_volt.col(column),
            -card.readout.input_offset_volt * response.col(column).sum()};
}

}  // namespace mho::calibrate
