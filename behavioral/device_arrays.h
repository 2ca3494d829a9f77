// SPDX-License-Identifier: Apache-2.0
// Formulas on matrices of states, and random numbers for their cells. Private to the device
// functions.
#pragma once

#include <Eigen/Core>
#include <cmath>

#include "base/random.h"
#include "behavioral/device_model.h"
#include "behavioral/device_program.h"

namespace mho::behavioral {

inline Eigen::Map<const Eigen::ArrayXd> flat(const Eigen::MatrixXd& matrix) {
    return {matrix.data(), matrix.size()};
}

// The states as one array in the published unit, in the matrix's storage order.
inline Eigen::ArrayXd published(const DeviceModel& device, const Eigen::MatrixXd& siemens) {
    return flat(siemens) / siemens_per_unit(device.state);
}

inline Eigen::ArrayXd evaluated(const DeviceModel& device, const Formula& formula,
                                const Eigen::ArrayXd& state) {
    return formula({state, state, device.state.high, 0});
}

// The same, not below 0.
inline Eigen::ArrayXd deviation(const DeviceModel& device, const Formula& formula,
                                const Eigen::ArrayXd& state) {
    return evaluated(device, formula, state).max(0.0);
}

inline RandomStream stream_of(const DeviceKey& key, RandomPurpose purpose) {
    return RandomStream(key.seed, purpose, key.trial, key.tile);
}

// Calls use(k) for the index in storage order of every cell, in row-major order.
template <typename Use>
void for_each_cell(const Eigen::MatrixXd& matrix, Use use) {
    for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
        for (Eigen::Index j = 0; j < matrix.cols(); ++j) use(i + j * matrix.rows());
    }
}

// One number of mean 0 and deviation 1 for each cell of `like`, in its storage order.
inline Eigen::ArrayXd cell_numbers(const Eigen::MatrixXd& like, RandomStream random,
                                   Distribution distribution = Distribution::normal) {
    const double half_width = std::sqrt(3.0);  // of a uniform distribution of deviation 1
    Eigen::ArrayXd numbers(like.size());
    for_each_cell(like, [&](Eigen::Index k) {
        numbers(k) = distribution == Distribution::normal ? random.normal()
                                                          : random.uniform(-half_width, half_width);
    });
    return numbers;
}

// States of the published unit back in siemens and in the shape of `like`; not below 0, and 0
// where `like` has no cell.
inline Eigen::MatrixXd as_siemens(const DeviceModel& device, const Eigen::ArrayXd& states,
                                  const Eigen::MatrixXd& like) {
    const double unit = siemens_per_unit(device.state);
    Eigen::MatrixXd siemens(like.rows(), like.cols());
    for (Eigen::Index k = 0; k < like.size(); ++k) {
        const double state = states(k) * unit;
        siemens.data()[k] = like.data()[k] == 0 || !(state > 0) ? 0.0 : state;
    }
    return siemens;
}

// Where each stuck cell stays, published unit; -1 for the others.
Eigen::ArrayXd stuck_states(const DeviceModel& device, const ProgrammedCells& cells);

}  // namespace mho::behavioral
