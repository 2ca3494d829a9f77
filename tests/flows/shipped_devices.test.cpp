// SPDX-License-Identifier: Apache-2.0
// The shipped devices give the figures that were published for them, or that CrossSim v3.2.0 gave
// when it was run (statistics of 1e6 draws).
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "behavioral/device_state.h"
#include "flows/device_toml.h"

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using mho::flows::read_device;

namespace {

constexpr double kDay = 86400;

struct Moments {
    double mean = 0;
    double sigma = 0;
};

// Of cells asked to be at one state of the published unit, in that unit.
Moments drawn(const DeviceModel& device, double state, const Conditions& conditions = {}) {
    const double unit = siemens_per_unit(device.state);
    const Eigen::MatrixXd target = Eigen::MatrixXd::Constant(300, 300, state * unit);
    const ProgrammedCells cells = program(device, target, {17, 0, 0});
    const Eigen::ArrayXXd states = states_at(device, cells, conditions).array() / unit;
    const double mean = states.mean();
    return {mean, std::sqrt((states - mean).square().mean())};
}

double sigma_at(const std::string& name, double state) {
    const DeviceModel device = read_device(name);
    return device.programming.sigma.at(state, device.state.high);
}

// States that share the range in four.
std::vector<double> quarters(const DeviceModel& device) {
    std::vector<double> states;
    for (int k = 0; k < 5; ++k) {
        states.push_back(device.state.low + (device.state.high - device.state.low) * k / 4);
    }
    return states;
}

void check_drift(const std::string& name, double days, double target, double mean, double sigma) {
    INFO(name << ", " << days << " days, " << target);
    const StateStatistics told =
        drift_statistics(read_device(name), Eigen::ArrayXd::Constant(1, target), days * kDay);
    CHECK_THAT(told.mean(0), WithinAbs(mean, 0.006));
    CHECK_THAT(told.sigma(0), WithinAbs(sigma, 0.006));
}

}  // namespace

TEST_CASE("every shipped device is read, carries its name and tells its sources") {
    const std::vector<std::string> names = mho::flows::shipped_devices();
    REQUIRE(names.size() >= 12);
    for (const std::string& name : names) {
        INFO(name);
        const DeviceModel device = read_device(name);
        CHECK(device.name == name);
        CHECK_FALSE(device.title.empty());
        CHECK_FALSE(device.source.empty());
        CHECK_FALSE(device.state.source.empty());
        CHECK_FALSE(device.programming.source.empty());
        CHECK(validity_notes(device, {}).empty());
    }
}

TEST_CASE("programming errors are as published at the states where they are known") {
    // FIGURES 1.1: evaluated in nA at 10, 100, 400 and 1600 nA.
    CHECK_THAT(sigma_at("sonos-tcas", 10), WithinAbs(0.74, 0.005));
    CHECK_THAT(sigma_at("sonos-tcas", 100), WithinAbs(6.80, 0.005));
    CHECK_THAT(sigma_at("sonos-tcas", 400), WithinAbs(20.97, 0.005));
    CHECK_THAT(sigma_at("sonos-tcas", 1600), WithinAbs(37.63, 0.005));
    CHECK_THAT(sigma_at("sonos-iedm", 10), WithinAbs(1.10, 0.005));
    CHECK_THAT(sigma_at("sonos-iedm", 100), WithinAbs(8.61, 0.005));
    CHECK_THAT(sigma_at("sonos-iedm", 400), WithinAbs(17.83, 0.005));
    CHECK_THAT(sigma_at("sonos-iedm", 1600), WithinAbs(19.88, 0.005));
    // FIGURES 1.2 and 1.3, uS.
    CHECK_THAT(sigma_at("pcm", 0), WithinAbs(0.286, 0.0005));
    CHECK_THAT(sigma_at("pcm", 5), WithinAbs(0.621, 0.0005));
    CHECK_THAT(sigma_at("pcm", 25), WithinAbs(1.066, 0.0005));
    CHECK_THAT(sigma_at("hfo2", 50), WithinAbs(4.33, 0.005));
    CHECK_THAT(sigma_at("hfo2", 225), WithinAbs(2.73, 0.005));
    // "Both fits agree within 0.025 uS."
    for (double state = 0.25; state <= 25; state += 0.25) {
        CHECK_THAT(sigma_at("pcm-aihwkit", state), WithinAbs(sigma_at("pcm", state), 0.025));
    }
}

