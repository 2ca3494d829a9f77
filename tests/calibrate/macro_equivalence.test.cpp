// SPDX-License-Identifier: Apache-2.0
// A whole macro at transistor level against its card.
#include "calibrate/macro_equivalence.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <string>

#include "base/error.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho;
using calibrate::MacroEquivalence;
using calibrate::MacroSummary;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

netlist::Spec tiny_spec() {
    netlist::Spec spec;
    spec.name = "tiny";
    spec.array.rows = 4;
    spec.array.columns = 4;
    spec.driver.bits = 4;
    spec.readout.feedback_ohm = 40e3;
    spec.adc.bits = 4;
    spec.adc.shared_by = 4;
    spec.calibration.validation_rows = 4;
    spec.calibration.validation_columns = 4;
    spec.calibration.held_out_columns = 1;
    return spec;
}

std::string complaint(const behavioral::ModelCard& card, const calibrate::MacroOptions& macro) {
    try {
        (void)calibrate::compare_macro(card, macro, {});
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_input);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a macro at transistor level and its card give the same codes and energy") {
    const test::TemporaryFolder folder;
    calibrate::CalibrateOptions options;
    options.workers = 2;
    options.cache_folder = folder / "cache";
    const behavioral::ModelCard card = calibrate::calibrate(tiny_spec(), options).card;
    const calibrate::MacroOptions macro{.vectors = 4, .vectors_per_array = 2};
    const MacroEquivalence result = calibrate::compare_macro(card, macro, options);
    REQUIRE(result.multiplies.size() == 4);
    CHECK(result.runs.spice_runs == 6);  // and one operating point for each array
    for (const calibrate::MacroMultiply& multiply : result.multiplies) {
        REQUIRE(multiply.spice_counter.size() == 4);
        for (std::size_t j = 0; j < 4; ++j) {
            CHECK_THAT(multiply.model_counter[j], WithinAbs(multiply.spice_counter[j], 0.03));
            CHECK(multiply.spice_codes[j] ==
                  static_cast<int>(std::floor(multiply.spice_counter[j])));
        }
        CHECK_THAT(multiply.model_joule, WithinRel(multiply.spice_joule, 0.02));
    }
    const MacroSummary summary = calibrate::summarize(result);
    CHECK(summary.codes == 16);
    CHECK(summary.equal >= 15);
    CHECK(summary.worst_code <= 1);
    CHECK(summary.worst_joule_error < 0.02);

    // Run again, nothing is simulated; with one state of cells more vectors share it.
    const MacroEquivalence again = calibrate::compare_macro(card, macro, options);
    CHECK(again.runs.cached_runs == 6);
    CHECK(again.multiplies[3].spice_counter == result.multiplies[3].spice_counter);

    // A card that is wrong by a tenth of its transimpedance is found out.
    behavioral::ModelCard wrong = card;
    wrong.readout.transimpedance_ohm *= 1.1;
    double off = 0, right = 0;
    const MacroEquivalence found = calibrate::compare_macro(wrong, macro, options);
    for (std::size_t k = 0; k < 4; ++k) {
        for (std::size_t j = 0; j < 4; ++j) {
            const double spice = result.multiplies[k].spice_counter[j];
            right = std::max(right, std::abs(result.multiplies[k].model_counter[j] - spice));
            off = std::max(off, std::abs(found.multiplies[k].model_counter[j] - spice));
        }
    }
    CHECK(off > 5 * right);

    CHECK(complaint(card, {.vectors = 0}) == "0 vectors, 100 for each array, expected at least 1");
    netlist::Spec spec = tiny_spec();
    spec.adc.shared_by = 2;
    behavioral::ModelCard narrow = card;
    narrow.provenance.spec_toml = netlist::spec_to_toml(spec);
    CHECK(complaint(narrow, macro) ==
          "tiny: [adc] shared_by = 2 is less than the 4 columns of the macro");
}

TEST_CASE("the summary of a comparison counts codes and weighs energy by its mean") {
    MacroEquivalence equivalence;
    equivalence.multiplies = {{{3, 4}, {3, 6}, {3.5, 4.5}, {3.5, 6.5}, 1e-12, 1.1e-12},
                              {{7, 8}, {7, 7}, {7.5, 8.5}, {7.5, 7.5}, 3e-12, 2.7e-12}};
    const MacroSummary summary = calibrate::summarize(equivalence);
    CHECK(summary.codes == 4);
    CHECK(summary.equal == 2);
    CHECK(summary.worst_code == 2);
    CHECK_THAT(summary.spice_joule, WithinRel(2e-12, 1e-12));
    CHECK_THAT(summary.model_joule, WithinRel(1.9e-12, 1e-12));
    CHECK_THAT(summary.worst_joule_error, WithinRel(0.15, 1e-12));
    CHECK_THAT(summary.rms_joule_error,
               WithinRel(std::sqrt((0.05 * 0.05 + 0.15 * 0.15) / 2), 1e-12));
}
