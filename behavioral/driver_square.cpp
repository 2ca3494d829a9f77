// SPDX-License-Identifier: Apache-2.0
#include "behavioral/driver_square.h"

namespace mho::behavioral {

Eigen::MatrixXd square_response(const Eigen::MatrixXd& column_ampere_per_volt, double driver_ohm,
                                double resistance_per_volt) {
    const Eigen::VectorXd row_siemens = column_ampere_per_volt.rowwise().sum();
    return (-resistance_per_volt * driver_ohm * row_siemens).asDiagonal() * column_ampere_per_volt;
}

}  // namespace mho::behavioral