TEST_CASE("cells have the deviations that CrossSim's have at the quarters of the range") {
    const auto [name, sigmas] =
        GENERATE(std::pair{"pcm", std::vector{0.253, 0.700, 0.959, 1.080, 1.066}},
                 std::pair{"hfo2", std::vector{4.33, 3.93, 3.53, 3.13, 2.73}},
                 std::pair{"rram-wan", std::vector{0.795, 2.415, 2.375, 1.849, 1.675}},
                 std::pair{"sonos-iedm", std::vector{0.0, 17.81, 19.67, 19.85, 19.87}});
    const DeviceModel device = read_device(name);
    const std::vector<double> states = quarters(device);
    for (std::size_t k = 0; k < states.size(); ++k) {
        INFO(name << " at " << states[k]);
        // 90,000 draws against 1e6, and three decimals.
        CHECK_THAT(drawn(device, states[k]).sigma,
                   WithinAbs(sigmas[k], 5 * sigmas[k] / std::sqrt(2 * 85000.0) + 0.0006));
    }
}

TEST_CASE("states near zero are lifted by the errors that cannot go below it") {
    // CrossSim: 0.25 uS became 0.286 uS on average.
    const Moments low = drawn(read_device("pcm"), 0.25);
    CHECK_THAT(low.mean, WithinAbs(0.286, 5 * 0.253 / 300 + 0.0005));
}

TEST_CASE("SONOS currents after five days are those of CrossSim") {
    const DeviceModel device = read_device("sonos-iedm");
    const std::vector<double> states = quarters(device);
    const std::vector<double> means{0.32, 398.5, 784.9, 1171.5, 1559.3};
    const std::vector<double> sigmas{0.05, 29.5, 33.8, 34.4, 34.6};
    for (std::size_t k = 0; k < states.size(); ++k) {
        const Moments cells = drawn(device, states[k], {5 * kDay, {}, 0});
        CHECK_THAT(cells.mean, WithinAbs(means[k], 5 * sigmas[k] / 300 + 0.05));
        CHECK_THAT(cells.sigma, WithinAbs(sigmas[k], 5 * sigmas[k] / std::sqrt(180000.0) + 0.051));
    }
}

TEST_CASE("SONOS drift of the TCAS-I tables is met at its states and times") {
    // FIGURES 1.1: means; deviations from B(1 - exp(-A I)) at the mean.
    check_drift("sonos-tcas", 1, 52.36, 54.94, 46.1065 * (1 - std::exp(-0.00203079 * 54.94)));
    check_drift("sonos-tcas", 2, 52.36, 56.51, 50.3982 * (1 - std::exp(-0.00205587 * 56.51)));
    check_drift("sonos-tcas", 5, 52.36, 58.44, 53.4358 * (1 - std::exp(-0.00217328 * 58.44)));
    check_drift("sonos-tcas", 1, 512.92, 512.22, 46.1065 * (1 - std::exp(-0.00203079 * 512.22)));
    check_drift("sonos-tcas", 2, 512.92, 519.34, 50.3982 * (1 - std::exp(-0.00205587 * 519.34)));
    check_drift("sonos-tcas", 5, 512.92, 524.99, 53.4358 * (1 - std::exp(-0.00217328 * 524.99)));
    check_drift("sonos-tcas", 1, 1585.32, 1553.01, 46.1065 * (1 - std::exp(-0.00203079 * 1553.01)));
    check_drift("sonos-tcas", 5, 1585.32, 1543.26, 53.4358 * (1 - std::exp(-0.00217328 * 1543.26)));
    // Half way between two days.
    const StateStatistics between = drift_statistics(
        read_device("sonos-tcas"), Eigen::ArrayXd::Constant(1, 1034.71), 3.5 * kDay);
    CHECK_THAT(between.mean(0), WithinAbs((1019.02 + 1023.06) / 2, 1e-9));
}

