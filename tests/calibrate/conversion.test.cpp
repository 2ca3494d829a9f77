// SPDX-License-Identifier: Apache-2.0
#include "calibrate/conversion.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/random.h"
#include "behavioral/adc_transfer.h"
#include "behavioral/continuous_code.h"
#include "netlist/ramp_adc.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::WithinAbs;

namespace {

behavioral::AdcModel bent_adc() {
    behavioral::AdcModel adc{5, {}, 0.1, 0.6};
    for (int k = 1; k < 32; ++k) adc.transition_volt.push_back(0.1 + 0.015 * k + 1e-4 * k * k);
    return adc;
}

// v(trip) rises through half the supply at trip_second.
spice::Waveforms trip_at(double trip_second) {
    spice::Waveforms waves;
    waves.names = {"time", "v(trip)"};
    waves.columns = {{0, trip_second - 1e-10, trip_second + 1e-10, 400e-9}, {0, 0, 1.1, 1.1}};
    return waves;
}

}  // namespace

TEST_CASE("the floor of the continuous code is the code that the converter gives") {
    const behavioral::AdcModel adc = bent_adc();
    const behavioral::AdcTransfer transfer(adc.transition_volt);
    RandomStream random(3, RandomPurpose::test);
    for (int k = 0; k < 2000; ++k) {
        const double volt =
            random.uniform(adc.transition_volt.front() - 0.01, adc.transition_volt.back() + 0.01);
        CHECK(std::floor(continuous_code(adc, volt)) == transfer.code(volt));
    }
}

TEST_CASE("the continuous code is a whole number at transitions and linear between and beyond") {
    const behavioral::AdcModel adc = bent_adc();
    const std::vector<double>& edge = adc.transition_volt;
    CHECK_THAT(continuous_code(adc, edge[6]), WithinAbs(7, 1e-12));
    CHECK_THAT(continuous_code(adc, 0.5 * (edge[6] + edge[7])), WithinAbs(7.5, 1e-12));
    const double width = (edge.back() - edge.front()) / 30;
    CHECK_THAT(continuous_code(adc, edge.front() - 2 * width), WithinAbs(-1, 1e-9));
    CHECK_THAT(continuous_code(adc, edge.back() + 2 * width), WithinAbs(33, 1e-9));
}

TEST_CASE("the counter is read when the comparator trips") {
    netlist::Design design;
    design.technology = netlist::read_technology("generic40");
    design.spec.adc.clock_hertz = 500e6;
    netlist::ColumnTiming timing;
    timing.ramp_second = 30e-9;
    const double start = timing.ramp_second + netlist::counter_delay_second(design.spec.adc);
    const auto counter = counter_at_trip(trip_at(start + 37.25 / 500e6), design, timing);
    REQUIRE(counter);
    CHECK_THAT(*counter, WithinAbs(37.25, 1e-6));
    CHECK(counter_at_trip(trip_at(10e-9), design, timing) == 0.0);

    spice::Waveforms never = trip_at(100e-9);
    never.columns[1] = {0, 0, 0.2, 0.2};
    CHECK_FALSE(counter_at_trip(never, design, timing));
}
