// SPDX-License-Identifier: Apache-2.0
#include "behavioral/settling.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "behavioral/array_timing.h"

using Catch::Matchers::WithinRel;
using namespace mho::behavioral;

namespace {

// A read-out of one pole: input impedance r and transfer -z, both over 1 + s tau.
TimingModel one_pole(double r, double z, double tau) {
    TimingModel timing;
    timing.column_farad = 2e-15;
    timing.sourcing = {-1e-5, {tau}, {r}, {-z}};
    timing.resting = timing.sourcing;
    timing.sinking = timing.sourcing;
    timing.resting.ampere = 0;
    timing.sinking.ampere = 1e-5;
    return timing;
}

}  // namespace

TEST_CASE("one pole settles with the logarithm of its step over the band") {
    const double tau = 2e-9;
    const TimingModel timing = one_pole(0, 1e4, tau);
    // The input is a short: the column does not count. 0.1 V to 1 mV.
    const double second = settling_second(timing, {1e-3, 1e-13}, 1e-5, 1e-3);
    CHECK_THAT(second, WithinRel(tau * std::log(100.0), 1e-6));
    CHECK(settling_second(timing, {1e-3, 1e-13}, 1e-5, 0.2) == 0);
    CHECK(settling_second(timing, {1e-3, 1e-13}, 0, 1e-3) == 0);
    CHECK(settling_second(timing, {1e-3, 1e-13}, -1e-5, 1e-3) == second);
}

TEST_CASE("a column before an input resistance adds its own time constant") {
    // Z = r up to the pole, far above: 1 + r Y = 1 + r G + s r C.
    const double r = 1000, g = 1e-3, c = 2e-12, tau = 1e-12;
    const double own = r * c / (1 + r * g);
    const double found = settling_second(one_pole(r, 1e4, tau), {g, c}, 1e-5, 5e-5);
    const double step = 1e-5 * 1e4 / (1 + r * g);
    CHECK_THAT(found, WithinRel(own * std::log(step / 5e-5), 5e-3));
}

TEST_CASE("a time constant that changes on the way counts where the current is") {
    // tau(i) = rest + (end - rest) i / I:  tau(i) di/dt = I - i  is solved by
    //   t = end ln(I / b) - (end - rest) (1 - b / I).
    const double rest = 1e-9, end = 1.4e-9, band = 1e-3;
    TimingModel timing = one_pole(0, 1e4, end);
    timing.resting.denominator[0] = rest;
    for (const double ampere : {1e-5, -1e-5}) {
        const double linear = settling_second(timing, {0, 0}, ampere, band);
        const double path = settling_path_second(timing, {0, 0}, ampere, band);
        const double expected = end * std::log(100.0) - (end - rest) * (1 - 0.01);
        CHECK_THAT(linear + path, WithinRel(expected, 1e-3));
    }
    timing.resting.denominator[0] = end;
    CHECK(std::abs(settling_path_second(timing, {0, 0}, 1e-5, band)) < 1e-13);
}

TEST_CASE("between two currents the settling is between theirs") {
    TimingModel timing = one_pole(0, 1e4, 2e-9);
    timing.between = {timing.resting};
    timing.between[0].ampere = 0.5e-5;
    timing.between[0].denominator[0] = 1e-9;
    const double half = settling_second(timing, {0, 0}, 0.5e-5, 1e-3);
    CHECK_THAT(half, WithinRel(1e-9 * std::log(50.0), 1e-6));
    // The rates of both ends are 1 and 2 ns.
    double before = 1.0001e-9;
    for (const double part : {0.6, 0.75, 0.9, 0.99}) {
        const double constant =
            settling_second(timing, {0, 0}, part * 1e-5, 1e-3) / std::log(100 * part);
        CHECK(constant > before);
        CHECK(constant < 2e-9);
        before = constant;
    }
}