TEST_CASE("SONOS: low states rise and high states fall, and the spread grows by the day") {
    const DeviceModel device = read_device("sonos-iedm");
    const Eigen::ArrayXd states = Eigen::ArrayXd::LinSpaced(2, 50, 1500);
    double last = 0;
    for (int day = 1; day <= 5; ++day) {
        const StateStatistics now = drift_statistics(device, states, day * kDay);
        CHECK(now.mean(0) > 50);
        CHECK(now.mean(1) < 1500);
        CHECK(now.sigma(1) > last);
        last = now.sigma(1);
    }
}

TEST_CASE("SONOS read noise is CrossSim's, and new for each read") {
    const DeviceModel device = read_device("sonos-iedm");
    const double unit = siemens_per_unit(device.state);
    const std::vector<double> states = quarters(device);
    const std::vector<double> sigmas{0, 10.6, 12.3, 12.5, 12.6};
    for (std::size_t k = 0; k < states.size(); ++k) {
        const Eigen::MatrixXd now = Eigen::MatrixXd::Constant(1, 1, states[k] * unit);
        CHECK_THAT(read_noise_sigma(device, now, now, 0)(0) / unit, WithinAbs(sigmas[k], 0.05));
    }
    CHECK(device.read_noise->resampling == Resampling::each_read);
}

TEST_CASE("PCM drifts by its mean exponent, and global compensation takes the mean drift away") {
    const DeviceModel device = read_device("pcm");
    // Exponents of the three pieces: 0.0755 at 1 uS, 0.06 at 10 uS, 0.055 at 20 uS.
    for (const auto& [state, exponent] : {std::pair{1.0, 0.0755}, {10.0, 0.06}, {20.0, 0.055}}) {
        const StateStatistics later =
            drift_statistics(device, Eigen::ArrayXd::Constant(1, state), kDay);
        CHECK_THAT(later.mean(0), WithinRel(state * std::pow(kDay / 20, -exponent), 1e-9));
    }
    DeviceModel quiet = device;
    quiet.read_noise.reset();
    const Moments day = drawn(quiet, 10, {kDay, {}, 0});
    CHECK_THAT(day.mean, WithinRel(10 * std::pow(kDay / 20, -0.06), 0.005));
    const Eigen::MatrixXd target = Eigen::MatrixXd::Constant(200, 200, 10e-6);
    const ProgrammedCells cells = program(device, target, {17, 0, 0});
    const Eigen::MatrixXd later = states_at(device, cells, {kDay, {}, 0});
    CHECK(later.mean() < 0.63 * cells.siemens.mean());
    const double factor = drift_compensation(cells.siemens, later);
    CHECK_THAT(factor * later.mean(), WithinRel(cells.siemens.mean(), 1e-12));
    // What it cannot take away: the cells' own exponents and noise.
    const double spread =
        std::sqrt((factor * later.array() - cells.siemens.mean()).square().mean());
    CHECK(spread > 1.5 * drawn(device, 10).sigma * 1e-6);
}

TEST_CASE("aihwkit's exponent is clipped where the fit says, and its noise grows with time") {
    const DeviceModel device = read_device("pcm-aihwkit");
    const auto& law = std::get<PowerLawDrift>(device.drift.law);
    CHECK_THAT(law.exponent_mean.at(25, 25), WithinAbs(0.049, 1e-12));
    CHECK_THAT(law.exponent_mean.at(2.5, 25), WithinAbs(0.0155 * std::log(10.0) + 0.0244, 1e-12));
    CHECK_THAT(law.exponent_mean.at(0.05, 25), WithinAbs(0.1, 1e-12));
    CHECK_THAT(law.exponent_sigma.at(25, 25), WithinAbs(0.008, 1e-12));
    CHECK_THAT(law.exponent_sigma.at(0.05, 25), WithinAbs(0.045, 1e-12));
    const Eigen::MatrixXd now = Eigen::MatrixXd::Constant(1, 1, 25e-6);
    // At the highest state: 0.88 percent times sqrt(ln((t + t_r) / 2 t_r)), t from 20 s on.
    CHECK_THAT(read_noise_sigma(device, now, now, kDay)(0),
               WithinRel(25e-6 * 0.0088 * std::sqrt(std::log((kDay + 20) / 500e-9)), 1e-6));
}

