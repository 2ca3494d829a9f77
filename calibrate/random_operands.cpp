// SPDX-License-Identifier: Apache-2.0
#include "calibrate/random_operands.h"

#include <algorithm>
#include <cmath>

namespace mho::calibrate {
namespace {

int code_max(const netlist::DriverSpec& driver) {
    return (1 << (driver.bits - 1)) - 1;
}

}  // namespace

Eigen::MatrixXd random_states(const netlist::CellSpec& cell, StateKind kind, Eigen::Index rows,
                              Eigen::Index columns, RandomStream& random) {
    constexpr double kMeanWeight = 0.2;  // of the largest
    Eigen::MatrixXd states = Eigen::MatrixXd::Constant(rows, columns, cell.g_min_siemens);
    for (Eigen::Index j = 0; j < columns; ++j) {
        if (kind == StateKind::uniform) {
            for (Eigen::Index i = 0; i < rows; ++i) {
                states(i, j) = random.uniform(cell.g_min_siemens, cell.g_max_siemens);
            }
            continue;
        }
        for (Eigen::Index pair = 0; pair < rows / 2; ++pair) {
            const double weight = std::min(1.0, -kMeanWeight * std::log(random.uniform()));
            states(2 * pair + random.below(2), j) +=
                weight * (cell.g_max_siemens - cell.g_min_siemens);
        }
    }
    return states;
}

Eigen::VectorXd random_codes(const netlist::DriverSpec& driver, Eigen::Index inputs, double part,
                             RandomStream& random) {
    const double reach = part * code_max(driver);
    Eigen::VectorXd codes(inputs);
    for (double& code : codes) code = std::round(random.uniform(-reach, reach));
    return codes;
}

std::vector<int> random_unsigned_codes(const netlist::DriverSpec& driver, int rows,
                                       RandomStream& random) {
    std::vector<int> codes;
    for (int i = 0; i < rows; ++i)
        codes.push_back(static_cast<int>(random.below(1U << driver.bits)));
    return codes;
}

Eigen::VectorXd row_volts(const netlist::DriverSpec& driver, const Eigen::VectorXd& codes) {
    Eigen::VectorXd volts(2 * codes.size());
    for (Eigen::Index i = 0; i < codes.size(); ++i) {
        volts(2 * i) = codes(i) * driver.amplitude_volt / code_max(driver);
        volts(2 * i + 1) = -volts(2 * i);
    }
    return volts;
}

}  // namespace mho::calibrate
