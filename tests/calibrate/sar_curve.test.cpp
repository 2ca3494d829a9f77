// SPDX-License-Identifier: Apache-2.0
#include "calibrate/sar_curve.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "behavioral/sar_logic.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr int kBits = 6;
constexpr double kCurveLsb = 0.5 / 64;

netlist::AdcSpec spec() {
    netlist::AdcSpec made;
    made.kind = netlist::AdcKind::sar;
    made.bits = kBits;
    return made;
}

// A converter with known steps, sampling and comparator.
struct Known {
    std::vector<double> steps;  // of bit 0 first, volt on the top plate
    std::function<double(double)> sampled = [](double volt) { return volt - 0.1; };
    double turn_volt = 0;

    double sum(std::uint32_t code) const {
        double volt = 0;
        for (int bit = 0; bit < kBits; ++bit) {
            if ((code >> bit & 1u) != 0) volt += steps[static_cast<std::size_t>(bit)];
        }
        return volt;
    }
    SarSample convert(double volt) const {
        SarSample sample{volt, {}};
        behavioral::SarLogic logic(kBits);
        (void)logic.clock(false, false);
        while (!logic.controls().done) {
            const std::uint32_t code = logic.controls().code;
            const double margin = sampled(volt) - sum(code);
            sample.conversion.trials.push_back({code, margin, margin > turn_volt});
            (void)logic.clock(false, margin > turn_volt);
        }
        sample.conversion.code = logic.controls().code;
        return sample;
    }
    std::vector<SarSample> convert_all(int count) const {
        std::vector<SarSample> samples;
        for (int k = 0; k < count; ++k) {
            samples.push_back(convert(0.1 + 0.5 * (k + std::fmod(0.618 * k, 1.0)) / count));
        }
        return samples;
    }
};

Known ideal_samples() {
    Known known;
    for (int bit = 0; bit < kBits; ++bit) known.steps.push_back(std::ldexp(kCurveLsb, bit));
    return known;
}

}  // namespace

TEST_CASE("the curve of an ideal SAR is the ideal curve") {
    const auto samples = ideal_samples().convert_all(24);
    const SarCurve curve = fit_sar_curve(samples, spec());
    REQUIRE(curve.model.transition_volt.size() == 63);
    CHECK(curve.turn_spread_volt > 0);
    CHECK(curve.turn_spread_volt < 0.3 * kCurveLsb);
    const double offset = curve.turn_volt;  // known to the spread only
    CHECK(std::abs(offset) <= 0.5 * curve.turn_spread_volt + 1e-12);
    for (std::size_t code = 1; code < 64; ++code) {
        const double expected = 0.1 + static_cast<double>(code) * kCurveLsb + offset;
        CHECK_THAT(curve.model.transition_volt[code - 1], WithinAbs(expected, 1e-9));
    }
    CHECK(curve.explained == samples.size());
    CHECK(curve.residual_lsb < 1e-6);
}

TEST_CASE("wrong steps, a bent input, attenuation and offset are all found again") {
    Known known = ideal_samples();
    known.steps[5] *= 1.02;
    known.steps[3] *= 0.95;
    known.turn_volt = 1.3 * kCurveLsb;
    for (double& step : known.steps) step *= 0.9;  // parasitics
    known.sampled = [](double volt) { return 0.9 * (volt - 0.1) + 0.02 * std::pow(volt - 0.3, 2); };
    const auto samples = known.convert_all(32);
    const SarCurve curve = fit_sar_curve(samples, spec());
    CHECK_THAT(curve.turn_volt, WithinAbs(known.turn_volt, 0.5 * curve.turn_spread_volt + 1e-12));
    const double slope = 0.9 + 2 * 0.02 * (0.35 - 0.3);
    CHECK_THAT(curve.bit_volt[5], WithinRel(known.steps[5] / slope, 1e-6));
    CHECK_THAT(curve.bit_volt[3], WithinRel(known.steps[3] / slope, 1e-6));
    for (const std::uint32_t code : {1u, 8u, 31u, 32u, 63u}) {
        const double volt = curve.model.transition_volt[code - 1];
        CHECK_THAT(known.sampled(volt) - known.sum(code), WithinAbs(curve.turn_volt, 1e-9));
    }
    CHECK(curve.explained == samples.size());
}

TEST_CASE("a missing code is seen, and conversions still give the curve's codes") {
    Known known = ideal_samples();
    known.steps[5] -= 1.5 * kCurveLsb;  // code 31 to 32 goes back
    const auto samples = known.convert_all(48);
    const SarCurve curve = fit_sar_curve(samples, spec());
    CHECK(curve.model.transition_volt[31] < curve.model.transition_volt[30]);
    CHECK(curve.explained == samples.size());
}

TEST_CASE("three conversions give the steps of a converter that samples as another does") {
    Known known = ideal_samples();
    known.sampled = [](double volt) { return 0.9 * (volt - 0.1) + 0.02 * std::pow(volt - 0.3, 2); };
    const SarCurve nominal = fit_sar_curve(known.convert_all(32), spec());
    Known drawn = known;
    drawn.steps[5] *= 1.01;
    drawn.steps[2] *= 0.97;
    drawn.turn_volt = -2.2 * kCurveLsb;
    const auto samples = drawn.convert_all(3);
    const SarCurve curve = fit_sar_curve(samples, spec(), &nominal);
    for (const std::size_t bit : {2u, 5u}) {
        CHECK_THAT(curve.bit_volt[bit] / nominal.bit_volt[bit],
                   WithinRel(drawn.steps[bit] / known.steps[bit], 1e-9));
    }
    CHECK(std::abs(curve.turn_volt - drawn.turn_volt) <= 0.5 * curve.turn_spread_volt + 1e-12);
}

TEST_CASE("conversions that do not determine a curve are refused") {
    const auto samples = ideal_samples().convert_all(24);
    CHECK_THROWS_WITH(fit_sar_curve({samples.data(), 1}, spec()),
                      ContainsSubstring("1 conversions do not determine 6 steps"));
    CHECK_THROWS_AS(fit_sar_curve({}, spec()), Error);
    std::vector<SarSample> stuck = samples;
    for (SarSample& sample : stuck) {
        for (SarTrial& trial : sample.conversion.trials) trial.taken = true;
    }
    CHECK_THROWS_WITH(fit_sar_curve(stuck, spec()), ContainsSubstring("decides the same"));
    std::vector<SarSample> turned = samples;  // the input counts the wrong way
    for (SarSample& sample : turned) sample.input_volt = 0.7 - sample.input_volt;
    CHECK_THROWS_WITH(fit_sar_curve(turned, spec()), ContainsSubstring("no input near"));
}
