// SPDX-License-Identifier: Apache-2.0
// Uses the behavioural layer alone: one 10 kohm cell read through 1 kohm of driver.
#include <behavioral/effective_matrix.h>

#include <cmath>
#include <cstdio>

int main() {
    mho::behavioral::ArrayModel wires;
    wires.rows = 1;
    wires.columns = 1;
    wires.driver_ohm = 1e3;
    const Eigen::MatrixXd g = Eigen::MatrixXd::Constant(1, 1, 1e-4);
    const double siemens = mho::behavioral::array_response(g, wires).column_ampere_per_volt(0, 0);
    std::printf("effective conductance %.6g S\n", siemens);
    return std::abs(siemens - 1 / 11e3) < 1e-12 ? 0 : 1;
}