TEST_CASE("an edge delays by half of itself what settles much later") {
    TimingModel timing = one_pole(0, 1e4, 2e-9);
    const double sharp = settling_second(timing, {0, 0}, 1e-5, 1e-3);
    timing.edge_second = 0.2e-9;
    CHECK_THAT(settling_second(timing, {0, 0}, 1e-5, 1e-3), WithinRel(sharp + 0.1e-9, 1e-3));
}

TEST_CASE("ringing counts to its last lobe outside the band") {
    // Transfer 1 / (1 + 2 z s/w + s^2/w^2) with little damping: envelope exp(-z w t).
    const double w = 5e9, damping = 0.1;
    TimingModel timing;
    const ReadoutDynamics ringing{0, {2 * damping / w, 1 / (w * w)}, {0, 0}, {-1e4, 0}};
    timing.sourcing = timing.resting = timing.sinking = ringing;
    timing.sourcing.ampere = -1;
    timing.sinking.ampere = 1;
    const double band = 1e-3;
    const double found = settling_second(timing, {0, 0}, 1e-5, band);
    const double rate = damping * w, angular = w * std::sqrt(1 - damping * damping);
    const auto error = [&](double t) {
        return 0.1 * std::exp(-rate * t) *
               (std::cos(angular * t) + rate / angular * std::sin(angular * t));
    };
    CHECK_THAT(std::abs(error(found)), WithinRel(band, 1e-6));
    for (double t = found + 1e-13; t < found + 5e-9; t += 1e-12) {
        REQUIRE(std::abs(error(t)) < band);
    }
}

TEST_CASE("the port of a column is what the array's exact moments say") {
    const int rows = GENERATE(1, 6, 40);
    ArrayModel array;
    array.rows = rows;
    array.columns = 1;
    array.column_segment_ohm = 30;
    array.driver_ohm = 200;
    TimingModel timing;
    timing.column_farad = 3e-15;
    std::vector<double> g;
    for (int i = 0; i < rows; ++i) g.push_back(1e-6 * (1 + i % 7) * 20);
    const ColumnPort port = column_port(array, timing, g);
    // A step at the port is a step of all rows by the opposite: with the rows' own capacitance
    // none, the charge that the column's nodes take follows the same squares.
    Eigen::MatrixXd matrix(rows, 1);
    for (int i = 0; i < rows; ++i) matrix(i, 0) = g[static_cast<std::size_t>(i)];
    const ArrayCircuit circuit(array);
    const auto capacitance = uniform_capacitance(rows, 1, 0, timing.column_farad, 0);
    const StepResponse step =
        step_response(matrix, circuit, capacitance, Eigen::VectorXd::Ones(rows));
    CHECK_THAT(port.siemens, WithinRel(step.final_ampere(0), 1e-9));
    // Nodes end at 1 - t volt, with t what a volt at the port gives them; of each node's charge
    // the port misses the part t: sum of c t (1 - t).
    double t = 1, sum = 0, squares = 0;
    std::vector<double> seen;
    double behind = 0;
    for (const double one : g) {
        behind = one / (1 + one * 200) + behind / (1 + 30 * behind);
        seen.push_back(behind);
    }
    for (std::size_t k = seen.size(); k-- > 0;) {
        t /= 1 + 30 * seen[k];
        sum += timing.column_farad * t;
        squares += timing.column_farad * t * t;
    }
    CHECK_THAT(sum - port.farad, WithinRel(step.missing_coulomb(0), 1e-6));
    CHECK_THAT(port.farad, WithinRel(squares, 1e-12));
}

TEST_CASE("what cannot be told is refused") {
    TimingModel timing = one_pole(0, 1e4, 2e-9);
    CHECK_THROWS_AS(settling_second(TimingModel{}, {0, 0}, 1e-5, 1e-3), mho::Error);
    CHECK_THROWS_AS(settling_second(timing, {0, 0}, 1e-5, 0), mho::Error);
    timing.sourcing.denominator[0] = timing.resting.denominator[0] = timing.sinking.denominator[0] =
        -2e-9;
    CHECK_THROWS_AS(settling_second(timing, {0, 0}, 1e-5, 1e-3), mho::Error);
}
