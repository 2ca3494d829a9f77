// SPDX-License-Identifier: Apache-2.0
#include "behavioral/device_state.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/device_cases.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

constexpr double kCells = 40000;  // of cells_at

// Error 1 uS; after 100 s the state has lost a tenth and spreads by 3 uS.
DeviceModel measured_device() {
    DeviceModel device = plain_device("1");
    device.drift.law = MeasuredDrift{
        {{100, Formula("0.9*G"), Formula("3")}, {300, Formula("0.8*G"), Formula("5")}}};
    return device;
}

DeviceModel power_law_device() {
    DeviceModel device = plain_device("0.5");
    PowerLawDrift law;
    law.reference_second = 20;
    law.programmed_second = 20;
    law.exponent_mean = Formula("0.06");
    law.exponent_sigma = Formula("0.01");
    device.drift.law = law;
    return device;
}

DeviceModel retention_device() {
    DeviceModel device = plain_device("0");
    device.drift.law = RelaxationDrift{1e6, 0.5, 10};
    device.retention = Retention{1.2, 85, "test"};
    return device;
}

Moments aged(const DeviceModel& device, double state, const Conditions& conditions) {
    return moments(states_at(device, program(device, cells_at(state), {6, 0, 0}), conditions));
}

void check_refused(const DeviceModel& device, const Conditions& conditions,
                   const std::string& part) {
    const ProgrammedCells cells = program(device, cells_at(50, 2, 2), {});
    CHECK_THROWS_MATCHES(states_at(device, cells, conditions), mho::Error,
                         MessageMatches(ContainsSubstring(part)));
}

}  // namespace

TEST_CASE("a device without drift keeps its states, and at time 0 every device does") {
    for (const DeviceModel& device : {plain_device("1"), measured_device(), power_law_device()}) {
        const ProgrammedCells cells = program(device, cells_at(50, 9, 9), {});
        CHECK(states_at(device, cells, {}) == cells.siemens);
    }
    const DeviceModel device = plain_device("1");
    const ProgrammedCells cells = program(device, cells_at(50, 9, 9), {});
    CHECK(states_at(device, cells, {1e9, {}, 0}) == cells.siemens);
}

TEST_CASE("measured drift gives the measured mean and spread, between and beyond the times") {
    const auto [time, mean, sigma] = GENERATE(
        std::tuple{50.0, 57.0, 2.0}, std::tuple{100.0, 54.0, 3.0}, std::tuple{200.0, 51.0, 4.0},
        std::tuple{300.0, 48.0, 5.0}, std::tuple{500.0, 42.0, 7.0});
    const DeviceModel device = measured_device();
    const StateStatistics told = drift_statistics(device, Eigen::ArrayXd::Constant(1, 60.0), time);
    CHECK_THAT(told.mean(0), WithinRel(mean, 1e-12));
    CHECK_THAT(told.sigma(0), WithinRel(sigma, 1e-12));
    const Moments drawn = aged(device, 60, {time, {}, 0});
    CHECK_THAT(drawn.mean, WithinAbs(mean, 5 * sigma / std::sqrt(kCells)));
    CHECK_THAT(drawn.sigma, WithinAbs(sigma, 5 * sigma / std::sqrt(2 * kCells)));
}

TEST_CASE("a spread that shrinks with time keeps the sign of each cell's error") {
    DeviceModel device = plain_device("4");
    device.drift.law = MeasuredDrift{{{10, Formula("G"), Formula("1")}}};
    const ProgrammedCells cells = program(device, cells_at(50, 30, 30), {});
    const Eigen::MatrixXd later = states_at(device, cells, {10, {}, 0});
    const Eigen::MatrixXd expected =
        cells.target_siemens + (cells.siemens - cells.target_siemens) / 4;
    CHECK(later.isApprox(expected, 1e-12));
}

TEST_CASE("a cell's trajectory is smooth: its own numbers stay over time") {
    const DeviceModel device = measured_device();
    const ProgrammedCells cells = program(device, cells_at(60, 20, 20), {});
    const Eigen::MatrixXd now = states_at(device, cells, {100, {}, 0});
    const Eigen::MatrixXd soon = states_at(device, cells, {100.001, {}, 0});
    CHECK((soon - now).cwiseAbs().maxCoeff() < 1e-9);
    CHECK(states_at(device, cells, {100, {}, 0}) == now);
}

