// SPDX-License-Identifier: Apache-2.0
#include "calibrate/column_coefficients.h"

#include "base/error.h"
#include "behavioral/card_check.h"
#include "behavioral/cell_law.h"
#include "behavioral/driver_square.h"
#include "behavioral/effective_matrix.h"

namespace mho::calibrate {

ColumnCoefficients column_coefficients(const behavioral::ModelCard& card,
                                       const Eigen::MatrixXd& states, Eigen::Index column) {
    behavioral::check_card(card, "card");
    if (column < 0 || column >= card.array.columns) {
        throw bad_input("export: column {}, expected 0 to {}", column, card.array.columns - 1);
    }
    if (states.rows() != card.array.rows || states.cols() != card.array.columns) {
        throw bad_input("export: states are {} x {}, expected {} x {} as the card's array",
                        states.rows(), states.cols(), card.array.rows, card.array.columns);
    }
    const Eigen::MatrixXd g = states.unaryExpr([&](double state) {
        return behavioral::linear_conductance(card.cell, 0.5 * card.driver.amplitude_volt, state);
    });
    const Eigen::MatrixXd response =
        behavioral::array_response(g, card.array, behavioral::RowResponse::skip)
            .column_ampere_per_volt;
    const Eigen::MatrixXd square = behavioral::square_response(response, card.array.driver_ohm,
                                                               card.driver.resistance_per_volt);
    return {response.col(column), square.col(column),
            -card.readout.input_offset_volt * response.col(column).sum()};
}

}  // namespace mho::calibrate
