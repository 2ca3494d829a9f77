// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_power.h"

#include <cmath>

#include "behavioral/effective_matrix.h"

namespace mho::behavioral {
namespace {

using Eigen::MatrixXd;

// Of the factor's logarithm: the difference's own error, some 0.01 h^4, is then below the rounding
// of Y over h.
constexpr double kStep = 0.004;

MatrixXd difference(const MatrixXd& g_siemens, const ArrayModel& model, double step) {
    const MatrixXd above = array_response(std::exp(step) * g_siemens, model).row_ampere_per_volt;
    const MatrixXd below = array_response(std::exp(-step) * g_siemens, model).row_ampere_per_volt;
    return (above - below) / (2 * step);
}

}  // namespace

ArrayPower array_power(const MatrixXd& g_siemens, const ArrayModel& model) {
    const ArrayResponse response = array_response(g_siemens, model);
    const MatrixXd& row = response.row_ampere_per_volt;
    const MatrixXd& column = response.column_ampere_per_volt;
    ArrayPower power;
    power.cells =
        (4 * difference(g_siemens, model, kStep) - difference(g_siemens, model, 2 * kStep)) / 3;
    power.drivers = model.driver_ohm * row.transpose() * row;
    power.readouts = model.sense_ohm * column * column.transpose();
    power.wires = row - power.cells - power.drivers - power.readouts;
    return power;
}

}  // namespace mho::behavioral