TEST_CASE("power-law drift falls by the mean exponent and spreads with the exponent's deviation") {
    const DeviceModel device = power_law_device();
    const double time = 86400;
    const double logarithm = std::log(time / 20);
    const Moments drawn = aged(device, 50, {time, {}, 0});
    // The mean of a log-normal factor.
    const double mean = 50 * std::exp(-0.06 * logarithm + 0.5 * std::pow(0.01 * logarithm, 2));
    const double sigma = std::hypot(mean * 0.01 * logarithm, 0.5 * std::exp(-0.06 * logarithm));
    CHECK_THAT(drawn.mean, WithinAbs(mean, 5 * sigma / std::sqrt(kCells)));
    CHECK_THAT(drawn.sigma, WithinRel(sigma, 0.03));
    const StateStatistics told = drift_statistics(device, Eigen::ArrayXd::Constant(1, 50.0), time);
    CHECK_THAT(told.mean(0), WithinRel(50 * std::pow(time / 20, -0.06), 1e-12));
    CHECK_THAT(told.sigma(0), WithinRel(drawn.sigma, 0.03));
}

TEST_CASE("the second step of a power law adds its error once its time has come") {
    DeviceModel device = power_law_device();
    auto& law = std::get<PowerLawDrift>(device.drift.law);
    law.exponent_sigma = Formula("0");
    law.programmed_second = 25;
    law.second_step = SecondStep{50, Formula("2")};
    const auto sigma_at = [&](double time) { return aged(device, 50, {time, {}, 0}).sigma; };
    CHECK_THAT(sigma_at(25), WithinRel(0.5, 0.02));
    CHECK_THAT(sigma_at(49.9), WithinRel(0.5 * std::pow(49.9 / 25, -0.06), 0.02));
    const double after = std::hypot(0.5 * std::pow(50.0 / 25, -0.06), 2.0);
    CHECK_THAT(sigma_at(50), WithinRel(after, 0.02));
    CHECK_THAT(sigma_at(5000), WithinRel(after * std::pow(100.0, -0.06), 0.02));
    // Before the first read a state is as it is there, a little below its target.
    CHECK_THAT(aged(device, 50, {1, {}, 0}).mean,
               WithinAbs(50 * std::pow(25.0 / 20, -0.06), 5 * 0.5 / 200));
}

TEST_CASE("a folded exponent only lets states fall") {
    DeviceModel device = power_law_device();
    device.programming.sigma = Formula("0");
    auto& law = std::get<PowerLawDrift>(device.drift.law);
    law.exponent_sigma = Formula("0.2");
    const ProgrammedCells cells = program(device, cells_at(50), {});
    CHECK(states_at(device, cells, {1e5, {}, 0}).maxCoeff() > 50e-6);
    law.exponent_folded = true;
    CHECK(states_at(device, cells, {1e5, {}, 0}).maxCoeff() <= 50e-6);
}

TEST_CASE("drift compensation removes the mean drift and leaves the spread") {
    const DeviceModel device = power_law_device();
    const ProgrammedCells cells = program(device, cells_at(50), {6, 0, 0});
    const Eigen::MatrixXd later = states_at(device, cells, {86400, {}, 0});
    const double factor = drift_compensation(cells.siemens, later);
    CHECK(factor > 1.5);
    const Moments compensated = moments(factor * later);
    CHECK_THAT(compensated.mean, WithinRel(moments(cells.siemens).mean, 1e-12));
    CHECK_THAT(compensated.sigma, WithinRel(factor * moments(later).sigma, 1e-12));
    CHECK(drift_compensation(Eigen::MatrixXd::Zero(2, 2), later) == 1);
    CHECK(drift_compensation(later, Eigen::MatrixXd::Zero(2, 2)) == 1);
}

