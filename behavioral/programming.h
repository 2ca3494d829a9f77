// SPDX-License-Identifier: Apache-2.0
// Error of programmed conductances (ProgrammingModel in behavioral/card.h).
#pragma once

#include <Eigen/Core>

#include "base/random.h"
#include "behavioral/card.h"

namespace mho::behavioral {

// Standard deviation of a programmed conductance, siemens: the cubic of the model, not below 0.
double sigma_siemens(const ProgrammingModel& model, double g_siemens);

// Every target with its own normal error, clipped to [g_min, g_max]; draws in row-major order. A
// target of 0 (no cell) stays 0 but uses up its number, so that cells keep their draws.
Eigen::MatrixXd programmed(const ProgrammingModel& model, const CellLaw& law,
                           const Eigen::MatrixXd& target_siemens, RandomStream& random);

}  // namespace mho::behavioral
