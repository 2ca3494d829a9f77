// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_check.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>

#include "base/error.h"
#include "behavioral/cards.h"

using namespace mho::behavioral;
using mho::test::some_card;

namespace {

template <typename Change>
std::string complaint(const Change& change) {
    ModelCard card = some_card(4, 3);
    change(card);
    try {
        check_card(card, "x");
    } catch (const mho::Error& error) {
        return error.what();
    }
    return "accepted";
}

bool names(const std::string& message, const std::string& key) {
    return message.rfind("x: " + key, 0) == 0;
}

}  // namespace

TEST_CASE("a plausible card is accepted") {
    CHECK(complaint([](ModelCard&) {}) == "accepted");
    CHECK(complaint([](ModelCard& c) {
              c.cell.access_ohm = 0;
              c.cell.g_min_siemens = 0;
              c.array.row_segment_ohm = c.array.sense_ohm = 0;
              c.readout.noise_volt_rms = 0;
          }) == "accepted");
}

TEST_CASE("every number of the card is checked under its own name") {
    const double nan = std::nan("");
    const double inf = HUGE_VAL;
    CHECK(names(complaint([&](ModelCard& c) { c.cell.access_ohm = -1; }), "cell.access_ohm is -1"));
    CHECK(names(complaint([&](ModelCard& c) { c.cell.access_per_volt = nan; }),
                "cell.access_per_volt is nan"));
    CHECK(names(complaint([&](ModelCard& c) { c.cell.access_per_volt_squared = inf; }),
                "cell.access_per_volt_squared is inf"));
    CHECK(names(complaint([&](ModelCard& c) { c.cell.g_min_siemens = -1; }), "cell.g_min_siemens"));
    CHECK(names(complaint([&](ModelCard& c) { c.cell.g_max_siemens = 0; }), "cell.g_max_siemens"));
    CHECK(names(complaint([&](ModelCard& c) { c.cell.g_max_siemens = c.cell.g_min_siemens; }),
                "cell.g_max_siemens"));
    CHECK(names(complaint([&](ModelCard& c) { c.cell.v_max_volt = 0; }), "cell.v_max_volt"));
    CHECK(names(complaint([&](ModelCard& c) { c.array.rows = 0; }), "array.rows is 0"));
    CHECK(names(complaint([&](ModelCard& c) { c.array.columns = -3; }), "array.columns is -3"));
    CHECK(names(complaint([&](ModelCard& c) { c.array.row_segment_ohm = nan; }),
                "array.row_segment_ohm"));
    CHECK(names(complaint([&](ModelCard& c) { c.array.column_segment_ohm = -1; }),
                "array.column_segment_ohm"));
    CHECK(names(complaint([&](ModelCard& c) { c.array.driver_ohm = inf; }), "array.driver_ohm"));
    CHECK(names(complaint([&](ModelCard& c) { c.array.sense_ohm = -1; }), "array.sense_ohm"));
    CHECK(names(complaint([&](ModelCard& c) { c.driver.bits = 1; }), "driver.bits is 1"));
    CHECK(names(complaint([&](ModelCard& c) { c.driver.amplitude_volt = 0; }),
                "driver.amplitude_volt"));
    CHECK(names(complaint([&](ModelCard& c) { c.driver.common_mode_volt = nan; }),
                "driver.common_mode_volt"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.input_offset_volt = nan; }),
                "readout.input_offset_volt"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.transimpedance_ohm = 0; }),
                "readout.transimpedance_ohm"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.offset_volt = nan; }),
                "readout.offset_volt"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.quadratic_per_ampere = nan; }),
                "readout.quadratic_per_ampere"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.cubic_per_ampere_squared = inf; }),
                "readout.cubic_per_ampere_squared"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.current_max_ampere = 0; }),
                "readout.current_max_ampere"));
    CHECK(names(complaint([&](ModelCard& c) { c.readout.noise_volt_rms = -1; }),
                "readout.noise_volt_rms"));
    CHECK(names(complaint([&](ModelCard& c) { c.adc.ideal_low_volt = 1; }), "adc.ideal_high_volt"));
    CHECK(names(complaint([&](ModelCard& c) { c.adc.transition_volt[3] = nan; }),
                "adc.transition_volt[3]"));
    CHECK(names(complaint([&](ModelCard& c) { c.energy.row_switch_joule = nan; }),
                "energy.row_switch_joule"));
    CHECK(names(complaint([&](ModelCard& c) { c.energy.ramp_shared_by = 0; }),
                "energy.ramp_shared_by"));
    CHECK(names(complaint([&](ModelCard& c) { c.timing.column_farad = nan; }),
                "timing.column_farad"));
    CHECK(names(complaint([&](ModelCard& c) { c.timing.resting.transfer_ohm[1] = inf; }),
                "timing.resting.transfer_ohm[1]"));
    CHECK(names(complaint([&](ModelCard& c) { c.timing.sinking.input_ohm.push_back(1); }),
                "timing.sinking has lists of 2, 3 and 2 values"));
    CHECK(names(complaint([&](ModelCard& c) { c.timing.sinking.ampere = -1; }),
                "timing.sourcing, resting and sinking do not have rising currents"));
    CHECK(names(complaint([&](ModelCard& c) {
                    c.conditions.temperature_celsius = {27, -40};
                }),
                "conditions.temperature_celsius[1]"));
    CHECK(
        names(complaint([&](ModelCard& c) { c.conditions.supply = {0}; }), "conditions.supply[0]"));
    CHECK(names(complaint([&](ModelCard& c) { c.conditions.tables[0].values.pop_back(); }),
                "conditions.tables.array.driver_ohm has 3 values, expected 4"));
    CHECK(names(complaint([&](ModelCard& c) { c.mismatch.driver_relative = -1; }),
                "mismatch.driver_relative"));
    CHECK(names(complaint([&](ModelCard& c) { c.timing.conversion_second = -1; }),
                "timing.conversion_second"));
    CHECK(names(complaint([&](ModelCard& c) { c.programming.c3 = nan; }), "programming.c3"));
    CHECK(names(complaint([&](ModelCard& c) { c.validity[0].high = -9; }), "validity[0].high"));
    CHECK(names(complaint([&](ModelCard& c) { c.errors[1].worst = nan; }), "errors[1].worst"));
    CHECK(names(complaint([&](ModelCard& c) { c.held_out[0].model.pop_back(); }), "held_out[0]"));
    CHECK(names(complaint([&](ModelCard& c) { c.held_out[0].spice[1] = nan; }),
                "held_out[0].spice[1]"));
    CHECK(names(complaint([&](ModelCard& c) { c.provenance.temperature_celsius = -300; }),
                "provenance.temperature_celsius"));
    CHECK(names(complaint([&](ModelCard& c) { c.provenance.spice_runs = -1; }),
                "provenance.spice_runs"));
}

TEST_CASE("access resistance and read-out slope must keep their sign over their ranges") {
    // 1 - 4 u + 3 u^2 has roots at 1/3 and 1; its least value on |u| <= 0.3 is at 0.3: 0.07.
    const auto cell = [](double v_max) {
        return complaint([&](ModelCard& c) {
            c.cell.access_per_volt = -4;
            c.cell.access_per_volt_squared = 3;
            c.cell.v_max_volt = v_max;
        });
    };
    CHECK(cell(0.33) == "accepted");
    CHECK(names(cell(0.34), "cell.access_per_volt"));
    CHECK(names(cell(5), "cell.access_per_volt"));  // the dip is inside, both ends are positive
    // Slope 1 + 3 b3 i^2: zero at i = 1 / sqrt(-3 b3).
    const auto readout = [](double b3) {
        return complaint([&](ModelCard& c) {
            c.readout.quadratic_per_ampere = 0;
            c.readout.cubic_per_ampere_squared = b3;
            c.readout.current_max_ampere = 1e-5;
        });
    };
    CHECK(readout(-3.3e9) == "accepted");
    CHECK(names(readout(-3.4e9), "readout.quadratic_per_ampere"));
}
