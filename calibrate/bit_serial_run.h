// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <vector>

#include "calibrate/campaign.h"

namespace mho::calibrate {

// One multiply of a macro with integrators in ngspice.
struct BitSerialRun {
    Eigen::MatrixXd states;  // rows x columns, siemens
    std::vector<int> codes;  // of the rows
    Campaign::Ticket ticket = 0;

    // As the models take them: rows x 1.
    Eigen::MatrixXi code_column() const {
        return Eigen::Map<const Eigen::MatrixXi>(codes.data(),
                                                 static_cast<Eigen::Index>(codes.size()), 1);
    }
};

}  // namespace mho::calibrate
