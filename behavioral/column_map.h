// SPDX-License-Identifier: Apache-2.0
// The map from row voltages to column currents that inference runs on: a product with the voltages
// and one with their squares.
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"
#include "behavioral/effective_matrix.h"

namespace mho::behavioral {

struct ColumnMap {
    ArrayResponse response;  // cells linearised, wires and terminations exact
    // rows x columns, ampere into read-out j per square volt on driver i: drivers that change their
    // resistance (behavioral/driver_square.h), and, where the law is a table, the even part of the
    // cells' currents at the voltage that the linear map leaves to them, taken as reaching the
    // read-out whole.
    Eigen::MatrixXd ampere_per_square_volt;
    bool has_squares = false;  // otherwise these are 0
};

// Topology a. `states`: array.rows x array.columns, siemens; `linearise_at_volt` > 0 as
// linear_conductance takes it. Throws bad_input on wrong shapes.
ColumnMap column_map(const CellLaw& law, const ArrayModel& array, double resistance_per_volt,
                     const Eigen::MatrixXd& states, double linearise_at_volt,
                     RowResponse rows = RowResponse::skip);

}  // namespace mho::behavioral
