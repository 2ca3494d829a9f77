// SPDX-License-Identifier: Apache-2.0
// A card of a macro with integrators against whole macros in ngspice.
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "behavioral/bit_serial.h"
#include "behavioral/card_json.h"
#include "calibrate/calibrate.h"
#include "calibrate/integrator_noise.h"
#include "calibrate/macro_equivalence.h"
#include "calibrate/run_pool.h"
#include "netlist/bench_bit_serial.h"

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

TEST_CASE("noise of a held sum: charge of a current over the capacitor, and no less than k T / C") {
    calibrate::CalibrateOptions options;
    options.workers = 2;
    spice::Pool pool = calibrate::start_pool(options);
    Spec spec = small_macro();
    spec.readout.integrator.hold_farad = 50e-15;
    calibrate::Campaign campaign(pool, {}, 4);
    const netlist::Design design = netlist::load_design(spec);
    spec.readout.integrator.integrate_farad *= 2;
    const netlist::Design larger = netlist::load_design(spec);
    const auto first = plan_integrator_noise(design, campaign);
    const auto second = plan_integrator_noise(larger, campaign);
    campaign.run();
    const auto noise = read_integrator_noise(first, design, campaign);
    const auto half = read_integrator_noise(second, larger, campaign);
    // The conveyor is the same: twice the capacitor, half the voltage.
    CHECK(noise.current_volt > 10e-6);
    CHECK(std::abs(half.current_volt / noise.current_volt - 0.5) < 0.005);
    const double kt = 1.380649e-23 * 300.15;
    CHECK(std::abs(noise.reset_volt / std::sqrt(kt / 80e-15) - 1) < 1e-3);
    // Sampling alone, and not much more than a buffer adds; the whole is more than any part.
    CHECK(noise.hold_volt > 0.9 * std::sqrt(kt / 60e-15));
    CHECK(noise.hold_volt < 6 * std::sqrt(kt / 50e-15));
    CHECK(noise.held_volt > noise.hold_volt);
    CHECK(half.held_volt < noise.held_volt);
}

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

    // Codes are those of the quantised product, which knows nothing of the circuits.
    const Eigen::MatrixXd states =
        (Eigen::MatrixXd(4, 3) << 40, 1, 20, 30, 5, 8, 10, 2, 33, 25, 4, 16).finished() * 1e-6;
    const Eigen::MatrixXi inputs = Eigen::Vector4i(3, 1, 0, 2);
    const auto products = behavioral::bit_serial_products(card, states, inputs);
    const Eigen::MatrixXd ampere = behavioral::bit_currents(card, states, inputs);
    for (Eigen::Index j = 0; j < 3; ++j) {
        const double ideal = netlist::ideal_count(small_macro(), {ampere.col(j).data(), 2});
        CHECK(std::abs(products.counter(0, j) - ideal) < 0.3);
    }

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
