// SPDX-License-Identifier: Apache-2.0
#include "flows/plot.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "support/temporary_folder.h"
#include "thrown_text.h"

using namespace mho::flows;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using mho::test::thrown_text;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

XyPlot line_plot() {
    XyPlot plot;
    plot.title = "transfer";
    plot.x_label = "input (mV)";
    plot.y_label = "code";
    plot.series.push_back({"model", Mark::line, {0, 1, 2}, {0, 1, 4}});
    plot.series.push_back({"SPICE", Mark::points, {0, 1, 2}, {0, 1.1, 3.9}});
    return plot;
}

BarPlot bar_plot() {
    BarPlot plot;
    plot.title = "energy";
    plot.value_label = "energy (pJ)";
    plot.categories = {"drivers", "read-out"};
    plot.series.push_back({"a", {1, 2}, {}});
    plot.decimals = 1;
    return plot;
}

HeatMap heat_map() {
    HeatMap map;
    map.title = "map";
    map.x_label = "column";
    map.y_label = "row";
    map.value_label = "ratio";
    map.rows = 2;
    map.columns = 3;
    map.values = {1, 2, 3, 4, 5, 6};
    return map;
}

// A stand-in for gnuplot.
std::string program(const mho::test::TemporaryFolder& folder, const std::string& text) {
    const std::filesystem::path path = folder / "program";
    mho::write_file(path, "#!/bin/sh\n" + text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
}

}  // namespace

TEST_CASE("a plot becomes an SVG document with its texts and no marks of gnuplot") {
    const std::string svg = plot_svg(line_plot());
    CHECK_THAT(svg, StartsWith("<?xml"));
    for (const char* text : {">transfer<", ">input (mV)<", ">code<", ">model<", ">SPICE<",
                             "aria-label=\"transfer\"", "viewBox=\"0 0 "}) {
        CHECK_THAT(svg, ContainsSubstring(text));
    }
    CHECK_THAT(svg, !ContainsSubstring("nuplot_plot_1<"));
    CHECK_THAT(svg, !ContainsSubstring("Produced by"));
    CHECK_THAT(plot_svg(bar_plot()), ContainsSubstring(">read-out<"));
    CHECK_THAT(plot_svg(heat_map()), ContainsSubstring("data:image/png;base64,"));
    CHECK(plot_svg(line_plot()) == svg);
}

TEST_CASE("texts in plots are data, whatever they hold") {
    const mho::test::TemporaryFolder folder;
    const std::string marker = (folder / "marker").string();
    BarPlot plot = bar_plot();
    plot.title = "a <b> & 'c' \"d\" \\n `touch " + marker + "`\nsystem('touch " + marker + "')";
    plot.categories[0] = "x'; system('touch " + marker + "'); '<i>_2^3";
    plot.categories[1] = "\u00b5\u03a9";
    const std::string svg = plot_svg(plot);
    CHECK_FALSE(std::filesystem::exists(marker));
    CHECK_THAT(svg, ContainsSubstring("a &lt;b> &amp; 'c' \"d\" \\n `touch"));
    CHECK_THAT(svg, ContainsSubstring(">\u00b5\u03a9<"));
    CHECK_THAT(svg, !ContainsSubstring("<i>"));
}

TEST_CASE("inlined plots hold no namespace and their own ids") {
    const std::string svg = plot_svg(line_plot());
    CHECK_THAT(svg, ContainsSubstring("xmlns="));
    const std::string first = inline_svg(svg, "p1_");
    CHECK_THAT(first, StartsWith("<svg"));
    CHECK_THAT(first, !ContainsSubstring("http"));
    CHECK_THAT(first, ContainsSubstring("id='p1_gpPt6'"));
    CHECK_THAT(first, ContainsSubstring("href='#p1_gpPt6'"));
    CHECK_THAT(first, !ContainsSubstring("'#gpPt"));
    CHECK_THAT(first, !ContainsSubstring("id='gpPt"));
    CHECK_THAT(first, !ContainsSubstring("id=\"gnuplot"));
}

TEST_CASE("values that are not finite are refused and the plot is named") {
    for (const double bad : {kNan, kInfinity, -kInfinity}) {
        XyPlot plot = line_plot();
        plot.series[1].y[2] = bad;
        CHECK_THAT(thrown_text([&] { plot_script(plot); }),
                   StartsWith("2: plot 'transfer': a value is not finite"));
        plot = line_plot();
        plot.series[0].x[0] = bad;
        CHECK_THROWS_AS(plot_script(plot), mho::Error);
        plot = line_plot();
        plot.y_range = Range{0, bad};
        CHECK_THROWS_AS(plot_script(plot), mho::Error);
        BarPlot bars = bar_plot();
        bars.series[0].values[1] = bad;
        CHECK_THROWS_AS(plot_script(bars), mho::Error);
        bars = bar_plot();
        bars.series[0].errors = {0, bad};
        CHECK_THROWS_AS(plot_script(bars), mho::Error);
        HeatMap map = heat_map();
        map.values[3] = bad;
        CHECK_THROWS_AS(plot_script(map), mho::Error);
    }
}

