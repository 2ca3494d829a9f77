// SPDX-License-Identifier: Apache-2.0
// A small card at several corners, temperatures and supplies, with real ngspice runs.
#include "calibrate/condition_grid.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <string>

#include "calibrate/calibrate.h"
#include "support/temporary_folder.h"

using namespace mho;
using Catch::Matchers::WithinRel;

namespace {

netlist::Spec spec_with_conditions() {
    netlist::Spec spec;
    spec.name = "small";
    spec.array.rows = 8;
    spec.array.columns = 4;
    spec.adc.bits = 5;
    spec.adc.shared_by = 4;
    spec.calibration.held_out_columns = 1;
    spec.calibration.corners = {"ss"};
    spec.calibration.temperatures = {0, 85};
    spec.calibration.held_out_conditions = 1;
    spec.calibration.mismatch_draws = 12;
    return spec;
}

}  // namespace

TEST_CASE("a card with conditions is what a card measured there is, and judged between") {
    const test::TemporaryFolder folder;
    calibrate::CalibrateOptions options;
    options.workers = 2;
    options.cache_folder = folder / "cache";
    const netlist::Spec spec = spec_with_conditions();
    const behavioral::ModelCard card = calibrate::calibrate(spec, options).card;
    CHECK(card.conditions.corners == std::vector<std::string>{"tt", "ss"});
    CHECK(card.conditions.temperature_celsius == std::vector<double>{0, 27, 85});
    CHECK(card.conditions.supply == std::vector<double>{1});
    const behavioral::ModelCard own = behavioral::at_condition(card, {"tt", 27, 1});
    CHECK(own.cell.access_ohm == card.cell.access_ohm);
    CHECK(own.adc.transition_volt == card.adc.transition_volt);
    // Hot and slow: more resistance, as where the card is measured there.
    const behavioral::ModelCard hot = behavioral::at_condition(card, {"ss", 85, 1});
    CHECK(hot.cell.access_ohm > 1.05 * card.cell.access_ohm);
    CHECK(hot.array.driver_ohm > 1.05 * card.array.driver_ohm);
    const auto judged = [&card](const std::string& quantity) {
        return std::any_of(card.errors.begin(), card.errors.end(), [&](const auto& error) {
            return error.quantity == quantity && error.samples > 0;
        });
    };
    for (const char* quantity : {"cell_current@conditions", "readout@conditions",
                                 "adc_transition@conditions", "energy@conditions", "mismatch"}) {
        INFO(quantity);
        CHECK(judged(quantity));
    }
    for (const behavioral::QuantityError& error : card.errors) {
        if (error.quantity != "cell_current@conditions" && error.quantity != "readout@conditions") {
            continue;
        }
        INFO(error.quantity << " " << error.worst << " at " << error.held_out);
        CHECK(error.within());
    }
    CHECK(card.mismatch.draws == 12);
    CHECK(card.mismatch.readout_offset_volt > 1e-4);
    CHECK(card.mismatch.readout_offset_volt < 20e-3);
    CHECK(card.mismatch.driver_relative > 0);
}
