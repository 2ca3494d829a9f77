// SPDX-License-Identifier: Apache-2.0
// Drift and retention of device_state.h.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/device_arrays.h"
#include "behavioral/device_state.h"

namespace mho::behavioral {
namespace {

using Eigen::ArrayXd;

constexpr double kBoltzmannEvPerKelvin = 8.617333262e-5;  // CODATA 2018
constexpr double kZeroCelsiusKelvin = 273.15;

StateStatistics at_start(const DeviceModel& device, const ArrayXd& target) {
    return {target, deviation(device, device.programming.sigma, target)};
}

StateStatistics of_map(const DeviceModel& device, const StateMap& map, const ArrayXd& target) {
    const ArrayXd mean = evaluated(device, map.mean, target);
    return {mean, deviation(device, map.sigma, mean)};
}

struct Statistics {
    const DeviceModel& device;
    const ArrayXd& target;
    double time_second;

    StateStatistics operator()(const std::monostate&) const { return at_start(device, target); }

    StateStatistics operator()(const MeasuredDrift& drift) const {
        const std::vector<StateMap>& maps = drift.maps;
        std::size_t after = 0;  // the map at the end of the piece
        while (after + 1 < maps.size() && time_second > maps[after].at) ++after;
        const StateStatistics end = of_map(device, maps[after], target);
        if (time_second == maps[after].at) return end;
        const double start_second = after == 0 ? 0 : maps[after - 1].at;
        const StateStatistics start =
            after == 0 ? at_start(device, target) : of_map(device, maps[after - 1], target);
        const double part = (time_second - start_second) / (maps[after].at - start_second);
        return {start.mean + part * (end.mean - start.mean),
                (start.sigma + part * (end.sigma - start.sigma)).max(0.0)};
    }

    StateStatistics operator()(const PowerLawDrift& drift) const {
        if (time_second == 0) return at_start(device, target);
        const double time = std::max(time_second + drift.offset_second, drift.programmed_second);
        const ArrayXd exponent = evaluated(device, drift.exponent_mean, target);
        const auto loss = [&](double from) {
            const double logarithm = std::log(time / from);
            return exponent.unaryExpr([logarithm](double nu) { return std::exp(-nu * logarithm); });
        };
        const ArrayXd mean = target * loss(drift.reference_second);
        const ArrayXd first =
            deviation(device, device.programming.sigma, target) * loss(drift.programmed_second);
        const ArrayXd slope = mean * std::log(time / drift.reference_second) *
                              deviation(device, drift.exponent_sigma, target);
        ArrayXd variance = first.square() + slope.square();
        if (drift.second_step && time >= drift.second_step->time_second) {
            const ArrayXd second = deviation(device, drift.second_step->sigma, target) *
                                   loss(drift.second_step->time_second);
            variance += second.square();
        }
        return {mean, variance.sqrt()};
    }

    StateStatistics operator()(const RelaxationDrift& drift) const {
        const double kept = std::exp(-std::pow(time_second / drift.tau_second, drift.exponent));
        return {drift.end_state + (target - drift.end_state) * kept,
                deviation(device, device.programming.sigma, target) * kept};
    }
};

// States at a time, published unit, from the states as programmed.
struct Drifted {
    const DeviceModel& device;
    const ProgrammedCells& cells;
    double time_second;
    ArrayXd target = published(device, cells.target_siemens);
    ArrayXd programmed = published(device, cells.siemens);

    ArrayXd numbers(RandomPurpose purpose) const {
        return cell_numbers(cells.target_siemens, stream_of(cells.key, purpose));
    }

    ArrayXd operator()(const std::monostate&) const { return programmed; }

    // The programming error stays or shrinks with the measured spread; what the spread grows by
    // is independent of it.
    ArrayXd operator()(const MeasuredDrift& drift) const {
        const StateStatistics now = Statistics{device, target, time_second}(drift);
        const ArrayXd first = deviation(device, device.programming.sigma, target);
        const ArrayXd kept =
            (first > now.sigma).select(now.sigma / first, ArrayXd::Ones(first.size()));
        const ArrayXd added = (now.sigma.square() - (kept * first).square()).max(0.0).sqrt();
        return now.mean + kept * (programmed - target) +
               added * numbers(RandomPurpose::device_drift);
    }