TEST_CASE("relaxation follows its law at the reference temperature") {
    const DeviceModel device = retention_device();
    CHECK_THAT(aged(device, 60, {1e6, {}, 0}).mean, WithinRel(10 + 50 * std::exp(-1.0), 1e-12));
    CHECK_THAT(aged(device, 60, {1e6, 85.0, 0}).mean, WithinRel(10 + 50 * std::exp(-1.0), 1e-12));
    CHECK_THAT(aged(device, 60, {1e12, {}, 0}).mean, WithinRel(10, 1e-6));
}

TEST_CASE("time runs faster with temperature as Arrhenius has it") {
    const DeviceModel device = retention_device();
    // exp(1.2 eV / k (1/358.15 K - 1/398.15 K)), k = 8.617333262e-5 eV/K.
    const double factor = std::exp(1.2 / 8.617333262e-5 * (1 / 358.15 - 1 / 398.15));
    CHECK_THAT(equivalent_second(device, 10, 125.0), WithinRel(10 * factor, 1e-12));
    CHECK(equivalent_second(device, 10, 85.0) == 10);
    CHECK(equivalent_second(device, 10, std::nullopt) == 10);
    CHECK(equivalent_second(device, 0, 125.0) == 0);
}

TEST_CASE("what is retained falls with time and with temperature") {
    const DeviceModel device = retention_device();
    double last = 61;
    for (const double time : {1.0, 1e2, 1e4, 1e6, 1e8}) {
        const double mean = aged(device, 60, {time, {}, 0}).mean;
        CHECK(mean < last);
        last = mean;
    }
    last = 61;
    for (const double celsius : {25.0, 55.0, 85.0, 125.0, 150.0}) {
        const double mean = aged(device, 60, {1e5, celsius, 0}).mean;
        CHECK(mean < last);
        last = mean;
    }
}

TEST_CASE("threshold relaxation moves the logarithm of a current toward the neutral one") {
    DeviceModel device = plain_device("0");
    device.radiation = Radiation{ThresholdRelaxation{200, 1000, 0}, "test"};
    const double dose = GENERATE(10.0, 100.0, 1000.0, 5000.0);
    const double expected = 200 * std::pow(50.0 / 200, std::exp(-dose / 1000));
    CHECK_THAT(aged(device, 50, {0, {}, dose}).mean, WithinRel(expected, 1e-12));
    const StateStatistics told = dose_statistics(device, Eigen::ArrayXd::Constant(1, 50.0), dose);
    CHECK_THAT(told.mean(0), WithinRel(expected, 1e-12));
    CHECK(told.sigma(0) == 0);
    CHECK(aged(device, 50, {0, {}, 0}).mean == moments(cells_at(50)).mean);
}

TEST_CASE("the spread of threshold shifts grows with the shift") {
    DeviceModel device = plain_device("0");
    device.radiation = Radiation{ThresholdRelaxation{200, 1000, 0.1}, "test"};
    double last = 0;
    for (const double dose : {10.0, 100.0, 500.0}) {
        const Moments drawn = aged(device, 50, {0, {}, dose});
        const double told =
            dose_statistics(device, Eigen::ArrayXd::Constant(1, 50.0), dose).sigma(0);
        CHECK_THAT(drawn.sigma, WithinRel(told, 0.03));
        CHECK(drawn.sigma > last);
        last = drawn.sigma;
    }
}

TEST_CASE("dose tables give their means and spreads, total or added") {
    DeviceModel device = plain_device("3");
    const bool total = GENERATE(false, true);
    device.radiation = Radiation{
        DoseMaps{{{100, Formula("G + 2"), Formula("5")}, {300, Formula("G + 6"), Formula("5")}},
                 total},
        "test"};
    const double added = total ? 4 : 5;
    for (const auto& [dose, mean, sigma] : {std::tuple{50.0, 51.0, added / 2},
                                            {100.0, 52.0, added},
                                            {200.0, 54.0, added},
                                            {500.0, 60.0, added}}) {
        const StateStatistics told =
            dose_statistics(device, Eigen::ArrayXd::Constant(1, 50.0), dose);
        CHECK_THAT(told.mean(0), WithinRel(mean, 1e-12));
        CHECK_THAT(told.sigma(0), WithinRel(sigma, 1e-12));
        const Moments drawn = aged(device, 50, {0, {}, dose});
        const double all = std::hypot(3.0, sigma);
        CHECK_THAT(drawn.mean, WithinAbs(mean, 5 * all / std::sqrt(kCells)));
        CHECK_THAT(drawn.sigma, WithinAbs(all, 5 * all / std::sqrt(2 * kCells)));
    }
}

