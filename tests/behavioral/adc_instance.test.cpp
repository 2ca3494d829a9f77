// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_instance.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "behavioral/adc_metrics.h"
#include "behavioral/adc_transfer.h"

using namespace mho::behavioral;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr int kInstances = 4000;
// Four standard errors of a standard deviation.
const double kSpread = 4 / std::sqrt(2.0 * kInstances);

AdcModel ideal(int bits) {
    AdcModel model;
    model.bits = bits;
    model.ideal_low_volt = 0.1;
    model.ideal_high_volt = 0.6;
    for (int k = 1; k < 1 << bits; ++k) {
        model.transition_volt.push_back(0.1 + k * std::ldexp(0.5, -bits));
    }
    return model;
}

template <typename Figure>
double rms(const AdcModel& model, const Figure& figure) {
    double square = 0;
    for (std::uint32_t k = 0; k < kInstances; ++k) {
        square += std::pow(figure(draw_adc(model, 3, k)), 2) / kInstances;
    }
    return std::sqrt(square);
}

}  // namespace

TEST_CASE(
    "instances of a SAR spread in offset and in the steps of their bits as they are asked to") {
    AdcModel model = ideal(6);
    const double lsb = 0.5 / 64;
    model.mismatch = {50, 2 * lsb, 0, {0, 0, 0, 0, 0.05 * lsb, 0.1 * lsb}, {}};
    const auto step = [&](const AdcModel& adc, std::size_t code) {
        return adc.transition_volt[code] - adc.transition_volt[code - 1] - lsb;
    };
    CHECK_THAT(
        rms(model, [&](const auto& m) { return m.transition_volt[0] - model.transition_volt[0]; }),
        WithinRel(2 * lsb, kSpread));
    // From code 31 to 32 bit 5 comes and bit 4 goes; from 15 to 16 bit 4 comes.
    CHECK_THAT(rms(model, [&](const auto& m) { return step(m, 31); }),
               WithinRel(std::hypot(0.05, 0.1) * lsb, kSpread));
    CHECK_THAT(rms(model, [&](const auto& m) { return step(m, 15); }),
               WithinRel(0.05 * lsb, kSpread));
    CHECK(rms(model, [&](const auto& m) { return step(m, 20); }) < 1e-12);
}

TEST_CASE("instances of a ramp spread in gain and bend as they are asked to") {
    AdcModel model = ideal(8);
    const double lsb = 0.5 / 256;
    model.mismatch = {50, 0, 0.03, {}, {0.2 * lsb}};
    CHECK_THAT(rms(model, [](const auto& m) { return adc_metrics(m).gain_error; }),
               WithinRel(0.03, kSpread));
    // Half of P_2's range lies between the middle and the line through its ends.
    CHECK_THAT(rms(model, [](const auto& m) { return adc_metrics(m).worst_inl_lsb; }),
               WithinRel(1.5 * 0.2, kSpread + 0.05));
}

TEST_CASE(
    "an instance is named by seed and index, and its codes rise even where bits are far off") {
    AdcModel model = ideal(6);
    CHECK(draw_adc(model, 1, 2).transition_volt == model.transition_volt);
    model.mismatch = {50, 0.001, 0, std::vector<double>(6, 0.02), {}};
    const AdcModel one = draw_adc(model, 1, 2);
    CHECK(draw_adc(model, 1, 2).transition_volt == one.transition_volt);
    CHECK(draw_adc(model, 1, 3).transition_volt != one.transition_volt);
    CHECK(draw_adc(model, 2, 2).transition_volt != one.transition_volt);
    CHECK_NOTHROW(AdcTransfer(one.transition_volt));
}

TEST_CASE("instances of a ramp with the shapes of its draws depend on each other as these do") {
    AdcModel model = ideal(8);
    const double lsb = 0.5 / 256;
    // Two draws: a bend goes with an offset of the other sign.
    model.mismatch = {2, 2 * lsb, 0.01, {}, {0.2 * lsb}, {1, 1, -1, -1, -1, 1}};
    double product = 0, square = 0, gains = 0;
    constexpr int kInstances = 2000;
    for (std::uint32_t k = 0; k < kInstances; ++k) {
        const std::vector<double> edges = draw_adc(model, 3, k).transition_volt;
        const std::vector<double>& nominal = model.transition_volt;
        const double first = edges.front() - nominal.front();
        const double last = edges.back() - nominal.back();
        const double middle = edges[127] - nominal[127];
        const double bend = (0.5 * (first + last) - middle) / 1.5;  // P_2 is 1 and -1/2 there
        const double offset = middle + 0.5 * bend;
        product += offset * bend;
        square += bend * bend;
        gains += std::pow((last - first) / 0.5, 2);
    }
    CHECK_THAT(std::sqrt(square / kInstances), WithinRel(0.2 * lsb, 0.03));
    CHECK_THAT(std::sqrt(gains / kInstances), WithinRel(0.01, 0.03));
    // A correlation of -1, less what the blur takes: 1 - h^2.
    CHECK_THAT(product / kInstances, WithinRel(-(1 - 0.15 * 0.15) * 0.4 * lsb * lsb, 0.03));
}

TEST_CASE("Legendre polynomials are orthogonal") {
    for (int a = 0; a < 5; ++a) {
        CHECK_THAT(legendre(a, 1), WithinRel(1.0, 1e-12));
        for (int b = 0; b < 5; ++b) {
            double sum = 0;
            constexpr int kSteps = 20000;
            for (int k = 0; k < kSteps; ++k) {
                const double x = -1 + (k + 0.5) * 2 / kSteps;
                sum += legendre(a, x) * legendre(b, x) * 2 / kSteps;
            }
            CHECK_THAT(sum, WithinAbs(a == b ? 2.0 / (2 * a + 1) : 0, 1e-6));
        }
    }
}

TEST_CASE("a margin as wide as a thousandth of a code fails one conversion in five hundred") {
    AdcModel model = ideal(6);
    CHECK(metastable_part(model) == 0);
    model.unresolved_volt = 0.5 / 64 / 1000;
    CHECK_THAT(metastable_part(model), WithinRel(2e-3, 1e-9));
}
