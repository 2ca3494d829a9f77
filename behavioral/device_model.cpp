// SPDX-License-Identifier: Apache-2.0
#include "behavioral/device_model.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace mho::behavioral {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Collects the first problem; all further questions are then answered at once.
class Check {
  public:
    explicit Check(const DeviceModel& device) : device_(device) {}

    const DeviceProblem& problem() const { return problem_; }

    void fail(std::string section, std::string key, std::string message) {
        if (problem_.message.empty()) {
            problem_ = {std::move(section), std::move(key), std::move(message)};
        }
    }

    // low < value < high, or with equality where `closed`.
    void number(const char* section, const char* key, double value, double low, double high,
                bool closed, const char* expected) {
        const bool inside = closed ? value >= low && value <= high : value > low && value < high;
        if (!inside) fail(section, key, fmt::format("expected {}, found {}", expected, value));
    }
    void positive(const char* section, const char* key, double value) {
        number(section, key, value, 0, kInfinity, false, "a positive number");
    }
    void not_negative(const char* section, const char* key, double value) {
        number(section, key, value, 0, std::numeric_limits<double>::max(), true,
               "a number not below 0");
    }

    // Finite over the states that weights are mapped to.
    void formula(const std::string& section, const char* key, const Formula& formula) {
        constexpr Eigen::Index kPoints = 65;
        const Eigen::ArrayXd states =
            Eigen::ArrayXd::LinSpaced(kPoints, device_.state.low, device_.state.high);
        const Eigen::ArrayXd values = formula({states, states, device_.state.high, 1.0});
        for (Eigen::Index i = 0; i < kPoints; ++i) {
            if (std::isfinite(values(i))) continue;
            fail(section, key,
                 fmt::format("expected a finite value at every state, found {} at {} {} in '{}'",
                             values(i), states(i), unit_name(device_.state.unit), formula.text()));
            return;
        }
    }

    void maps(const char* section, const char* key, const std::vector<StateMap>& maps) {
        if (maps.empty()) fail(section, key, "expected at least one table or file, found none");
        double last = 0;
        for (const StateMap& map : maps) {
            if (!(map.at > last) || !std::isfinite(map.at)) {
                fail(section, key,
                     fmt::format("expected positive values, each once, found {}", map.at));
            }
            last = map.at;
            formula(section, "mean", map.mean);
            formula(section, "sigma", map.sigma);
        }
    }

  private:
    const DeviceModel& device_;
    DeviceProblem problem_;
};

void check_state(const StateRange& state, Check& check) {
    check.positive("state", "low", state.low);
    if (!(state.high > state.low) || !std::isfinite(state.high)) {
        check.fail("state", "high",
                   fmt::format("expected more than low = {}, found {}", state.low, state.high));
    }
    if (state.unit == StateUnit::nanoampere) check.positive("state", "read_volt", state.read_volt);
    double last = 0;
    for (const double level : state.levels) {
        if (!(level > last) || level < state.low || level > state.high) {
            check.fail("state", "levels",
                       fmt::format("expected rising states from low to high, found {}", level));
        }
        last = level;
    }
}

struct CheckDrift {
    Check& check;

    void operator()(const std::monostate&) const {}
    void operator()(const MeasuredDrift& drift) const { check.maps("drift", "time", drift.maps); }
    void operator()(const PowerLawDrift& drift) const {
        check.positive("drift", "reference_second", drift.reference_second);
        if (!(drift.programmed_second >= drift.reference_second) ||
            !std::isfinite(drift.programmed_second)) {
            check.fail("drift", "programmed_second",
                       fmt::format("expected at least reference_second = {}, found {}",
                                   drift.reference_second, drift.programmed_second));
        }
        check.not_negative("drift", "offset_second", drift.offset_second);
        check.formula("drift", "exponent_mean", drift.exponent_mean);
        check.formula("drift", "exponent_sigma", drift.exponent_sigma);
        if (!drift.second_step) return;
        if (!(drift.second_step->time_second > drift.programmed_second)) {
            check.fail("drift", "second_step_second",
                       fmt::format("expected more than programmed_second = {}, found {}",
                                   drift.programmed_second, drift.second_step->time_second));
        }
        check.formula("drift", "second_step_sigma", drift.second_step->sigma);
    }
    void operator()(const RelaxationDrift& drift) const {
        check.positive("drift", "tau_second", drift.tau_second);
        check.positive("drift", "exponent", drift.exponent);
        check.not_negative("drift", "end_state", drift.end_state);
    }
};

