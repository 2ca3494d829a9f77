// SPDX-License-Identifier: Apache-2.0
#include "behavioral/device_program.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "behavioral/device_cases.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

WriteVerify strict_write() {
    WriteVerify write;
    write.tolerance = 0.5;
    write.max_pulses = 50;
    write.gain = 0.8;
    write.pulse_sigma = Formula("1");
    return write;
}

double worst_error(const ProgrammedCells& cells) {
    return (cells.siemens - cells.target_siemens).cwiseAbs().maxCoeff() * 1e6;
}

}  // namespace

TEST_CASE("programming errors have mean 0 and the device's deviation at each state") {
    const DeviceModel device = plain_device("0.5 + 0.02*G");
    const double state = GENERATE(20.0, 60.0);
    const double sigma = 0.5 + 0.02 * state;
    const Moments drawn = moments(program(device, cells_at(state), {3, 0, 0}).siemens);
    // 40,000 cells: five standard errors.
    CHECK_THAT(drawn.mean, WithinAbs(state, 5 * sigma / 200));
    CHECK_THAT(drawn.sigma, WithinAbs(sigma, 5 * sigma / std::sqrt(2 * 40000)));
}

TEST_CASE("a uniform error has the same deviation and ends at sqrt(3) times it") {
    DeviceModel device = plain_device("2");
    device.programming.distribution = Distribution::uniform;
    const ProgrammedCells cells = program(device, cells_at(50), {3, 0, 0});
    const Moments drawn = moments(cells.siemens);
    CHECK_THAT(drawn.mean, WithinAbs(50, 5 * 2.0 / 200));
    // The fourth moment of a uniform distribution is 9/5 of the squared second.
    CHECK_THAT(drawn.sigma, WithinAbs(2, 5 * 2 * std::sqrt(0.8 / 4 / 40000)));
    CHECK(worst_error(cells) < 2 * std::sqrt(3.0));
    CHECK(worst_error(cells) > 2 * std::sqrt(3.0) * 0.999);
}

TEST_CASE("states do not fall below 0 and cells that are not there stay away") {
    const DeviceModel device = plain_device("5");
    Eigen::MatrixXd target = cells_at(1, 40, 50);
    target(3, 4) = 0;
    const ProgrammedCells cells = program(device, target, {1, 2, 3});
    CHECK(cells.siemens.minCoeff() == 0);
    CHECK(cells.siemens(3, 4) == 0);
    CHECK((cells.siemens.array() == 0).count() > 500);
    target(3, 4) = 1e-6;
    Eigen::MatrixXd full = program(device, target, {1, 2, 3}).siemens;
    full(3, 4) = 0;
    CHECK(full == cells.siemens);
}

TEST_CASE("a negative deviation counts as none") {
    const ProgrammedCells cells = program(plain_device("G - 50"), cells_at(20), {1, 0, 0});
    CHECK(cells.siemens == cells.target_siemens);
}

TEST_CASE("seed, trial and tile each give other errors, and the same again give the same bits") {
    const DeviceModel device = plain_device("1");
    const Eigen::MatrixXd target = cells_at(50, 30, 30);
    const Eigen::MatrixXd first = program(device, target, {7, 1, 2}).siemens;
    CHECK(program(device, target, {7, 1, 2}).siemens == first);
    for (const DeviceKey& other : {DeviceKey{8, 1, 2}, {7, 2, 2}, {7, 1, 3}, {7, 2, 1}}) {
        CHECK((program(device, target, other).siemens.array() != first.array()).all());
    }
}

TEST_CASE("tiles programmed on any number of threads have the same bits") {
    DeviceModel device = plain_device("1 + 0.1*G");
    device.write_verify = strict_write();
    device.stuck = StuckCells{0.01, 0.02, ""};
    const auto all = [&](std::size_t threads) {
        std::vector<Eigen::MatrixXd> tiles(9);
        mho::parallel_for(tiles.size(), threads, [&](std::size_t tile) {
            tiles[tile] =
                program(device, cells_at(40, 20, 30), {5, 0, static_cast<std::uint32_t>(tile)})
                    .siemens;
        });
        return tiles;
    };
    CHECK(all(1) == all(4));
}

TEST_CASE("targets move into the range, or to the nearest level") {
    DeviceModel device = plain_device("0");
    Eigen::MatrixXd target(1, 6);
    target << 0, 0.2e-6, 25e-6, 26e-6, 74e-6, 300e-6;
    Eigen::MatrixXd expected(1, 6);
    expected << 0, 1e-6, 25e-6, 26e-6, 74e-6, 100e-6;
    CHECK(quantised(device, target).isApprox(expected, 1e-15));
    device.state.levels = {1, 50, 99};
    expected << 0, 1e-6, 1e-6, 50e-6, 50e-6, 99e-6;
    CHECK(quantised(device, target).isApprox(expected, 1e-15));
    CHECK(program(device, target, {}).siemens.isApprox(expected, 1e-15));
}

