// SPDX-License-Identifier: Apache-2.0
#include "behavioral/device_program.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "behavioral/device_arrays.h"

namespace mho::behavioral {
namespace {

double nearest_level(const std::vector<double>& levels, double state) {
    const auto above = std::lower_bound(levels.begin(), levels.end(), state);
    if (above == levels.begin()) return levels.front();
    if (above == levels.end()) return levels.back();
    const double below = *(above - 1);
    return state - below <= *above - state ? below : *above;
}

// Cells that are still to be written: their index in storage order, and their last reading.
struct Open {
    Eigen::Index cell = 0;
    double reading = 0;
};

// Reads the open cells and drops those within the tolerance.
void verify(const WriteVerify& write, const Eigen::ArrayXd& target, const Eigen::ArrayXd& states,
            RandomStream& random, std::vector<Open>& open) {
    for (Open& one : open) {
        one.reading = states(one.cell);
        if (write.verify_sigma > 0) one.reading += write.verify_sigma * random.normal();
    }
    std::erase_if(open, [&](const Open& one) {
        return std::abs(one.reading - target(one.cell)) <= write.tolerance;
    });
}

// One more pulse for each open cell.
void correct(const DeviceModel& device, const Eigen::ArrayXd& target, RandomStream& random,
             const std::vector<Open>& open, Eigen::ArrayXd& states) {
    Eigen::ArrayXd before(static_cast<Eigen::Index>(open.size()));
    for (std::size_t k = 0; k < open.size(); ++k) {
        before(static_cast<Eigen::Index>(k)) = states(open[k].cell);
    }
    const Eigen::ArrayXd sigma = deviation(device, device.write_verify->pulse_sigma, before);
    for (std::size_t k = 0; k < open.size(); ++k) {
        const auto [cell, reading] = open[k];
        const double error = sigma(static_cast<Eigen::Index>(k)) * random.normal();
        const double step = device.write_verify->gain * (target(cell) - reading) + error;
        states(cell) = std::max(0.0, states(cell) + step);
    }
}

// All cells side by side: in each round the open ones are read, then corrected.
void write_verified(const DeviceModel& device, const Eigen::ArrayXd& target,
                    const Eigen::ArrayXd& error, ProgrammedCells& cells) {
    RandomStream random = stream_of(cells.key, RandomPurpose::write_verify);
    Eigen::ArrayXd states = (target + error).max(0.0);
    std::vector<Open> open;
    for_each_cell(cells.target_siemens, [&](Eigen::Index k) {
        if (target(k) > 0) open.push_back({k, 0});
    });
    cells.pulses.setZero(cells.target_siemens.rows(), cells.target_siemens.cols());
    for (const Open& one : open) cells.pulses.data()[one.cell] = 1;
    for (int pulse = 1; pulse < device.write_verify->max_pulses && !open.empty(); ++pulse) {
        verify(*device.write_verify, target, states, random, open);
        correct(device, target, random, open, states);
        for (const Open& one : open) ++cells.pulses.data()[one.cell];
    }
    cells.siemens = as_siemens(device, states, cells.target_siemens);
}

}  // namespace

Eigen::MatrixXd quantised(const DeviceModel& device, const Eigen::MatrixXd& target_siemens) {
    const double unit = siemens_per_unit(device.state);
    const StateRange& range = device.state;
    return target_siemens.unaryExpr([&](double target) {
        if (!std::isfinite(target) || target < 0) {
            throw bad_input("device '{}': a target conductance is {}, expected 0 or more",
                            device.name, target);
        }
        if (target == 0) return 0.0;
        if (!range.levels.empty()) return nearest_level(range.levels, target / unit) * unit;
        return std::clamp(target, range.low * unit, range.high * unit);
    });
}

ProgrammedCells program(const DeviceModel& device, const Eigen::MatrixXd& target_siemens,
                        const DeviceKey& key) {
    ProgrammedCells cells;
    cells.key = key;
    cells.target_siemens = quantised(device, target_siemens);
    const Eigen::ArrayXd target = published(device, cells.target_siemens);
    const Eigen::ArrayXd error =
        cell_numbers(cells.target_siemens, stream_of(key, RandomPurpose::programming_error),
                     device.programming.distribution) *
        deviation(device, device.programming.sigma, target);
    if (device.write_verify) {
        write_verified(device, target, error, cells);
    } else {
        cells.siemens = as_siemens(device, target + error, cells.target_siemens);
    }
    const Eigen::ArrayXd stuck = stuck_states(device, cells);
    const double unit = siemens_per_unit(device.state);
    for (Eigen::Index k = 0; k < stuck.size(); ++k) {
        if (stuck(k) < 0) continue;
        cells.siemens.data()[k] = stuck(k) * unit;
        if (!device.write_verify) continue;
        const bool off = std::abs(stuck(k) - target(k)) > device.write_verify->tolerance;
        cells.pulses.data()[k] = off ? device.write_verify->max_pulses : 1;
    }
    return cells;
}

Eigen::MatrixXd as_siemens(const DeviceModel& device, const Eigen::ArrayXd& states,
                           const Eigen::MatrixXd& like) {
    const double unit = siemens_per_unit(device.state);
    Eigen::MatrixXd siemens(like.rows(), like.cols());
    for (Eigen::Index k = 0; k < like.size(); ++k) {
        const double from = like.data()[k];
        if (from != 0 && !std::isfinite(states(k))) {
            throw bad_input("device '{}': its formulas make {} of a state of {} {}", device.name,
                            states(k), from / unit, unit_name(device.state.unit));
        }
        siemens.data()[k] = from == 0 ? 0.0 : std::max(0.0, states(k) * unit);
    }
    return siemens;
}

Eigen::ArrayXd stuck_states(const DeviceModel& device, const ProgrammedCells& cells) {
    Eigen::ArrayXd states = Eigen::ArrayXd::Constant(cells.target_siemens.size(), -1.0);
    if (!device.stuck) return states;
    RandomStream random = stream_of(cells.key, RandomPurpose::stuck_cells);
    const double low = device.stuck->low_probability;
    const double high = device.stuck->high_probability;
    for_each_cell(cells.target_siemens, [&](Eigen::Index k) {
        const double number = random.uniform();
        if (cells.target_siemens.data()[k] == 0 || number >= low + high) return;
        states(k) = number < low ? device.state.low : device.state.high;
    });
    return states;
}

WriteCost& WriteCost::operator+=(const WriteCost& more) {
    cells += more.cells;
    pulses += more.pulses;
    unfinished += more.unfinished;
    second += more.second;
    joule += more.joule;
    return *this;
}

WriteCost write_cost(const DeviceModel& device, const ProgrammedCells& cells) {
    WriteCost cost;
    const Eigen::ArrayXd target = published(device, cells.target_siemens);
    const Eigen::ArrayXd state = published(device, cells.siemens);
    for (Eigen::Index k = 0; k < target.size(); ++k) {
        if (target(k) == 0) continue;
        ++cost.cells;
        cost.pulses += device.write_verify ? cells.pulses.data()[k] : 1;
        if (!device.write_verify) continue;
        if (std::abs(state(k) - target(k)) > device.write_verify->tolerance) ++cost.unfinished;
    }
    if (!device.write_verify) return cost;
    const WriteVerify& write = *device.write_verify;
    const auto pulses = static_cast<double>(cost.pulses);
    // Every pulse is followed by a reading.
    cost.second = pulses * (write.pulse_second + write.read_second);
    cost.joule = pulses * (write.pulse_joule + write.read_joule);
    return cost;
}

}  // namespace mho::behavioral
