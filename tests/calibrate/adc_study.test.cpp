// SPDX-License-Identifier: Apache-2.0
#include "calibrate/adc_study.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "calibrate/sar_runs.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

AdcStudyOptions small_study(std::size_t samples) {
    AdcStudyOptions options{
        .samples = samples, .conversions = 12, .sample_conversions = 4, .found_transitions = 3};
    options.how.workers = 2;
    return options;
}

void check_good_converter(const AdcMeasurement& measured) {
    CHECK(measured.metrics.worst_inl_lsb < 0.3);
    CHECK(measured.metrics.worst_dnl_lsb < 0.3);
    CHECK(std::abs(measured.metrics.gain_error) < 0.05);
    CHECK(measured.effective_bits() > measured.model.bits - 0.3);
    CHECK(measured.joule > 0);
    double sum = 0;
    for (const SupplyEnergy& supply : measured.supplies) sum += supply.joule;
    CHECK_THAT(sum, WithinRel(measured.joule, 1e-12));
}

}  // namespace

TEST_CASE("a SAR is studied as drawn and with mismatch") {
    const netlist::Spec spec = test::sar_spec(4);
    const AdcStudy study = study_adc(spec, small_study(1));
    check_good_converter(study.nominal);
    // All but one of those that were made as close to a transition as can be.
    CHECK(study.nominal.explained + 1 >= study.nominal.conversions);
    CHECK(study.nominal.conversions >= 12 + 4 * 3);
    // The curve is the converter's: transitions found by codes alone lie on it.
    REQUIRE(study.nominal.found.size() == 3);
    CHECK(study.nominal.found[1].code == 8);
    CHECK(study.nominal.worst_found_lsb() < 0.05);
    CHECK(std::abs(study.nominal.metrics.offset_lsb) < 0.2);
    CHECK_THAT(study.conversion_second, WithinRel(30e-9, 1e-12));
    // Root of 2 k T / C at 300.15 K and 16 units of 2 fF.
    CHECK_THAT(study.noise.sampling_volt,
               WithinRel(std::sqrt(2 * 1.380649e-23 * 300.15 / 32e-15), 1e-9));
    REQUIRE(study.samples.size() == 1);
    // 32 fF match to .1 %: what mismatch moves at 4 bits is the comparator.
    check_good_converter(study.samples[0]);
    CHECK(study.samples[0].metrics.offset_lsb != study.nominal.metrics.offset_lsb);
    // 12 conversions, four of the draw, one of the comparator, five rounds of three transitions.
    CHECK(study.runs.spice_runs >= 12 + 4 + 1 + 4 * 3);
    CHECK(study.noise.comparator_volt > study.noise.sampling_volt);
    CHECK(study.nominal.effective_bits(study.noise.total_volt()) < study.nominal.effective_bits());
}

TEST_CASE("a ramp is studied as drawn and with mismatch") {
    netlist::Spec spec;
    spec.name = "test";
    spec.adc.bits = 7;
    spec.adc.shared_by = 16;
    const AdcStudy study = study_adc(spec, small_study(1));
    check_good_converter(study.nominal);
    // 0.08 without the ramp's start in the curve.
    CHECK(study.nominal.residual_lsb < 0.05);
    check_good_converter(study.samples.at(0));
    CHECK(study.noise.total_volt() > study.noise.comparator_volt);
    CHECK(study.nominal.effective_bits(study.noise.total_volt()) < study.nominal.effective_bits());
    // The nominal circuit also as a draw is measured; four of the noise.
    CHECK(study.runs.spice_runs == 25 + 2 * 9 + 4);
    CHECK(study.nominal.supplies.at(1).source == "vdd_ramp");
}

TEST_CASE("a mean square INL of a twelfth costs half a bit") {
    AdcMeasurement measured;
    measured.model.bits = 8;
    measured.metrics.inl_lsb.assign(255, std::sqrt(1.0 / 12));
    CHECK_THAT(measured.effective_bits(), WithinRel(7.5, 1e-12));
    measured.metrics.inl_lsb.assign(255, 0);
    CHECK_THAT(measured.effective_bits(), WithinRel(8.0, 1e-12));
    measured.metrics.mean_width_volt = 2e-3;  // and so does noise of its root
    CHECK_THAT(measured.effective_bits(2e-3 / std::sqrt(12.0)), WithinRel(7.5, 1e-12));
}

TEST_CASE("studies that cannot be are refused before a worker starts") {
    const netlist::Spec spec = test::sar_spec(4);
    AdcStudyOptions options;
    options.samples = 10001;
    CHECK_THROWS_WITH(study_adc(spec, options),
                      ContainsSubstring("0 to 10000 samples, found 10001"));
    options = {.conversions = 7};
    CHECK_THROWS_WITH(study_adc(spec, options),
                      ContainsSubstring("8 to 65536 conversions, found 7"));
    options = {.sample_conversions = -1};
    CHECK_THROWS_WITH(study_adc(spec, options), ContainsSubstring("conversions of a sample"));
    netlist::Spec wrong = spec;
    wrong.adc.bits = 11;
    CHECK_THROWS_WITH(study_adc(wrong, {}), ContainsSubstring("[adc] bits"));
    wrong = spec;
    wrong.adc.sar.sampling = netlist::SarSampling::top_plate;
    CHECK_THROWS_WITH(calibrate::calibrate(wrong, {}),
                      ContainsSubstring("a card of a column needs \"bottom_plate\""));
}
