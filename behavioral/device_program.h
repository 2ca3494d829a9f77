// SPDX-License-Identifier: Apache-2.0
// Writing targets into cells: quantisation, programming error, write-verify, stuck cells. All
// functions are pure; the same key gives the same bits whatever ran before or beside them.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "behavioral/device_model.h"

namespace mho::behavioral {

// Names the cells of one array. Cells take their random numbers in row-major order, each purpose
// from a stream of its own.
struct DeviceKey {
    std::uint64_t seed = 0;
    std::uint32_t trial = 0;  // programmed instance
    std::uint32_t tile = 0;
};

struct ProgrammedCells {
    Eigen::MatrixXd target_siemens;  // as asked for, rounded to the device's levels
    Eigen::MatrixXd siemens;         // right after programming
    Eigen::MatrixXi pulses;          // writes of each cell; empty without write-verify
    DeviceKey key;
};

// The states that were asked for, each moved to the nearest level (the lower of two as near) and
// into [low, high]. 0 stays 0: no cell. Throws bad_input for a target that is negative or not
// finite.
Eigen::MatrixXd quantised(const DeviceModel& device, const Eigen::MatrixXd& target_siemens);

// Quantises, then writes: with write-verify where the device has it, else once. Stuck cells stay at
// the lowest or highest state, now and in the functions of device_state.h; the same cells of an
// array are stuck whatever is written. A cell that is not there (target 0) stays 0 but uses up its
// numbers.
ProgrammedCells program(const DeviceModel& device, const Eigen::MatrixXd& target_siemens,
                        const DeviceKey& key);

// What writing took, cells one after the other and each pulse with a reading. Without write-verify:
// one pulse a cell, nothing else.
struct WriteCost {
    std::int64_t cells = 0;
    std::int64_t pulses = 0;
    std::int64_t unfinished = 0;  // cells left further from their target than the tolerance
    double second = 0;
    double joule = 0;

    WriteCost& operator+=(const WriteCost& more);
};
WriteCost write_cost(const DeviceModel& device, const ProgrammedCells& cells);

}  // namespace mho::behavioral
