// SPDX-License-Identifier: Apache-2.0
#include "flows/device_page.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "behavioral/device_state.h"
#include "flows/device_plots.h"
#include "flows/device_toml.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using namespace mho::flows;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;

namespace {

std::vector<std::string> plot_files(const Report& page) {
    std::vector<std::string> files;
    for (const ReportPlot& plot : page.plots) files.push_back(plot.file);
    return files;
}

DeviceModel retained_device() {
    DeviceModel device = read_device("generic-independent");
    device.drift = {RelaxationDrift{1e6, 1, 1}, {}, "test"};
    device.retention = Retention{1.0, 25, "test"};
    return device;
}

}  // namespace

TEST_CASE("target and programmed states of a plot are those of program()") {
    const XyPlot plot = target_plot(read_device("hfo2"));
    const Series& cells = plot.series.at(0);
    REQUIRE(cells.x.size() == 33 * 40);
    double squares = 0;
    for (std::size_t k = 0; k < cells.x.size(); ++k) {
        squares += std::pow((cells.y[k] - cells.x[k]) / (4.782321 - 0.009107 * cells.x[k]), 2);
    }
    // 1,320 normal errors of deviation 1.
    CHECK_THAT(squares / 1320, WithinAbs(1, 5 * std::sqrt(2.0 / 1320)));
    CHECK(plot.series.at(1).y == plot.series.at(1).x);
}

TEST_CASE("the plot of deviations holds the publication's curves") {
    const DeviceModel device = read_device("sonos-iedm");
    const XyPlot plot = sigma_plot(device);
    REQUIRE(plot.series.size() == 3);
    const std::vector<std::string> labels{"programmed", "after 5 days", "each read"};
    const std::vector<double> at_highest{19.88, 34.56, 12.57};
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(plot.series[k].label == labels[k]);
        CHECK_THAT(plot.series[k].y.back(), WithinAbs(at_highest[k], 0.006));
        CHECK(plot.series[k].x.back() == 1600);
    }
    CHECK(plot.y_range->high > 34.56);
}

TEST_CASE("drift is shown over days where days were measured, else over decades of seconds") {
    const XyPlot days = drift_plot(read_device("sonos-tcas"));
    CHECK_FALSE(days.log_x);
    CHECK(days.series.back().x.back() == 5);
    CHECK_THAT(days.x_label, ContainsSubstring("days"));
    // The highest state: (1543.26 and on to 1600) from Fig. 4(e), a shift below zero.
    CHECK(days.series.back().y.back() < -2);
    const XyPlot decades = drift_plot(read_device("pcm"));
    CHECK(decades.log_x);
    CHECK_THAT(decades.series.back().x.front(), WithinRel(27.36, 1e-9));
    CHECK_THAT(decades.series.back().y.back(),
               WithinAbs(100 * (std::pow(365.25 * 86400 / 20, -0.055) - 1), 1e-6));
    CHECK(drift_plot(read_device("pcm-aihwkit")).series[0].x.front() == 1);
}

TEST_CASE("hotter curves of the retention plot lie below cooler ones") {
    const XyPlot plot = retention_plot(retained_device());
    REQUIRE(plot.series.size() == 4);
    CHECK(plot.series[0].label == "25 \u00b0C");
    for (std::size_t k = 1; k < plot.series.size(); ++k) {
        for (std::size_t i = 0; i < plot.series[k].y.size(); ++i) {
            CHECK(plot.series[k].y[i] <= plot.series[k - 1].y[i]);
        }
    }
}

TEST_CASE("distributions rise from 0 to 1 with the middle at the target") {
    const XyPlot plot = distribution_plot(read_device("sonos-iedm"));
    REQUIRE(plot.series.size() == 10);
    for (const Series& series : plot.series) {
        CHECK(std::is_sorted(series.x.begin(), series.x.end()));
        CHECK(std::is_sorted(series.y.begin(), series.y.end()));
        CHECK(series.y.back() < 1);
    }
    // The median of 400 cells of deviation 19.9 nA.
    CHECK_THAT(plot.series[2].x[200], WithinAbs(800, 5 * 1.25 * 19.9 / 20));
    CHECK(plot.series[5].label == "after 5 days");
    CHECK(distribution_plot(read_device("hfo2")).series.size() == 5);
}

