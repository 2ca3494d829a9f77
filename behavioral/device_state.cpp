// SPDX-License-Identifier: Apache-2.0
// Radiation, noise and current of device_state.h; drift is in device_drift.cpp.
#include "behavioral/device_state.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "behavioral/device_arrays.h"

namespace mho::behavioral {
namespace {

using Eigen::ArrayXd;
using Eigen::MatrixXd;

constexpr double kSecondPerDay = 86400;

double require_dose(const DeviceModel& device, double dose_gray) {
    if (!std::isfinite(dose_gray) || dose_gray < 0) {
        throw bad_input("device '{}': the dose is {} Gy, expected 0 or more", device.name,
                        dose_gray);
    }
    if (dose_gray > 0 && !device.radiation) {
        throw bad_input("device '{}': a dose is asked for, but the device has no [radiation]",
                        device.name);
    }
    return dose_gray;
}

// What is left of ln(I / I_n).
double kept_logarithm(const ThresholdRelaxation& law, double dose_gray) {
    return std::exp(-dose_gray / law.dose_gray);
}

double shifted(const ThresholdRelaxation& law, double dose_gray, double state, double number) {
    if (!(state > 0)) return 0;
    const double shift = (1 - kept_logarithm(law, dose_gray)) * std::log(law.neutral_state / state);
    return state * std::exp(shift * (1 + law.spread * number));
}

StateStatistics of_map(const DeviceModel& device, const DoseMaps& law, const StateMap& map,
                       const ArrayXd& state) {
    const ArrayXd mean = evaluated(device, map.mean, state);
    ArrayXd sigma = deviation(device, map.sigma, mean);
    if (law.spread_is_total) {
        const ArrayXd first = deviation(device, device.programming.sigma, state);
        sigma = (sigma.square() - first.square()).max(0.0).sqrt();
    }
    return {mean.max(0.0), sigma};
}

struct DoseStatistics {
    const DeviceModel& device;
    const ArrayXd& state;
    double dose_gray;

    StateStatistics operator()(const ThresholdRelaxation& law) const {
        const ArrayXd mean =
            state.unaryExpr([&](double s) { return shifted(law, dose_gray, s, 0); });
        ArrayXd sigma(state.size());
        for (Eigen::Index k = 0; k < state.size(); ++k) {
            const double shift = state(k) > 0 ? std::log(mean(k) / state(k)) : 0.0;
            sigma(k) = mean(k) * std::abs(shift) * law.spread;
        }
        return {mean, sigma};
    }

