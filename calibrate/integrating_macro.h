// SPDX-License-Identifier: Apache-2.0
// A macro whose columns are read by integrators (netlist/bench_bit_serial.h), all of it transistors
// in one transient, beside the quantised multiply that it stands for.
#pragma once

#include <Eigen/Core>
#include <span>
#include <string>
#include <vector>

#include "calibrate/calibrate.h"
#include "calibrate/sar_conversion.h"
#include "netlist/benches.h"
#include "spice/pool.h"

namespace mho::calibrate {

struct IntegratedColumn {
    std::string line;        // of the bitline, "0"
    double ideal_count = 0;  // clock periods after the reference column, with their fraction
    double count = 0;        // of the transistors
    int ideal_code = 0;      // floors, 0 where negative, at most what the ramp reaches
    int code = 0;
};

struct IntegratedMultiply {
    std::vector<IntegratedColumn> columns;
    // Counter of the reference column's trip less that of its start_volt: what a macro without one
    // would add to all its codes.
    double offset_lsb = 0;
    std::vector<SupplyEnergy> blocks;  // by name of the block, from the first bit to the ramp's end
    double multiply_second = 0;        // that span
    int worst_code() const;            // largest |code - ideal_code|
    double joule() const;
};

// The multiply of one array and one vector of codes. The ideal counts are those of the array's
// currents at dc, with its wires and access transistors, at every step of the inputs, each column
// held at the common mode. Throws bad_input as bit_serial_macro_bench does, Error(simulator) when
// ngspice fails or the reference column does not trip.
IntegratedMultiply integrated_multiply(const netlist::Design& design, const Eigen::MatrixXd& states,
                                       std::span<const int> codes, spice::Pool& pool,
                                       const ProgressCallback& progress = {});

struct IntegratedMacro {
    Eigen::MatrixXd states;
    std::vector<int> codes;
    IntegratedMultiply multiply;
    RunCount runs;
};

// The same with random states and codes, those that `mho netlist --bench macro` draws from the
// seed.
IntegratedMacro run_integrated_macro(const netlist::Spec& spec, const CalibrateOptions& options);

}  // namespace mho::calibrate