TEST_CASE("a page holds a figure for everything that the device describes") {
    CHECK(plot_files(build_device_page(read_device("sonos-iedm"), "p")) ==
          std::vector<std::string>{"target.svg", "sigma.svg", "distribution.svg", "drift.svg",
                                   "drift_spread.svg", "dose.svg", "dose_spread.svg"});
    CHECK(plot_files(build_device_page(read_device("hfo2"), "p")) ==
          std::vector<std::string>{"target.svg", "sigma.svg", "distribution.svg", "current.svg"});
    CHECK(plot_files(build_device_page(read_device("generic-verify"), "p")).back() == "pulses.svg");
    CHECK(plot_files(build_device_page(retained_device(), "p")).back() == "retention.svg");
}

TEST_CASE("the page tells each source beside its figure, and shows texts as they are") {
    DeviceModel device = read_device("pcm");
    device.title = "<b>PCM</b> & co";
    const std::string html = build_device_page(device, "pcm_plots").html;
    CHECK_THAT(html, ContainsSubstring("&lt;b&gt;PCM&lt;/b&gt; &amp; co"));
    CHECK_THAT(html, !ContainsSubstring("<b>PCM"));
    CHECK_THAT(html, ContainsSubstring("Source: Nature Communications 11, 2473, Fig. 3(b)"));
    CHECK_THAT(html, ContainsSubstring("Supplementary Note 2"));
    CHECK_THAT(html, ContainsSubstring("pcm_plots/target.svg"));
    CHECK_THAT(html, ContainsSubstring("Times before 27.36 s"));
    CHECK_THAT(html, !ContainsSubstring("http://"));
}

TEST_CASE("page and text tell what write-verify leaves and what it takes") {
    const DeviceModel device = read_device("generic-verify");
    for (const std::string& shown : {build_device_page(device, "p").html, device_text(device)}) {
        CHECK_THAT(shown, ContainsSubstring("Of 10000 cells at five targets, ") &&
                              ContainsSubstring("pulses a cell leave an rms error of ") &&
                              ContainsSubstring(" s a cell.") && ContainsSubstring(" J a cell."));
    }
}

TEST_CASE("every shipped device makes a page and a text") {
    for (const std::string& name : shipped_devices()) {
        INFO(name);
        const DeviceModel device = read_device(name);
        CHECK(build_device_page(device, "p").plots.size() >= 3);
        const std::string text = device_text(device);
        CHECK_THAT(text, ContainsSubstring(device.title));
        CHECK_THAT(text, ContainsSubstring("[" + device.programming.source + "]"));
        for (const std::string& note : device.notes) CHECK_THAT(text, ContainsSubstring(note));
    }
}

TEST_CASE("the page is written with its plots beside it, or not at all") {
    const TemporaryFolder folder;
    write_device_page(read_device("taox"), folder / "taox.html");
    CHECK_THAT(mho::read_file(folder / "taox.html"), ContainsSubstring("TaOx ReRAM"));
    CHECK_THAT(mho::read_file(folder / "taox_plots/sigma.svg"), ContainsSubstring("<svg"));
    const TemporaryFolder other;
    CHECK_THAT(thrown_text([&] {
                   write_device_page(read_device("taox"), other / "taox.html",
                                     {"/no/such/gnuplot", std::chrono::seconds(5)});
               }),
               ContainsSubstring("/no/such/gnuplot"));
    CHECK(std::filesystem::is_empty(other.path()));
}

TEST_CASE("durations read as people say them") {
    CHECK(duration_text(27.36) == "27.36 s");
    CHECK(duration_text(86400) == "1 day");
    CHECK(duration_text(5 * 86400) == "5 days");
    CHECK(duration_text(365.25 * 86400) == "1 year");
    CHECK(duration_text(10 * 365.25 * 86400) == "10 years");
}
