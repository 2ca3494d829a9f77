// SPDX-License-Identifier: Apache-2.0
// Numbers that a report computes: units, error sources, accuracy loss.
#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

#include "flows/report_advice.h"
#include "flows/report_data.h"
#include "flows/report_errors.h"
#include "flows/report_html.h"
#include "flows/report_plots.h"
#include "flows/report_units.h"
#include "report_fixture.h"

using namespace mho::flows;
using Catch::Approx;

namespace {

const ErrorSource& source(const std::vector<ErrorSource>& sources, const std::string& name) {
    for (const ErrorSource& candidate : sources) {
        if (candidate.name == name) return candidate;
    }
    FAIL("no error source " << name);
    return sources.front();
}

}  // namespace

TEST_CASE("engineering numbers take the prefix that leaves 1 to 1000") {
    CHECK(engineering(12.34e-12, "J") == "12.3\u00a0pJ");
    CHECK(engineering(4.0e-4, "V") == "400\u00a0\u00b5V");
    CHECK(engineering(-0.0125, "volt") == "-12.5\u00a0mV");
    CHECK(engineering(999.96e-9, "s") == "1.00\u00a0\u00b5s");
    CHECK(engineering(9.9999999e-9, "J") == "10.0\u00a0nJ");
    CHECK(engineering(9.994e-9, "J") == "9.99\u00a0nJ");
    CHECK(engineering(2.5e6, "ohm") == "2.50\u00a0M\u03a9");
    CHECK(engineering(1, "S") == "1.00\u00a0S");
    CHECK(engineering(0, "A") == "0\u00a0A");
    CHECK(engineering(0.0423, "of full scale") == "0.0423\u00a0of full scale");
    CHECK(engineering(64, "") == "64");
    CHECK(engineering(std::numeric_limits<double>::quiet_NaN(), "V") == "\u2013");
    CHECK(engineering_scale(3e-18, "J").unit == "aJ");
    CHECK(engineering_scale(3e-21, "J").factor == Approx(1e18));
    const std::array<double, 3> values{1e-6, -20e-6, 3e-6};
    CHECK(engineering_scale(values, "A").unit == "\u00b5A");
    CHECK(count_text(1234) == "1234");
    CHECK(count_text(12345678) == "12\u202f345\u202f678");
    CHECK(count_text(-123456) == "-123\u202f456");
}

TEST_CASE("HTML escapes what is markup and what is not allowed") {
    CHECK(escape_html("a<b>&\"'\x01\x7f") == "a&lt;b&gt;&amp;&quot;&#39;  ");
    CHECK(escape_html("\u00b5\n") == "\u00b5\n");
}

TEST_CASE("error sources follow their formulas on an ideal card") {
    mho::behavioral::ModelCard card = mho::test::report_card();
    // Ohmic cells, an exact converter, constant sigma: every figure has a closed form.
    card.cell.access_ohm = 0;
    card.cell.access_per_volt = card.cell.access_per_volt_squared = 0;
    card.programming.c0 = 0.5;  // microsiemens
    card.programming.c1 = card.programming.c2 = card.programming.c3 = 0;
    const double width = 0.7 / 64;
    for (std::size_t k = 0; k < 63; ++k) {
        card.adc.transition_volt[k] = 0.2 + width * static_cast<double>(k + 1);
    }
    IrDropData map;
    map.rows = 1;
    map.columns = 2;
    map.ratio = {0.9, 1.0};  // deviation 0.05
    const std::vector<ErrorSource> sources = error_sources(card, map);
    REQUIRE(sources.size() == 4);
    const double lsb = width / card.readout.transimpedance_ohm;
    const double v = card.driver.amplitude_volt / std::sqrt(3.0);
    const double rows = std::sqrt(static_cast<double>(card.array.rows));
    CHECK(source(sources, "programming error").lsb_rms == Approx(v * rows * 0.5e-6 / lsb));
    CHECK(source(sources, "quantisation and INL").lsb_rms == Approx(1 / std::sqrt(12.0)));
    CHECK(source(sources, "read-out noise").lsb_rms == Approx(0.9e-3 / width));
    // Conductances on an even grid of 33 over the range, standard deviation as of 33 points.
    const double range = card.cell.g_max_siemens - card.cell.g_min_siemens;
    const double deviation = range * std::sqrt((33.0 * 33 - 1) / 12) / 32;
    CHECK(source(sources, "IR drop").lsb_rms == Approx(v * rows * deviation * 0.05 / lsb));
    for (std::size_t i = 1; i < 4; ++i) CHECK(sources[i].lsb_rms <= sources[i - 1].lsb_rms);
    CHECK(error_sources(card, std::nullopt).size() == 3);
}

