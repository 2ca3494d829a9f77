// SPDX-License-Identifier: Apache-2.0
// Weights of a layer as cells of a described system: targets, and what programming, time, dose and
// reads make of them.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "behavioral/device_program.h"
#include "behavioral/weight_slices.h"
#include "flows/system_spec.h"

namespace mho::flows {

// Conductances of levels: level 0 at `low`, each one `step` higher. Of exact cells without a
// resistance the highest conductance counts as 1.
struct LevelScale {
    double low_siemens = 0;
    double step_siemens = 1;

    double lowest_level() const { return low_siemens / step_siemens; }
};
LevelScale level_scale(const SystemSpec& spec);

behavioral::WeightCoding weight_coding(const SystemSpec& spec);

// Targets of cells, lowest_level() included, for weights (inputs x outputs) that `weight_max`
// scales to the largest integer; larger ones are clipped. A unit column stands behind the outputs.
std::vector<behavioral::CellSlice> target_cells(const Eigen::MatrixXd& weights, double weight_max,
                                                const SystemSpec& spec);

// Names the random numbers of one matrix.
struct CellKey {
    std::uint64_t seed = 1;
    std::uint32_t trial = 0;
    std::uint32_t matrix = 0;  // number among the network's products
};

struct ReadCells {
    std::vector<behavioral::CellSlice> slices;
    // Sums of the states when new and now, of a system that compensates drift.
    double reference_siemens = 0;
    double now_siemens = 0;
    behavioral::WriteCost writing = {};

    // Factor of the outputs that undoes the mean drift.
    double compensation() const { return now_siemens > 0 ? reference_siemens / now_siemens : 1; }
};

// The cells as they are read: programmed, drifted, irradiated, with the variance of their reads.
// Exact cells stay as they are.
ReadCells read_cells(std::vector<behavioral::CellSlice> targets, const SystemSpec& spec,
                     const CellKey& key);

}  // namespace mho::flows
