// SPDX-License-Identifier: Apache-2.0
// What becomes of programmed cells: drift with time and temperature, radiation, noise of reads and
// the current of a cell. Pure functions on arrays of states in siemens; a state of 0 (no cell)
// stays 0, and none falls below 0.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "behavioral/cell_array.h"
#include "behavioral/device_model.h"
#include "behavioral/device_program.h"

namespace mho::behavioral {

// Between programming and the read.
struct Conditions {
    double time_second = 0;         // since programming, 0 or more
    std::optional<double> celsius;  // kept at; the retention's reference when not given
    double dose_gray = 0;           // total ionizing dose in silicon, 0 or more
};

// The states then. Drift first, then the dose, then noise that is drawn once for each time, then
// stuck cells. Each cell keeps its random numbers over time and dose, so its trajectory is smooth.
// Throws bad_input for conditions that are negative or not finite, or a temperature or dose that
// the device does not describe.
Eigen::MatrixXd states_at(const DeviceModel& device, const ProgrammedCells& cells,
                          const Conditions& conditions);

// The parts of states_at.
Eigen::MatrixXd drifted(const DeviceModel& device, const ProgrammedCells& cells,
                        const Conditions& conditions);
Eigen::MatrixXd irradiated(const DeviceModel& device, Eigen::MatrixXd siemens, double dose_gray,
                           const DeviceKey& key);

// Time at the reference temperature that does what `time_second` does at `celsius` (Arrhenius).
double equivalent_second(const DeviceModel& device, double time_second,
                         const std::optional<double>& celsius);

// Mean and standard deviation of cells with one target, in the published unit, over targets in
// it. For a power law: of the median exponent, and to first order in the spreads.
struct StateStatistics {
    Eigen::ArrayXd mean;
    Eigen::ArrayXd sigma;
};
StateStatistics drift_statistics(const DeviceModel& device, const Eigen::ArrayXd& target,
                                 double time_second);

// State that a cell of the mean threshold reaches, and the spread that a dose adds, published unit.
StateStatistics dose_statistics(const DeviceModel& device, const Eigen::ArrayXd& state,
                                double dose_gray);

// One number for all outputs of a tile that undoes the mean drift: the sum of its states when they
// were new over the sum now (global drift compensation; Joshi et al., Nature Communications 11,
// 2473, 2020). 1 when either is 0.
double drift_compensation(const Eigen::MatrixXd& reference_siemens,
                          const Eigen::MatrixXd& now_siemens);

// Standard deviation of the noise of one read, siemens, for cells as they are now and as they were
// programmed; zero without read noise. `time_second` is since programming.
Eigen::MatrixXd read_noise_sigma(const DeviceModel& device, const Eigen::MatrixXd& now_siemens,
                                 const Eigen::MatrixXd& programmed_siemens, double time_second);

// One read with its noise, number `read` of this array. For devices whose noise is drawn for each
// read; others keep their states.
Eigen::MatrixXd one_read(const DeviceModel& device, const Eigen::MatrixXd& now_siemens,
                         const ProgrammedCells& cells, double time_second, std::uint32_t read);

// Current of a cell, ampere: G V, or the device's polynomial. Throws bad_input beyond max_volt.
double cell_current(const DeviceModel& device, double siemens, double volt);

// The same for all cells of an array, by their coefficients; of ohmic devices those are 0. Throws
// bad_input when `volt` is beyond max_volt.
PolynomialCells cell_polynomials(const DeviceModel& device, const Eigen::MatrixXd& siemens,
                                 double volt);

// What the publication does not cover, one sentence each: states, times beyond the last measured.
std::vector<std::string> validity_notes(const DeviceModel& device, const Conditions& conditions);

}  // namespace mho::behavioral
