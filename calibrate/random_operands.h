// SPDX-License-Identifier: Apache-2.0
// Random cell states and row inputs of held-out circuits.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "base/random.h"
#include "netlist/spec.h"

namespace mho::calibrate {

enum class StateKind {
    uniform,  // every conductance equally likely
    // As trained weights are mapped: one cell of each pair at g_min, the other above it by an
    // exponentially distributed amount, most of it small.
    weights,
};

// rows x columns, siemens. rows must be even for weights.
Eigen::MatrixXd random_states(const netlist::CellSpec& cell, StateKind kind, Eigen::Index rows,
                              Eigen::Index columns, RandomStream& random);

// Drive codes of rows / 2 inputs, in -(2^(bits-1)-1) .. 2^(bits-1)-1, uniform in `part` of that
// range; integers.
Eigen::VectorXd random_codes(const netlist::DriverSpec& driver, Eigen::Index inputs, double part,
                             RandomStream& random);

// Codes of rows that are bits or pulses, uniform in 0 .. 2^bits - 1.
std::vector<int> random_unsigned_codes(const netlist::DriverSpec& driver, int rows,
                                       RandomStream& random);

// Volt about the common mode of every row: input i drives row 2i with +code and 2i+1 with -code.
Eigen::VectorXd row_volts(const netlist::DriverSpec& driver, const Eigen::VectorXd& codes);

}  // namespace mho::calibrate
