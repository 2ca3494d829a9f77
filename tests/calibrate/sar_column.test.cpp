// SPDX-License-Identifier: Apache-2.0
// Columns whose converter is a SAR: the whole calibration of a tiny array, and its macro.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <string>

#include "base/error.h"
#include "behavioral/card_json.h"
#include "calibrate/calibrate.h"
#include "calibrate/macro_equivalence.h"
#include "netlist/benches.h"
#include "support/temporary_folder.h"

using namespace mho;
using Catch::Matchers::WithinRel;

namespace {

netlist::Spec sar_column_spec() {
    netlist::Spec spec;
    spec.name = "tiny-sar";
    spec.array.rows = 4;
    spec.array.columns = 2;
    spec.driver.bits = 4;
    spec.readout.feedback_ohm = 40e3;
    // Above, the sampling switches are slowest (docs/calibration.md).
    spec.adc.low_volt = 0.2;
    spec.adc.high_volt = 0.5;
    spec.adc.kind = netlist::AdcKind::sar;
    spec.adc.bits = 4;
    spec.adc.sar.unit_farad = 7e-15;
    spec.calibration.validation_rows = 4;
    spec.calibration.validation_columns = 2;
    spec.calibration.held_out_columns = 2;
    return spec;
}

std::string complaint_about(netlist::Spec spec) {
    try {
        (void)calibrate::calibrate(spec, {});
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_input);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a column with a SAR is calibrated from driver to code, and so is its macro") {
    const test::TemporaryFolder folder;
    calibrate::CalibrateOptions options;
    options.workers = 2;
    options.cache_folder = folder / "cache";
    const netlist::Spec spec = sar_column_spec();
    const behavioral::ModelCard card = calibrate::calibrate(spec, options).card;
    int energies = 0;
    for (const behavioral::QuantityError& error : card.errors) {
        INFO(error.quantity << ": rms " << error.rms << ", worst " << error.worst);
        // At 4 bits the sampling switches are slower than so short a column, and change on the way.
        CHECK((error.quantity == "settling" ? error.worst < 0.1 : error.within()));
        CHECK(error.samples >= 2);
        energies += error.quantity == "energy_converter" ? 1 : 0;
        CHECK(error.quantity != "energy_ramp");
    }
    CHECK(energies == 1);
    CHECK(card.converter.kind == "sar");
    CHECK(card.converter.code_joule.size() == 16);
    // It samples after whole periods, and at least as many as it was asked to track for.
    const double period = 1 / spec.adc.sar.bit_clock_hertz;
    const double periods = card.timing.settle_second / period;
    CHECK_THAT(periods, WithinRel(std::round(periods), 1e-9));
    CHECK(periods > 1.999);
    CHECK_THAT(card.timing.conversion_second, WithinRel(4 * period, 1e-12));
    CHECK(card.adc.noise_volt_rms > 0);
    const std::string text = behavioral::card_to_json(card);
    CHECK(behavioral::card_to_json(behavioral::card_from_json(text, "card")) == text);

    const calibrate::MacroEquivalence macro =
        calibrate::compare_macro(card, {.vectors = 1, .vectors_per_array = 1}, options);
    REQUIRE(macro.multiplies.size() == 1);
    const calibrate::MacroMultiply& multiply = macro.multiplies.front();
    CHECK(multiply.spice_codes == multiply.model_codes);
    CHECK_THAT(multiply.model_joule, WithinRel(multiply.spice_joule, 0.01));
}

TEST_CASE("what is not measured of columns with SARs is refused in one line") {
    netlist::Spec spec = sar_column_spec();
    spec.adc.sar.sampling = netlist::SarSampling::top_plate;
    CHECK(complaint_about(spec) ==
          "tiny-sar: [adc] sampling: a card of a column needs \"bottom_plate\", found "
          "\"top_plate\"");
    spec = sar_column_spec();
    spec.calibration.temperatures = {85};
    CHECK(complaint_about(spec) ==
          "tiny-sar: [calibration] corners, temperatures and supply_spread are for columns with a "
          "ramp, found [adc] kind \"sar\"");
}

TEST_CASE("a SAR samples a whole number of periods after the inputs, however long they settle") {
    const netlist::Spec spec = sar_column_spec();
    for (const auto& [settle, periods] :
         {std::pair{1e-9, 2}, {10e-9, 2}, {10.1e-9, 3}, {15e-9, 3}}) {
        const netlist::ColumnTiming timing = netlist::conversion_timing(spec, settle);
        CHECK_THAT(timing.ramp_second - timing.input_second, WithinRel(periods * 5e-9, 1e-9));
        CHECK(timing.stop_second > timing.ramp_second + 4 * 5e-9);
    }
}