TEST_CASE("each read has noise of its own around the same state") {
    DeviceModel device = plain_device("0");
    device.read_noise = ReadNoise{Formula("0.1*G"), Resampling::each_read, "test"};
    const ProgrammedCells cells = program(device, cells_at(50), {6, 0, 0});
    CHECK(states_at(device, cells, {100, {}, 0}) == cells.siemens);
    const Eigen::MatrixXd sigma = read_noise_sigma(device, cells.siemens, cells.siemens, 0);
    CHECK_THAT(sigma.maxCoeff(), WithinRel(5e-6, 1e-12));
    const Eigen::MatrixXd first = one_read(device, cells.siemens, cells, 0, 0);
    const Eigen::MatrixXd second = one_read(device, cells.siemens, cells, 0, 1);
    CHECK(one_read(device, cells.siemens, cells, 0, 1) == second);
    CHECK((first.array() != second.array()).all());
    CHECK_THAT(moments(first).sigma, WithinAbs(5, 5 * 5 / std::sqrt(2 * kCells)));
    CHECK_THAT(moments(first - second).sigma,
               WithinAbs(5 * std::sqrt(2.0), 5 * 7.1 / std::sqrt(2 * kCells)));
}

TEST_CASE("slow noise is drawn once and grows with its formula") {
    DeviceModel device = plain_device("0");
    device.read_noise = ReadNoise{Formula("0.1*G*sqrt(t)"), Resampling::each_time, "test"};
    const ProgrammedCells cells = program(device, cells_at(50), {6, 0, 0});
    const Eigen::MatrixXd early = states_at(device, cells, {0.01, {}, 0});
    const Eigen::MatrixXd late = states_at(device, cells, {0.04, {}, 0});
    CHECK_THAT(moments(early).sigma, WithinRel(0.5, 0.02));
    CHECK((late - cells.siemens).isApprox(2 * (early - cells.siemens), 1e-9));
    CHECK(one_read(device, late, cells, 0.04, 3) == late);
}

TEST_CASE("cells that are not there and stuck cells stay so through time, dose and reads") {
    DeviceModel device = measured_device();
    device.radiation = Radiation{ThresholdRelaxation{200, 1000, 0.1}, "test"};
    device.read_noise = ReadNoise{Formula("1/G"), Resampling::each_read, "test"};
    device.stuck = StuckCells{0.5, 0.5, "test"};
    Eigen::MatrixXd target = cells_at(50, 10, 10);
    target.row(4).setZero();
    const ProgrammedCells cells = program(device, target, {});
    const Eigen::MatrixXd later = states_at(device, cells, {100, {}, 50});
    CHECK(later == cells.siemens);
    CHECK((later.row(4).array() == 0).all());
    CHECK((one_read(device, later, cells, 100, 0).row(4).array() == 0).all());
}

TEST_CASE("a cell's current is ohmic, or the device's polynomial up to its voltage") {
    DeviceModel device = plain_device("0");
    CHECK(cell_current(device, 50e-6, -0.2) == 50e-6 * -0.2);
    device.current = NonlinearCurrent{Formula("1e-6*G"), Formula("-2e-6*G"), 0.5, "test"};
    CHECK_THAT(cell_current(device, 50e-6, 0.2),
               WithinRel(50e-6 * 0.2 + 50e-6 * 0.04 - 100e-6 * 0.008, 1e-12));
    CHECK(cell_current(device, 0, 0.2) == 0);
    CHECK_THROWS_MATCHES(cell_current(device, 50e-6, 0.51), mho::Error,
                         MessageMatches(ContainsSubstring("up to 0.5 V, found 0.51 V")));
}

TEST_CASE("conditions that the device does not describe are refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    check_refused(plain_device("1"), {-1, {}, 0}, "time since programming is -1 s");
    check_refused(plain_device("1"), {nan, {}, 0}, "time since programming");
    check_refused(plain_device("1"), {1, 85.0, 0}, "no [retention]");
    check_refused(retention_device(), {1, -300.0, 0}, "-300 C");
    check_refused(retention_device(), {1e300, 1000.0, 0}, "longer than any time");
    check_refused(plain_device("1"), {0, {}, -1}, "the dose is -1 Gy");
    check_refused(plain_device("1"), {0, {}, 10}, "no [radiation]");
}

