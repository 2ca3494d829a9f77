// SPDX-License-Identifier: Apache-2.0
#include "behavioral/programming.h"

#include <algorithm>

namespace mho::behavioral {

double sigma_siemens(const ProgrammingModel& model, double g_siemens) {
    const double g = g_siemens * 1e6;  // the cubic is in microsiemens
    const double sigma = model.c0 + g * (model.c1 + g * (model.c2 + g * model.c3));
    return std::max(0.0, sigma) * 1e-6;
}

Eigen::MatrixXd programmed(const ProgrammingModel& model, const CellLaw& law,
                           const Eigen::MatrixXd& target_siemens, RandomStream& random) {
    Eigen::MatrixXd drawn(target_siemens.rows(), target_siemens.cols());
    for (Eigen::Index i = 0; i < drawn.rows(); ++i) {
        for (Eigen::Index j = 0; j < drawn.cols(); ++j) {
            const double target = target_siemens(i, j);
            const double error = random.normal() * sigma_siemens(model, target);
            drawn(i, j) = target == 0
                              ? 0.0
                              : std::clamp(target + error, law.g_min_siemens, law.g_max_siemens);
        }
    }
    return drawn;
}

}  // namespace mho::behavioral