    StateStatistics operator()(const DoseMaps& law) const {
        std::size_t after = 0;
        while (after + 1 < law.maps.size() && dose_gray > law.maps[after].at) ++after;
        const StateStatistics end = of_map(device, law, law.maps[after], state);
        if (dose_gray == law.maps[after].at) return end;
        const double start_gray = after == 0 ? 0 : law.maps[after - 1].at;
        const StateStatistics start = after == 0
                                          ? StateStatistics{state, ArrayXd::Zero(state.size())}
                                          : of_map(device, law, law.maps[after - 1], state);
        const double part = (dose_gray - start_gray) / (law.maps[after].at - start_gray);
        return {(start.mean + part * (end.mean - start.mean)).max(0.0),
                (start.sigma + part * (end.sigma - start.sigma)).max(0.0)};
    }
};

// States that differ from those given, and cells that are not there, and stuck cells as they are.
Eigen::MatrixXd with_stuck(const DeviceModel& device, const ProgrammedCells& cells,
                           Eigen::MatrixXd siemens) {
    if (!device.stuck) return siemens;
    const ArrayXd stuck = stuck_states(device, cells);
    const double unit = siemens_per_unit(device.state);
    for (Eigen::Index k = 0; k < stuck.size(); ++k) {
        if (stuck(k) >= 0) siemens.data()[k] = stuck(k) * unit;
    }
    return siemens;
}

Eigen::MatrixXd noisy(const DeviceModel& device, const Eigen::MatrixXd& now,
                      const ProgrammedCells& cells, double time_second, RandomStream random) {
    const Eigen::MatrixXd sigma = read_noise_sigma(device, now, cells.siemens, time_second);
    const ArrayXd numbers = cell_numbers(now, random);
    return (flat(now) + flat(sigma) * numbers).max(0.0).reshaped(now.rows(), now.cols());
}

}  // namespace

StateStatistics dose_statistics(const DeviceModel& device, const ArrayXd& state, double dose_gray) {
    if (require_dose(device, dose_gray) == 0) return {state, ArrayXd::Zero(state.size())};
    return std::visit(DoseStatistics{device, state, dose_gray}, device.radiation->law);
}

Eigen::MatrixXd irradiated(const DeviceModel& device, Eigen::MatrixXd siemens, double dose_gray,
                           const DeviceKey& key) {
    if (require_dose(device, dose_gray) == 0) return siemens;
    const ArrayXd state = published(device, siemens);
    const ArrayXd numbers = cell_numbers(siemens, stream_of(key, RandomPurpose::radiation));
    ArrayXd after(state.size());
    if (const auto* law = std::get_if<ThresholdRelaxation>(&device.radiation->law)) {
        for (Eigen::Index k = 0; k < state.size(); ++k) {
            after(k) = shifted(*law, dose_gray, state(k), numbers(k));
        }
    } else {
        const StateStatistics moved = dose_statistics(device, state, dose_gray);
        after = moved.mean + moved.sigma * numbers;
    }
    return as_siemens(device, after, siemens);
}

Eigen::MatrixXd states_at(const DeviceModel& device, const ProgrammedCells& cells,
                          const Conditions& conditions) {
    Eigen::MatrixXd states = drifted(device, cells, conditions);
    states = irradiated(device, std::move(states), conditions.dose_gray, cells.key);
    const bool slow_noise =
        device.read_noise && device.read_noise->resampling == Resampling::each_time;
    if (slow_noise && conditions.time_second > 0) {
        states = noisy(device, states, cells, conditions.time_second,
                       stream_of(cells.key, RandomPurpose::device_read_noise));
    }
    return with_stuck(device, cells, std::move(states));
}

Eigen::MatrixXd read_noise_sigma(const DeviceModel& device, const Eigen::MatrixXd& now_siemens,
                                 const Eigen::MatrixXd& programmed_siemens, double time_second) {
    if (!device.read_noise) return Eigen::MatrixXd::Zero(now_siemens.rows(), now_siemens.cols());
    const ArrayXd now = published(device, now_siemens);
    const ArrayXd programmed = published(device, programmed_siemens);
    const ArrayXd sigma =
        device.read_noise->sigma({now, programmed, device.state.high, time_second});
    // A state of 0 may make the formula infinite: as_siemens leaves it without noise.
    return as_siemens(device, sigma, now_siemens);
}

Eigen::MatrixXd one_read(const DeviceModel& device, const Eigen::MatrixXd& now_siemens,
                         const ProgrammedCells& cells, double time_second, std::uint32_t read) {
    if (!device.read_noise || device.read_noise->resampling == Resampling::each_time) {
        return now_siemens;
    }
    // Streams have two ids; the read makes a third, as a seed of its own.
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
    DeviceKey key = cells.key;
    key.seed += (std::uint64_t{read} + 1) * kOdd;
    return noisy(device, now_siemens, cells, time_second,
                 stream_of(key, RandomPurpose::device_read_noise));
}

namespace {

void require_described(const DeviceModel& device, double volt) {
    if (std::abs(volt) <= device.current->max_volt) return;
    throw bad_input("device '{}': the current is described up to {} V, found {} V", device.name,
                    device.current->max_volt, volt);
}

}  // namespace

PolynomialCells cell_polynomials(const DeviceModel& device, const MatrixXd& siemens, double volt) {
    PolynomialCells cells{siemens, MatrixXd::Zero(siemens.rows(), siemens.cols()),
                          MatrixXd::Zero(siemens.rows(), siemens.cols())};
    if (!device.current) return cells;
    require_described(device, volt);
    const Eigen::ArrayXd states = published(device, siemens);
    const Eigen::ArrayXd quadratic = evaluated(device, device.current->quadratic, states);
    const Eigen::ArrayXd cubic = evaluated(device, device.current->cubic, states);
    for (Eigen::Index k = 0; k < siemens.size(); ++k) {
        if (siemens.data()[k] == 0) continue;
        cells.a2_ampere_per_volt2.data()[k] = quadratic(k);
        cells.a3_ampere_per_volt3.data()[k] = cubic(k);
    }
    if (!cells.a2_ampere_per_volt2.allFinite() || !cells.a3_ampere_per_volt3.allFinite()) {
        throw bad_input("device '{}': [current] is not finite at some state", device.name);
    }
    return cells;
}

double cell_current(const DeviceModel& device, double siemens, double volt) {
    if (!device.current) return siemens * volt;
    const NonlinearCurrent& law = *device.current;
    require_described(device, volt);
    if (siemens == 0) return 0;
    const double state = siemens / siemens_per_unit(device.state);
    const double quadratic = law.quadratic.at(state, device.state.high);
    const double cubic = law.cubic.at(state, device.state.high);
    return volt * (siemens + volt * (quadratic + volt * cubic));
}

std::vector<std::string> validity_notes(const DeviceModel& device, const Conditions& conditions) {
    std::vector<std::string> notes;
    const StateRange& range = device.state;
    const char* unit = unit_symbol(range.unit);
    if (range.valid_high && range.high > *range.valid_high) {
        notes.push_back(fmt::format("States up to {} {} are used; the fits hold up to {} {}.",
                                    range.high, unit, *range.valid_high, unit));
    }
    if (range.valid_low && range.low < *range.valid_low) {
        notes.push_back(fmt::format("States from {} {} on are used; the fits hold from {} {}.",
                                    range.low, unit, *range.valid_low, unit));
    }
    const double time = equivalent_second(device, conditions.time_second, conditions.celsius);
    if (time > 0 && device.drift.valid_high && range.high > *device.drift.valid_high) {
        notes.push_back(fmt::format("States up to {} {} are used; drift was followed up to {} {}.",
                                    range.high, unit, *device.drift.valid_high, unit));
    }
    if (const auto* drift = std::get_if<MeasuredDrift>(&device.drift.law);
        drift != nullptr && time > drift->maps.back().at) {
        notes.push_back(fmt::format(
            "{:.4g} days lie beyond the last measured drift, {:.4g} days: extrapolated.",
            time / kSecondPerDay, drift->maps.back().at / kSecondPerDay));
    }
    if (conditions.dose_gray > 0 && device.radiation) {
        const auto* maps = std::get_if<DoseMaps>(&device.radiation->law);
        if (maps != nullptr && conditions.dose_gray > maps->maps.back().at) {
            notes.push_back(fmt::format(
                "{:.4g} krad lie beyond the last measured dose, {:.4g} krad: extrapolated.",
                conditions.dose_gray / kGrayPerKrad, maps->maps.back().at / kGrayPerKrad));
        }
    }
    return notes;
}

}  // namespace mho::behavioral