struct CheckRadiation {
    Check& check;

    void operator()(const ThresholdRelaxation& law) const {
        check.positive("radiation", "neutral_state", law.neutral_state);
        check.positive("radiation", "dose_krad", law.dose_gray);
        check.not_negative("radiation", "spread", law.spread);
    }
    void operator()(const DoseMaps& law) const { check.maps("radiation", "dose_krad", law.maps); }
};

void check_write_verify(const WriteVerify& write, Check& check) {
    constexpr int kMostPulses = 100000;
    check.positive("write_verify", "tolerance", write.tolerance);
    check.number("write_verify", "max_pulses", write.max_pulses, 1, kMostPulses, true,
                 "1 to 100000");
    check.number("write_verify", "gain", write.gain, 0, 2, false, "above 0 and below 2");
    check.formula("write_verify", "pulse_sigma", write.pulse_sigma);
    check.not_negative("write_verify", "verify_sigma", write.verify_sigma);
    check.not_negative("write_verify", "pulse_second", write.pulse_second);
    check.not_negative("write_verify", "pulse_joule", write.pulse_joule);
    check.not_negative("write_verify", "read_second", write.read_second);
    check.not_negative("write_verify", "read_joule", write.read_joule);
}

void check_stuck(const StuckCells& stuck, Check& check) {
    check.number("stuck", "low_probability", stuck.low_probability, 0, 1, true, "0 to 1");
    check.number("stuck", "high_probability", stuck.high_probability, 0, 1 - stuck.low_probability,
                 true, "0 to 1 less low_probability");
}

}  // namespace

double siemens_per_unit(const StateRange& state) {
    return state.unit == StateUnit::microsiemens ? 1e-6 : 1e-9 / state.read_volt;
}

const char* unit_name(StateUnit unit) {
    return unit == StateUnit::microsiemens ? "uS" : "nA";
}

const char* unit_symbol(StateUnit unit) {
    return unit == StateUnit::microsiemens ? "\u00b5S" : "nA";
}

DeviceProblem find_problem(const DeviceModel& device) {
    constexpr double kAbsoluteZero = -273.15;
    Check check(device);
    check_state(device.state, check);
    if (!check.problem().message.empty()) return check.problem();
    check.formula("programming", "sigma", device.programming.sigma);
    std::visit(CheckDrift{check}, device.drift.law);
    if (device.read_noise) check.formula("read_noise", "sigma", device.read_noise->sigma);
    if (device.retention) {
        check.positive("retention", "activation_ev", device.retention->activation_ev);
        check.number("retention", "reference_celsius", device.retention->reference_celsius,
                     kAbsoluteZero, kInfinity, false, "a temperature above -273.15");
    }
    if (device.current) {
        check.formula("current", "quadratic", device.current->quadratic);
        check.formula("current", "cubic", device.current->cubic);
        check.positive("current", "max_volt", device.current->max_volt);
    }
    if (device.stuck) check_stuck(*device.stuck, check);
    if (device.write_verify) check_write_verify(*device.write_verify, check);
    if (device.radiation) std::visit(CheckRadiation{check}, device.radiation->law);
    return check.problem();
}

void require_valid(const DeviceModel& device) {
    const DeviceProblem problem = find_problem(device);
    if (problem.message.empty()) return;
    throw bad_input("device '{}': [{}] {}: {}", device.name, problem.section, problem.key,
                    problem.message);
}

}  // namespace mho::behavioral
