// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_check.h"

#include <cmath>
#include <string_view>

#include "base/error.h"

namespace mho::behavioral {
namespace {

void check_resistance(std::string_view name, double ohm) {
    if (!(std::isfinite(ohm) && ohm >= 0)) {
        throw bad_input("array model: {} is {}, expected a finite number of ohms >= 0", name, ohm);
    }
    if (ohm > 0 && ohm < kSmallestOhm) {
        throw bad_input("array model: {} is {} ohm, expected 0 or at least {}", name, ohm,
                        kSmallestOhm);
    }
}

}  // namespace

void check_array(const Eigen::MatrixXd& g_siemens, const ArrayModel& model) {
    if (model.rows < 1 || model.columns < 1) {
        throw bad_input("array model: {} rows x {} columns, expected at least 1 x 1", model.rows,
                        model.columns);
    }
    if (g_siemens.rows() != model.rows || g_siemens.cols() != model.columns) {
        throw bad_input("conductances: {} x {}, expected {} rows x {} columns", g_siemens.rows(),
                        g_siemens.cols(), model.rows, model.columns);
    }
    check_resistance("row_segment_ohm", model.row_segment_ohm);
    check_resistance("column_segment_ohm", model.column_segment_ohm);
    check_resistance("driver_ohm", model.driver_ohm);
    check_resistance("sense_ohm", model.sense_ohm);
    for (Eigen::Index j = 0; j < g_siemens.cols(); ++j) {
        for (Eigen::Index i = 0; i < g_siemens.rows(); ++i) {
            if (!(std::isfinite(g_siemens(i, j)) && g_siemens(i, j) >= 0)) {
                throw bad_input(
                    "conductances: row {}, column {} is {}, expected a finite value >= 0 siemens",
                    i, j, g_siemens(i, j));
            }
        }
    }
}

}  // namespace mho::behavioral