TEST_CASE("a bent converter adds its INL to the quantisation") {
    const mho::behavioral::ModelCard card = mho::test::report_card();
    const mho::behavioral::AdcMetrics metrics = mho::behavioral::adc_metrics(card.adc);
    double square = 0;
    for (const double inl : metrics.inl_lsb) square += inl * inl / 63;
    CHECK(source(error_sources(card, std::nullopt), "quantisation and INL").lsb_rms ==
          Approx(std::sqrt(square + 1.0 / 12)));
}

TEST_CASE("the standard error of a loss comes from disagreeing images and from trials") {
    InferenceResult result;
    CHECK_FALSE(accuracy_loss(result));
    result.accuracy_float = 0.98;
    result.accuracy_analog = 0.96;
    result.samples = 1000;
    result.agreement_with_float = 0.97;
    // Difference per image: +1, 0 or -1; mean square 0.03.
    CHECK(accuracy_loss(result)->loss == Approx(0.02));
    CHECK(accuracy_loss(result)->error == Approx(std::sqrt((0.03 - 0.0004) / 1000)));
    CHECK(accuracy_loss(result)->measurable());
    result.accuracy_analog_std = 0.03;
    result.trials = 4;
    CHECK(accuracy_loss(result)->error ==
          Approx(std::sqrt((0.03 - 0.0004) / 1000 + 0.03 * 0.03 / 4)));
    CHECK_FALSE(accuracy_loss(result)->measurable());
    result.agreement_with_float.reset();
    result.accuracy_analog_std.reset();
    CHECK(accuracy_loss(result)->error == Approx(std::sqrt((0.98 * 0.02 + 0.96 * 0.04) / 1000)));
}

TEST_CASE("advice names what the numbers say and nothing without numbers") {
    CHECK(advise({}).empty());
    InferenceResult result = read_inference(mho::test::report_json(), "out.json");
    CHECK(weakest_layer(result)->name == "fc2");
    result.accuracy_analog = result.accuracy_float;
    CHECK(advise(result)[0].headline == "The analog array costs no measurable accuracy");
    InferenceResult energy;
    energy.energy_blocks = {{"drivers", 1e-12}, {"ramp", 3e-12}};
    REQUIRE(advise(energy).size() == 1);
    CHECK(advise(energy)[0].headline == "75 % of the energy goes into the ramp");
    InferenceResult tiles;
    tiles.layers.resize(1);
    tiles.layers[0].name = "conv";
    tiles.layers[0].tiles = 4;
    tiles.layers[0].utilisation = 0.5;
    CHECK(advise(tiles).empty());
    tiles.layers[0].utilisation = 0.25;
    CHECK(advise(tiles)[0].headline == "conv fills only 25 % of its tiles");
}

TEST_CASE("the plotted staircase gives the codes of the converter") {
    const mho::behavioral::AdcModel adc = mho::test::report_card().adc;
    const XyPlot plot = adc_transfer_plot(adc);
    REQUIRE(plot.series.size() == 2);
    const Series& stairs = plot.series[0];
    CHECK(stairs.y.front() == 0);
    CHECK(stairs.y.back() == 63);
    // Vertical pieces at each transition, in millivolt.
    for (std::size_t k = 0; k < 63; ++k) {
        CHECK(stairs.x[1 + 2 * k] == Approx(1000 * adc.transition_volt[k]));
        CHECK(stairs.y[2 + 2 * k] - stairs.y[1 + 2 * k] == 1);
    }
}

TEST_CASE("residual plots show model minus SPICE in engineering units") {
    const mho::behavioral::HeldOutPoints points{
        "cell_current", "A", {1e-6, 2e-6}, {1.01e-6, 1.99e-6}};
    const XyPlot plot = residual_plot(points);
    CHECK(plot.x_label == "SPICE (\u00b5A)");
    CHECK(plot.y_label == "model \u2212 SPICE (nA)");
    CHECK(plot.series[0].y[0] == Approx(10));
    CHECK(plot.series[0].y[1] == Approx(-10));
}