TEST_CASE("notes tell what the publication does not cover") {
    DeviceModel device = measured_device();
    CHECK(validity_notes(device, {300, {}, 0}).empty());
    REQUIRE(validity_notes(device, {864000, {}, 0}).size() == 1);
    CHECK_THAT(validity_notes(device, {864000, {}, 0})[0],
               ContainsSubstring("10 days lie beyond the last measured drift"));
    device.state.valid_low = 2;
    device.state.valid_high = 90;
    device.drift.valid_high = 50;
    CHECK(validity_notes(device, {}).size() == 2);
    CHECK(validity_notes(device, {100, {}, 0}).size() == 3);
    device.radiation = Radiation{DoseMaps{{{100, Formula("G"), Formula("1")}}, false}, ""};
    CHECK_THAT(validity_notes(device, {0, {}, 200}).back(),
               ContainsSubstring("20 krad lie beyond the last measured dose, 10 krad"));
}

TEST_CASE("a device that cannot be is refused by section and key") {
    const auto problem = [](auto change) {
        DeviceModel device = power_law_device();
        change(device);
        const DeviceProblem found = find_problem(device);
        return "[" + found.section + "] " + found.key + ": " + found.message;
    };
    CHECK(find_problem(power_law_device()).message.empty());
    CHECK(problem([](DeviceModel& d) { d.state.low = 0; }) ==
          "[state] low: expected a positive number, found 0");
    CHECK(problem([](DeviceModel& d) { d.state.high = 1; }) ==
          "[state] high: expected more than low = 1, found 1");
    CHECK(problem([](DeviceModel& d) {
              d.state.levels = {1, 5, 5};
          }) == "[state] levels: expected rising states from low to high, found 5");
    CHECK_THAT(problem([](DeviceModel& d) { d.programming.sigma = Formula("1/(G - 100)"); }),
               ContainsSubstring("[programming] sigma: expected a finite value at every state"));
    CHECK_THAT(
        problem([](DeviceModel& d) { std::get<PowerLawDrift>(d.drift.law).programmed_second = 1; }),
        ContainsSubstring("[drift] programmed_second: expected at least"));
    CHECK_THAT(problem([](DeviceModel& d) { d.drift.law = MeasuredDrift{}; }),
               ContainsSubstring("expected at least one"));
    CHECK_THAT(problem([](DeviceModel& d) {
                   d.drift.law = MeasuredDrift{
                       {{5, Formula("G"), Formula("1")}, {5, Formula("G"), Formula("1")}}};
               }),
               ContainsSubstring("each once, found 5"));
    CHECK_THAT(problem([](DeviceModel& d) {
                   d.drift.law = RelaxationDrift{0, 1, 0};
               }),
               ContainsSubstring("[drift] tau_second: expected a positive number"));
    CHECK_THAT(problem([](DeviceModel& d) {
                   d.stuck = StuckCells{0.6, 0.5, ""};
               }),
               ContainsSubstring("[stuck] high_probability"));
    CHECK_THAT(problem([](DeviceModel& d) {
                   d.retention = Retention{-1, 25, ""};
               }),
               ContainsSubstring("[retention] activation_ev"));
    CHECK_THAT(problem([](DeviceModel& d) {
                   d.write_verify = WriteVerify{};
                   d.write_verify->tolerance = 1;
               }),
               ContainsSubstring("[write_verify] max_pulses: expected 1 to 100000, found 0"));
    CHECK_THAT(problem([](DeviceModel& d) {
                   d.radiation = Radiation{ThresholdRelaxation{1, 0, 0}, ""};
               }),
               ContainsSubstring("[radiation] dose_krad"));
    DeviceModel device = plain_device("1");
    device.state.low = -1;
    CHECK_THROWS_MATCHES(require_valid(device), mho::Error,
                         MessageMatches(ContainsSubstring("device 'plain': [state] low")));
}
