// SPDX-License-Identifier: Apache-2.0
// A card of a macro with integrators against whole macros in ngspice.
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "behavioral/card_json.h"
#include "calibrate/calibrate.h"
#include "calibrate/macro_equivalence.h"

using namespace mho;
using netlist::Spec;

namespace {

// Two bits and four-bit converters: every phase of a large macro, in a few seconds.
Spec small_macro() {
    Spec spec;
    spec.name = "small-macro";
    spec.array.rows = 4;
    spec.array.columns = 3;
    spec.array.shape.topology = netlist::Topology::b;
    spec.driver.kind = netlist::DriverKind::binary;
    spec.driver.bits = 2;
    spec.readout.kind = netlist::ReadoutKind::integrator;
    spec.readout.integrator.mirror_ratio = 4;
    spec.readout.integrator.integrate_farad = 80e-15;
    spec.readout.integrator.settle_second = 8e-9;
    spec.adc.bits = 4;
    spec.adc.shared_by = 3;
    spec.calibration.validation_rows = 4;
    spec.calibration.validation_columns = 3;
    return spec;
}

}  // namespace

TEST_CASE("a macro with integrators gets a card that gives its codes and its energy") {
    calibrate::CalibrateOptions options;
    options.workers = 2;
    const calibrate::Calibration made = calibrate::calibrate(small_macro(), options);
    const behavioral::ModelCard& card = made.card;
    REQUIRE(card.bit_serial.integrator.bits == 2);
    CHECK(card.array_only);
    for (const behavioral::QuantityError& error : card.errors) {
        INFO(error.quantity << ": " << error.rms << ", worst " << error.worst << " " << error.unit);
        CHECK(error.within());
        CHECK(error.samples > 0);
        // Looser than what it does, far tighter than a model with one part missing.
        if (error.quantity == "column_code") CHECK(error.worst < 0.05);
    }
    // The sum halves with every bit, and a bit is the current's charge over m C.
    const behavioral::IntegratorModel& integrator = card.bit_serial.integrator;
    CHECK(std::abs(integrator.sum_keep - 0.5) < 0.02);
    CHECK(std::abs(integrator.sum_take - 0.5) < 0.02);
    const double slope =
        (integrator.bit_volt.back() - integrator.bit_volt.front()) / integrator.bit_ampere.back();
    CHECK(std::abs(slope / (10e-9 / (4 * 80e-15)) - 1) < 0.05);

    const std::string text = behavioral::card_to_json(card);
    CHECK(behavioral::card_to_json(behavioral::card_from_json(text, "card")) == text);

    calibrate::MacroOptions macro;
    macro.vectors = 2;
    options.seed = 5;
    const calibrate::MacroSummary summary =
        summarize(calibrate::compare_macro(card, macro, options));
    CHECK(summary.codes == 6);
    CHECK(summary.worst_code <= 1);
    CHECK(summary.equal >= 5);
    CHECK(std::abs(summary.model_joule / summary.spice_joule - 1) < 0.01);
}
