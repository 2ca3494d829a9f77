// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_metrics.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using namespace mho::behavioral;

TEST_CASE("metrics of a 3-bit converter worked by hand") {
    // Nominal 0 .. 8 V, Q = 1 V. T = 1.5 2.6 3.9 5.1 6.0 7.6 8.7: q = 7.2 / 6 = 1.2 V,
    // offset 0.5 LSB, gain error 0.2; widths 1.1 1.3 1.2 0.9 1.6 1.1.
    AdcModel adc;
    adc.bits = 3;
    adc.ideal_low_volt = 0;
    adc.ideal_high_volt = 8;
    adc.transition_volt = {1.5, 2.6, 3.9, 5.1, 6.0, 7.6, 8.7};
    const AdcMetrics found = adc_metrics(adc);
    CHECK_THAT(found.mean_width_volt, WithinAbs(1.2, 1e-14));
    CHECK_THAT(found.offset_lsb, WithinAbs(0.5, 1e-14));
    CHECK_THAT(found.gain_error, WithinAbs(0.2, 1e-14));
    const std::vector<double> dnl{-0.1 / 1.2, 0.1 / 1.2, 0, -0.3 / 1.2, 0.4 / 1.2, -0.1 / 1.2};
    const std::vector<double> inl{0, -0.1 / 1.2, 0, 0, -0.3 / 1.2, 0.1 / 1.2, 0};
    REQUIRE(found.dnl_lsb.size() == dnl.size());
    REQUIRE(found.inl_lsb.size() == inl.size());
    for (std::size_t k = 0; k < dnl.size(); ++k)
        CHECK_THAT(found.dnl_lsb[k], WithinAbs(dnl[k], 1e-14));
    for (std::size_t k = 0; k < inl.size(); ++k)
        CHECK_THAT(found.inl_lsb[k], WithinAbs(inl[k], 1e-14));
    CHECK_THAT(found.worst_dnl_lsb, WithinAbs(0.4 / 1.2, 1e-14));
    CHECK_THAT(found.worst_inl_lsb, WithinAbs(0.3 / 1.2, 1e-14));
}

TEST_CASE("an ideal converter has no error and a missing code a DNL of -1") {
    AdcModel adc;
    adc.bits = 8;
    adc.ideal_low_volt = -1;
    adc.ideal_high_volt = 1;
    for (int k = 1; k < 256; ++k) adc.transition_volt.push_back(-1 + k * 2.0 / 256);
    const AdcMetrics ideal = adc_metrics(adc);
    CHECK_THAT(ideal.offset_lsb, WithinAbs(0, 1e-12));
    CHECK_THAT(ideal.gain_error, WithinAbs(0, 1e-12));
    CHECK(ideal.worst_inl_lsb < 1e-11);
    CHECK(ideal.worst_dnl_lsb < 1e-11);
    adc.transition_volt[100] = adc.transition_volt[99];
    CHECK_THAT(adc_metrics(adc).dnl_lsb[99], WithinAbs(-1, 1e-12));
}

TEST_CASE("metrics refuse tables of the wrong size or without range") {
    AdcModel adc;
    adc.bits = 2;
    adc.ideal_high_volt = 1;
    adc.transition_volt = {0.1, 0.2};
    CHECK_THROWS_WITH(adc_metrics(adc), ContainsSubstring("2 transitions for 2 bits"));
    adc.transition_volt = {0.3, 0.2, 0.1};
    CHECK_THROWS_AS(adc_metrics(adc), mho::Error);
    adc.transition_volt = {0.1, std::nan(""), 0.3};
    CHECK_THROWS_AS(adc_metrics(adc), mho::Error);
    adc.transition_volt = {0.1, 0.2, 0.3};
    adc.ideal_high_volt = 0;
    CHECK_THROWS_AS(adc_metrics(adc), mho::Error);
}
