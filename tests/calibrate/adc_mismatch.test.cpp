// SPDX-License-Identifier: Apache-2.0
#include "calibrate/adc_mismatch.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "behavioral/adc_instance.h"
#include "calibrate/adc_logic.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

constexpr double kLsb = 0.5 / 64;
constexpr std::uint32_t kDraws = 400;
// Four standard errors of a standard deviation.
const double kSpread = 4 / std::sqrt(2.0 * kDraws);

AdcMeasurement measured(const behavioral::AdcModel& model, bool is_sar) {
    AdcMeasurement made;
    made.model = model;
    made.metrics = behavioral::adc_metrics(model);
    for (std::size_t bit = 0; is_sar && bit < 6; ++bit) {
        const std::size_t code = std::size_t{1} << bit;
        // Steps of an array: what a bit adds to the code below it.
        made.bit_volt.push_back(bit == 0 ? model.transition_volt[2] - model.transition_volt[1]
                                         : model.transition_volt[code] - model.transition_volt[0]);
    }
    return made;
}

AdcMeasurement ideal(bool is_sar) {
    behavioral::AdcModel model;
    model.bits = 6;
    model.ideal_low_volt = 0.1;
    model.ideal_high_volt = 0.6;
    for (int k = 1; k < 64; ++k) model.transition_volt.push_back(0.1 + k * kLsb);
    return measured(model, is_sar);
}

std::vector<AdcMeasurement> drawn(const behavioral::AdcModel& model, bool is_sar) {
    std::vector<AdcMeasurement> draws;
    for (std::uint32_t k = 0; k < kDraws; ++k) {
        draws.push_back(measured(behavioral::draw_adc(model, 5, k), is_sar));
    }
    return draws;
}

}  // namespace

TEST_CASE("statistics of a ramp are found again from its instances, and so is the spread of INL") {
    const AdcMeasurement nominal = ideal(false);
    behavioral::AdcModel model = nominal.model;
    model.mismatch = {1, 1.5 * kLsb, 0.03, {}, {0.2 * kLsb, 0.05 * kLsb, 0.02 * kLsb}};
    const auto draws = drawn(model, false);
    const behavioral::AdcMismatch found = adc_mismatch(nominal, draws);
    CHECK(found.draws == static_cast<int>(kDraws));
    CHECK(found.bit_volt_rms.empty());
    CHECK_THAT(found.offset_volt_rms, WithinRel(1.5 * kLsb, kSpread));
    CHECK_THAT(found.gain_rms, WithinRel(0.03, kSpread));
    REQUIRE(found.bend_volt_rms.size() == 3);
    CHECK_THAT(found.bend_volt_rms[0], WithinRel(0.2 * kLsb, kSpread));
    CHECK_THAT(found.bend_volt_rms[1], WithinRel(0.05 * kLsb, kSpread));
    model.mismatch = found;
    const InlSpread spread = inl_spread(model, nominal, draws, 9, 4000);
    CHECK_THAT(spread.model_lsb, WithinRel(spread.draws_lsb, kSpread));
}

TEST_CASE("statistics of a SAR are found again from the steps of its bits") {
    const AdcMeasurement nominal = ideal(true);
    behavioral::AdcModel model = nominal.model;
    model.mismatch = {1, 2 * kLsb, 0, {0, 0, 0, 0, 0.05 * kLsb, 0.1 * kLsb}, {}};
    const auto draws = drawn(model, true);
    const behavioral::AdcMismatch found = adc_mismatch(nominal, draws);
    REQUIRE(found.bit_volt_rms.size() == 6);
    CHECK_THAT(found.bit_volt_rms[5], WithinRel(0.1 * kLsb, kSpread));
    CHECK_THAT(found.bit_volt_rms[4], WithinRel(0.05 * kLsb, kSpread));
    CHECK(found.bit_volt_rms[3] < 1e-9);
    CHECK_THAT(found.offset_volt_rms, WithinRel(2 * kLsb, kSpread));
    model.mismatch = found;
    const InlSpread spread = inl_spread(model, nominal, draws, 9, 4000);
    CHECK_THAT(spread.model_lsb, WithinRel(spread.draws_lsb, kSpread));
}

TEST_CASE("one draw says nothing about a spread") {
    const AdcMeasurement nominal = ideal(true);
    CHECK_THROWS_WITH(adc_mismatch(nominal, {&nominal, 1}), ContainsSubstring("2 draws, found 1"));
    AdcStudy study;
    study.nominal = nominal;
    study.noise.comparator_volt = 3e-4;
    study.noise.sampling_volt = 4e-4;
    CHECK(adc_model(study).mismatch.draws == 0);
    CHECK_THAT(adc_model(study).noise_volt_rms, WithinRel(5e-4, 1e-12));
}

TEST_CASE("the logic of a converter costs its clocks and toggles") {
    netlist::AdcSpec spec;
    spec.kind = netlist::AdcKind::sar;
    spec.bits = 8;
    // 17 flip-flops for 10 cycles on 2.2 um of gate, 96 toggles of 1.6 um, 1 fF a micrometre.
    CHECK_THAT(adc_logic_joule(spec, 1.1),
               WithinRel(1.21 * (17 * 10 * 2.2 + 96 * 1.6) * 1e-15, 1e-12));
    spec.kind = netlist::AdcKind::ramp;
    const double one = adc_logic_joule(spec, 1.1);
    spec.bits = 9;
    CHECK(adc_logic_joule(spec, 1.1) > 1.9 * one);
}