TEST_CASE("HfO2 cells carry the measured currents at 0.2 V of either sign") {
    // CrossSim v3.2.0 at states 0, 1/4, 1/2 and 1, ampere.
    const DeviceModel device = read_device("hfo2");
    const std::vector<double> states{50, 93.75, 137.5, 225};
    const std::vector<double> forward{8.6552e-6, 18.3697e-6, 27.3176e-6, 44.9332e-6};
    const std::vector<double> backward{-11.6107e-6, -19.1355e-6, -27.6325e-6, -45.0614e-6};
    for (std::size_t k = 0; k < states.size(); ++k) {
        CHECK_THAT(cell_current(device, states[k] * 1e-6, 0.2), WithinAbs(forward[k], 1e-10));
        CHECK_THAT(cell_current(device, states[k] * 1e-6, -0.2), WithinAbs(backward[k], 1e-10));
    }
}

TEST_CASE("TaOx has a parabola that is least at low conductance, and says that it is ours") {
    const DeviceModel device = read_device("taox");
    const double step = 1;
    const auto sigma = [&](double state) {
        return device.programming.sigma.at(state, device.state.high);
    };
    for (double state = device.state.low; state + 2 * step < device.state.high; state += 10) {
        CHECK(sigma(state + step) > sigma(state));
        CHECK_THAT(sigma(state + 2 * step) - 2 * sigma(state + step) + sigma(state),
                   WithinRel(3e-4, 1e-6));
    }
    REQUIRE_FALSE(device.notes.empty());
    CHECK(device.notes[0].find("not published") != std::string::npos);
}

TEST_CASE("SONOS under dose: states move toward the neutral current, more at low currents") {
    const DeviceModel device = read_device("sonos-iedm");
    const Eigen::ArrayXd states = Eigen::ArrayXd::LinSpaced(3, 100, 1500);
    Eigen::ArrayXd last = states;
    for (const double krad : {10.0, 100.0, 500.0}) {
        const StateStatistics now = dose_statistics(device, states, krad * kGrayPerKrad);
        CHECK((now.mean > last).all());
        CHECK((now.sigma > 0).all());
        CHECK(now.mean(0) / states(0) > now.mean(2) / states(2));
        last = now.mean;
    }
}

TEST_CASE("generic devices have errors of their kind") {
    CHECK(sigma_at("generic-independent", 10) == sigma_at("generic-independent", 90));
    CHECK_THAT(sigma_at("generic-proportional", 90),
               WithinRel(9 * sigma_at("generic-proportional", 10), 1e-12));
    CHECK_THAT(sigma_at("generic-inverse", 90),
               WithinRel(sigma_at("generic-inverse", 10) / 9, 1e-12));
    const DeviceModel uniform = read_device("generic-uniform");
    CHECK(uniform.programming.distribution == Distribution::uniform);
    CHECK_THAT(drawn(uniform, 50).sigma, WithinRel(4 / std::sqrt(12.0), 0.02));
}

TEST_CASE("the generic cell with write-verify ends within its tolerance but for noise and faults") {
    const DeviceModel device = read_device("generic-verify");
    const Eigen::MatrixXd target = Eigen::MatrixXd::Constant(200, 200, 50e-6);
    const ProgrammedCells cells = program(device, target, {17, 0, 0});
    const Eigen::ArrayXXd error = (cells.siemens.array() - 50e-6) * 1e6;
    const double within = (error.abs() <= 1 + 5 * 0.2).cast<double>().mean();
    // All but the stuck cells, 0.15 percent.
    CHECK_THAT(within, WithinAbs(1 - 0.0015, 5 * std::sqrt(0.0015 / 40000)));
    const WriteCost cost = write_cost(device, cells);
    CHECK(cost.pulses > 2 * cost.cells);
    CHECK(cost.pulses < 6 * cost.cells);
}