TEST_CASE("plots without data or of unequal lengths are refused") {
    XyPlot plot = line_plot();
    plot.series[0].y.pop_back();
    CHECK_THROWS_WITH(plot_script(plot), ContainsSubstring("3 x values for 2 y values"));
    plot.series[0] = {};
    CHECK_THROWS_WITH(plot_script(plot), ContainsSubstring("no data"));
    plot.series.clear();
    CHECK_THROWS_WITH(plot_script(plot), ContainsSubstring("no data"));
    plot = line_plot();
    plot.x_range = Range{2, 2};
    CHECK_THROWS_WITH(plot_script(plot), ContainsSubstring("empty axis range"));
    BarPlot bars = bar_plot();
    bars.series[0].values = {1, -2};
    CHECK_THROWS_WITH(plot_script(bars), ContainsSubstring("negative"));
    bars.series[0].values = {1};
    CHECK_THROWS_WITH(plot_script(bars), ContainsSubstring("1 values and 0 errors for 2 bars"));
    bars.categories.clear();
    CHECK_THROWS_WITH(plot_script(bars), ContainsSubstring("no data"));
    HeatMap map = heat_map();
    map.rows = 3;
    CHECK_THROWS_WITH(plot_script(map), ContainsSubstring("6 values for 3 x 3"));
    map.rows = 0;
    CHECK_THROWS_WITH(plot_script(map), ContainsSubstring("no data"));
}

TEST_CASE("constant and single values can be drawn") {
    XyPlot plot = line_plot();
    plot.series = {{"", Mark::steps, {1}, {0}}};
    CHECK_THAT(plot_svg(plot), ContainsSubstring("</svg>"));
    plot.series = {{"", Mark::points, {1, 1}, {-5, -5}}};
    CHECK_THAT(plot_svg(plot), ContainsSubstring("</svg>"));
    BarPlot bars = bar_plot();
    bars.series = {{"a", {0, 0}, {0, 0}}, {"b", {0, 0}, {}}};
    bars.stacked = true;
    CHECK_THAT(plot_svg(bars), ContainsSubstring("</svg>"));
    HeatMap map = heat_map();
    map.rows = map.columns = 1;
    map.values = {1};
    CHECK_THAT(plot_svg(map), ContainsSubstring("</svg>"));
}

TEST_CASE("long names of bars are cut between characters") {
    BarPlot bars = bar_plot();
    bars.categories[0] = std::string(29, 'x') + "\u00b5\u00b5\u00b5";
    CHECK_THAT(plot_script(bars), ContainsSubstring(std::string(29, 'x') + "\u00b5\u2026'"));
}

TEST_CASE("a missing gnuplot is one clear error that names the package") {
    GnuplotOptions options;
    options.program = "/no/such/gnuplot";
    CHECK_THAT(thrown_text([&] { run_gnuplot("", options); }),
               StartsWith("4: /no/such/gnuplot: not found; plots need gnuplot"));
}

TEST_CASE("a gnuplot that hangs is killed with all it started") {
    const mho::test::TemporaryFolder folder;
    GnuplotOptions options;
    options.timeout = std::chrono::milliseconds(200);
    options.program = program(folder, "sleep 600 &\nsleep 600\n");
    CHECK_THAT(thrown_text([&] { run_gnuplot("", options); }),
               ContainsSubstring("no plot after 0.2 s; killed"));
}

TEST_CASE("a gnuplot that fails tells its last message") {
    CHECK_THAT(thrown_text([] { run_gnuplot("set terminal svg\nplot nonsense_name\n"); }),
               StartsWith("4: gnuplot: failed: ") && ContainsSubstring("undefined variable"));
    const mho::test::TemporaryFolder folder;
    GnuplotOptions options;
    options.program = program(folder, "exit 3\n");
    CHECK_THAT(thrown_text([&] { run_gnuplot("", options); }),
               ContainsSubstring("failed: no message"));
    options.program = program(folder, "echo half an '<svg'\n");
    CHECK_THAT(thrown_text([&] { plot_svg(line_plot(), options); }),
               ContainsSubstring("no whole SVG for plot 'transfer'"));
}

TEST_CASE("a gnuplot that reads nothing and writes much does not block") {
    const mho::test::TemporaryFolder folder;
    GnuplotOptions options;
    options.program = program(folder, "head -c 1000000 /dev/zero | tr '\\0' x\n");
    CHECK(run_gnuplot(std::string(1000000, '#'), options).size() == 1000000);
}

TEST_CASE("a logarithmic axis counts decades and refuses what it cannot show") {
    XyPlot plot = line_plot();
    plot.log_x = true;
    CHECK_THAT(thrown_text([&] { plot_script(plot); }),
               ContainsSubstring("plot 'transfer': a value on its logarithmic axis"));
    for (Series& series : plot.series) series.x = {1, 100, 1e4};
    CHECK_THAT(plot_script(plot), ContainsSubstring("set logscale x"));
    const std::string svg = plot_svg(plot);
    CHECK_THAT(svg, ContainsSubstring(">1e0<") && ContainsSubstring(">1e4<"));
}
