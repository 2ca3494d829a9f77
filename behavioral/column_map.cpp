// SPDX-License-Identifier: Apache-2.0
#include "behavioral/column_map.h"

#include "behavioral/array_check.h"
#include "behavioral/cell_law.h"
#include "behavioral/driver_square.h"

namespace mho::behavioral {

ColumnMap column_map(const CellLaw& law, const ArrayModel& array, double resistance_per_volt,
                     const Eigen::MatrixXd& states, double linearise_at_volt, RowResponse rows) {
    check_array(states, array);
    const Eigen::MatrixXd g = states.unaryExpr(
        [&](double state) { return linear_conductance(law, linearise_at_volt, state); });
    ColumnMap map;
    map.response = array_response(g, array, rows);
    const Eigen::MatrixXd& linear = map.response.column_ampere_per_volt;
    map.ampere_per_square_volt = square_response(linear, array.driver_ohm, resistance_per_volt);
    map.has_squares = array.driver_ohm * resistance_per_volt != 0 || !law.table.empty();
    if (law.table.empty()) return map;
    const Eigen::MatrixXd even = states.unaryExpr(
        [&](double state) { return even_current_per_square(law, linearise_at_volt, state); });
    // An open cell has neither current nor even part.
    const Eigen::ArrayXXd share = (g.array() > 0).select(linear.array() / g.array(), 0.0);
    map.ampere_per_square_volt.array() += even.array() * share.square();
    return map;
}

}  // namespace mho::behavioral
