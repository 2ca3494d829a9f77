// SPDX-License-Identifier: Apache-2.0
// Plots as values; plot_svg turns one into an SVG text through gnuplot. All texts are shown as they
// are (no markup). Every function throws bad_input naming the plot when it has no data, series of
// unequal length or a value that is not finite.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "flows/plot_run.h"

namespace mho::flows {

enum class Mark { line, dashes, points, steps };

struct Series {
    std::string label;  // empty: not in the key
    Mark mark = Mark::line;
    std::vector<double> x;
    std::vector<double> y;
};

struct Range {
    double low = 0;
    double high = 0;
};

struct XyPlot {
    std::string title;
    std::string x_label;  // with unit
    std::string y_label;
    std::vector<Series> series;
    std::optional<Range> x_range;
    std::optional<Range> y_range;
    bool zero_line = false;  // a line at y = 0, and 0 is in sight
    bool log_x = false;      // decades on the x axis; every x and its range above 0
};

// One bar per category. Errors, when given, are drawn as +- whiskers.
struct BarSeries {
    std::string label;
    std::vector<double> values;  // 0 or more
    std::vector<double> errors;  // empty, or one per value
};

// Horizontal bars from zero; the series of a category stand below each other or, stacked, in a row.
struct BarPlot {
    std::string title;
    std::string value_label;  // with unit
    std::vector<std::string> categories;
    std::vector<BarSeries> series;
    bool stacked = false;
    std::optional<double> value_max;  // end of the axis
    int decimals = -1;  // of the number written at each bar; -1: none (and if stacked)
};

// A matrix with row 0 on top.
struct HeatMap {
    std::string title;
    std::string x_label;
    std::string y_label;
    std::string value_label;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;  // rows x columns, row-major
};

// What gnuplot is told, for its standard input.
std::string plot_script(const XyPlot& plot);
std::string plot_script(const BarPlot& plot);
std::string plot_script(const HeatMap& plot);

// An SVG document with viewBox and accessible name, without gnuplot's marks of version and tool.
template <typename Plot>
std::string plot_svg(const Plot& plot, const GnuplotOptions& options = {});

extern template std::string plot_svg(const XyPlot&, const GnuplotOptions&);
extern template std::string plot_svg(const BarPlot&, const GnuplotOptions&);
extern template std::string plot_svg(const HeatMap&, const GnuplotOptions&);

// The document as an element inside an HTML page: without XML declaration and namespaces, each id
// and each reference to it prefixed, so that several fit in one page.
std::string inline_svg(const std::string& svg, const std::string& id_prefix);

}  // namespace mho::flows