TEST_CASE("a target that is no conductance is refused") {
    const DeviceModel device = plain_device("1");
    for (const double target : {-1e-9, std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::infinity()}) {
        CHECK_THROWS_MATCHES(program(device, Eigen::MatrixXd::Constant(2, 2, target), {}),
                             mho::Error,
                             MessageMatches(ContainsSubstring("device 'plain'") &&
                                            ContainsSubstring("expected 0 or more")));
    }
}

TEST_CASE("write-verify leaves every cell within its tolerance when readings are exact") {
    DeviceModel device = plain_device("10");
    device.write_verify = strict_write();
    const ProgrammedCells cells = program(device, cells_at(50), {2, 0, 0});
    CHECK(worst_error(cells) <= 0.5 + 1e-12);
    CHECK(cells.pulses.minCoeff() >= 1);
    const WriteCost cost = write_cost(device, cells);
    CHECK(cost.cells == 40000);
    CHECK(cost.unfinished == 0);
    CHECK(cost.pulses == cells.pulses.sum());
    // The first write is good with P(|N(0, 10)| < 0.5) = 0.0399.
    const auto once = static_cast<double>((cells.pulses.array() == 1).count());
    CHECK_THAT(once / 40000, WithinAbs(0.0399, 5 * std::sqrt(0.0399 / 40000)));
}

TEST_CASE("a tighter tolerance takes more pulses and a coarser verify leaves more error") {
    DeviceModel device = plain_device("10");
    device.write_verify = strict_write();
    const auto pulses = [&] {
        return program(device, cells_at(50), {2, 0, 0}).pulses.cast<double>().mean();
    };
    const double normal = pulses();
    device.write_verify->tolerance = 0.25;
    CHECK(pulses() > 1.5 * normal);
    device.write_verify = strict_write();
    device.write_verify->verify_sigma = 2;
    // The reading is within 0.5 of the target, so the state is about its noise away from it.
    const double sigma = moments(program(device, cells_at(50), {2, 0, 0}).siemens).sigma;
    CHECK(sigma > 1);
    CHECK(sigma < 2.5);
}

TEST_CASE("write-verify gives up after its pulses, and its cost counts pulses and readings") {
    DeviceModel device = plain_device("10");
    device.write_verify = strict_write();
    device.write_verify->max_pulses = 2;
    device.write_verify->pulse_second = 1e-6;
    device.write_verify->read_second = 1e-7;
    device.write_verify->pulse_joule = 1e-12;
    device.write_verify->read_joule = 1e-13;
    const ProgrammedCells cells = program(device, cells_at(50, 50, 50), {2, 0, 0});
    CHECK(cells.pulses.maxCoeff() == 2);
    const WriteCost cost = write_cost(device, cells);
    CHECK(cost.unfinished > 500);
    CHECK(cost.unfinished < 2400);
    CHECK_THAT(cost.second, WithinRel(static_cast<double>(cost.pulses) * 1.1e-6, 1e-12));
    CHECK_THAT(cost.joule, WithinRel(static_cast<double>(cost.pulses) * 1.1e-12, 1e-12));
    device.write_verify.reset();
    const WriteCost plain = write_cost(device, program(device, cells_at(50, 5, 5), {}));
    CHECK(plain.pulses == 25);
    CHECK(plain.second == 0);
}

TEST_CASE("stuck cells are as many as asked, at the ends of the range, and always the same") {
    DeviceModel device = plain_device("1");
    device.stuck = StuckCells{0.02, 0.05, "test"};
    const auto stuck_at = [](const Eigen::MatrixXd& states, double siemens) {
        return (states.array() == siemens).eval();
    };
    const Eigen::MatrixXd states = program(device, cells_at(50), {4, 0, 0}).siemens;
    const auto low = stuck_at(states, lowest_siemens(device));
    const auto high = stuck_at(states, highest_siemens(device));
    // Binomial, 40,000 cells: five deviations.
    CHECK_THAT(static_cast<double>(low.count()), WithinAbs(800, 5 * std::sqrt(40000 * 0.02)));
    CHECK_THAT(static_cast<double>(high.count()), WithinAbs(2000, 5 * std::sqrt(40000 * 0.05)));
    const Eigen::MatrixXd other = program(device, cells_at(70), {4, 0, 0}).siemens;
    CHECK((stuck_at(other, highest_siemens(device)) == high).all());
    CHECK((stuck_at(other, lowest_siemens(device)) == low).all());
}

TEST_CASE("write-verify spends all its pulses on a stuck cell") {
    DeviceModel device = plain_device("1");
    device.write_verify = strict_write();
    device.stuck = StuckCells{1, 0, "test"};
    const ProgrammedCells cells = program(device, cells_at(50, 4, 4), {});
    CHECK((cells.pulses.array() == 50).all());
    CHECK(write_cost(device, cells).unfinished == 16);
}
