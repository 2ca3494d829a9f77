// SPDX-License-Identifier: Apache-2.0
// Devices made by hand for tests, and moments of what they give.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <string>

#include "behavioral/device_model.h"

namespace mho::test {

// 1 to 100 uS, normal error of this deviation (a formula, uS).
inline behavioral::DeviceModel plain_device(const std::string& sigma) {
    behavioral::DeviceModel device;
    device.name = "plain";
    device.state.low = 1;
    device.state.high = 100;
    device.programming.sigma = behavioral::Formula(sigma);
    return device;
}

// So many cells asked to be at one state, given in uS.
inline Eigen::MatrixXd cells_at(double microsiemens, Eigen::Index rows = 200,
                                Eigen::Index columns = 200) {
    return Eigen::MatrixXd::Constant(rows, columns, microsiemens * 1e-6);
}

// In microsiemens.
struct Moments {
    double mean = 0;
    double sigma = 0;
};

inline Moments moments(const Eigen::MatrixXd& siemens) {
    const double mean = siemens.mean();
    return {mean * 1e6, std::sqrt((siemens.array() - mean).square().mean()) * 1e6};
}

}  // namespace mho::test