    ArrayXd operator()(const PowerLawDrift& drift) const {
        const double time = std::max(time_second + drift.offset_second, drift.programmed_second);
        RandomStream random = stream_of(cells.key, RandomPurpose::device_drift);
        const ArrayXd mean = evaluated(device, drift.exponent_mean, target);
        const ArrayXd sigma = deviation(device, drift.exponent_sigma, target);
        const ArrayXd second = drift.second_step
                                   ? deviation(device, drift.second_step->sigma, target)
                                   : ArrayXd::Zero(target.size());
        const double to_programmed = std::log(drift.programmed_second / drift.reference_second);
        const double second_time =
            drift.second_step ? drift.second_step->time_second : drift.programmed_second;
        const double to_second = std::log(std::min(time, second_time) / drift.programmed_second);
        const bool twice = drift.second_step && time >= second_time;
        const double to_now = twice || !drift.second_step ? std::log(time / second_time) : 0.0;
        ArrayXd states(target.size());
        for_each_cell(cells.target_siemens, [&](Eigen::Index k) {
            double exponent = mean(k) + sigma(k) * random.normal();
            const double second_error = second(k) * random.normal();
            if (drift.exponent_folded) exponent = std::abs(exponent);
            double state = programmed(k) + target(k) * std::expm1(-exponent * to_programmed);
            state *= std::exp(-exponent * to_second);
            if (twice) state += second_error;
            states(k) = state * std::exp(-exponent * to_now);
        });
        return states;
    }

    ArrayXd operator()(const RelaxationDrift& drift) const {
        const double kept = std::exp(-std::pow(time_second / drift.tau_second, drift.exponent));
        return drift.end_state + (programmed - drift.end_state) * kept;
    }
};

}  // namespace

double equivalent_second(const DeviceModel& device, double time_second,
                         const std::optional<double>& celsius) {
    if (!std::isfinite(time_second) || time_second < 0) {
        throw bad_input("device '{}': the time since programming is {} s, expected 0 or more",
                        device.name, time_second);
    }
    if (!celsius) return time_second;
    if (!(*celsius > -kZeroCelsiusKelvin) || !std::isfinite(*celsius)) {
        throw bad_input("device '{}': the temperature is {} C, expected more than -273.15",
                        device.name, *celsius);
    }
    if (!device.retention) {
        throw bad_input(
            "device '{}': a temperature is asked for, but the device has no "
            "[retention] with an activation energy",
            device.name);
    }
    const double reference = device.retention->reference_celsius + kZeroCelsiusKelvin;
    const double kelvin = *celsius + kZeroCelsiusKelvin;
    const double faster =
        device.retention->activation_ev / kBoltzmannEvPerKelvin * (1 / reference - 1 / kelvin);
    const double equivalent = time_second * std::exp(faster);
    if (std::isfinite(equivalent)) return equivalent;
    throw bad_input("device '{}': {} s at {} C is longer than any time at {} C", device.name,
                    time_second, *celsius, device.retention->reference_celsius);
}

StateStatistics drift_statistics(const DeviceModel& device, const ArrayXd& target,
                                 double time_second) {
    return std::visit(Statistics{device, target, time_second}, device.drift.law);
}

Eigen::MatrixXd drifted(const DeviceModel& device, const ProgrammedCells& cells,
                        const Conditions& conditions) {
    const double time = equivalent_second(device, conditions.time_second, conditions.celsius);
    if (time == 0) return cells.siemens;
    const Drifted work{device, cells, time};
    return as_siemens(device, std::visit(work, device.drift.law), cells.target_siemens);
}

double drift_compensation(const Eigen::MatrixXd& reference_siemens,
                          const Eigen::MatrixXd& now_siemens) {
    const double reference = reference_siemens.sum();
    const double now = now_siemens.sum();
    return reference > 0 && now > 0 ? reference / now : 1.0;
}

}  // namespace mho::behavioral
