// SPDX-License-Identifier: Apache-2.0
#include "flows/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/error.h"

namespace mho::flows {
namespace {

constexpr int kWidth = 520;
constexpr int kXyHeight = 310;
constexpr std::size_t kLongestName = 30;  // characters of a category shown at its bar
// Blue, orange, green, red, violet, brown: apart for the common kinds of colour blindness.
constexpr std::array<const char*, 6> kColours{"#2f6db3", "#e07b1a", "#2a8f6a",
                                              "#c0392b", "#7d5ba6", "#8c6d46"};

const char* colour(std::size_t index) {
    return kColours[index % kColours.size()];
}

// A gnuplot string. Single quotes: nothing inside is interpreted.
std::string plot_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += '\'';
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
    return out + "'";
}

// At most kLongestName characters of UTF-8, never cut inside one.
std::string shortened(const std::string& name) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if ((static_cast<unsigned char>(name[i]) & 0xc0) == 0x80) continue;
        if (++characters > kLongestName) return name.substr(0, i) + "\u2026";
    }
    return name;
}

void require_finite(const std::string& title, const std::vector<double>& values) {
    if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
        throw bad_input("plot '{}': a value is not finite", title);
    }
}

std::string head(const std::string& title, int width, int height) {
    return fmt::format(
        "set encoding utf8\n"
        "set terminal svg size {},{} dynamic noenhanced font 'sans-serif,12' background '#ffffff'\n"
        "set title {} font ',13' textcolor rgb '#222222'\n"
        "set border 3 lc rgb '#888888'\n"
        "set tics nomirror out scale 0.6 textcolor rgb '#333333'\n"
        "set key reverse Left samplen 2 textcolor rgb '#333333'\n"
        "set style line 100 lc rgb '#e3e3e3' lw 0.8\n",
        width, height, plot_text(title));
}

std::string axis(const char* name, const std::string& label, const std::optional<Range>& range,
                 const std::string& title) {
    std::string text = fmt::format("set {}label {} {}textcolor rgb '#333333'\n", name,
                                   plot_text(label), name[0] == 'x' ? "offset 0,0.4 " : "");
    if (range) {
        require_finite(title, {range->low, range->high});
        if (!(range->low < range->high)) throw bad_input("plot '{}': empty axis range", title);
        text += fmt::format("set {}range [{:.9g}:{:.9g}]\n", name, range->low, range->high);
    }
    return text;
}

std::string style_of(Mark mark, std::size_t index, std::size_t points) {
    switch (mark) {
        case Mark::line:
            return fmt::format("with lines lw 1.8 lc rgb '{}'", colour(index));
        case Mark::dashes:
            return "with lines lw 1.2 dt (6,4) lc rgb '#777777'";
        case Mark::steps:
            return fmt::format("with steps lw 1.5 lc rgb '{}'", colour(index));
        case Mark::points:
            break;
    }
    return fmt::format("with points pt 7 ps {} lc rgb '{}'", points > 200 ? 0.25 : 0.45,
                       colour(index));
}

void check(const XyPlot& plot) {
    if (plot.series.empty()) throw bad_input("plot '{}': no data", plot.title);
    for (const Series& series : plot.series) {
        if (series.x.empty()) throw bad_input("plot '{}': no data", plot.title);
        if (series.x.size() != series.y.size()) {
            throw bad_input("plot '{}': {} x values for {} y values", plot.title, series.x.size(),
                            series.y.size());
        }
        require_finite(plot.title, series.x);
        require_finite(plot.title, series.y);
        if (plot.log_x &&
            std::any_of(series.x.begin(), series.x.end(), [](double x) { return x <= 0; })) {
            throw bad_input("plot '{}': a value on its logarithmic axis is not above 0",
                            plot.title);
        }
    }
}

// A series on one value gives gnuplot an empty range, which it widens with a warning; do it here.
std::optional<Range> usable_range(const XyPlot& plot, std::vector<double> Series::*values,
                                  const std::optional<Range>& asked) {
    if (asked) return asked;
    double low = (plot.series[0].*values)[0];
    double high = low;
    for (const Series& series : plot.series) {
        const auto [least, most] =
            std::minmax_element((series.*values).begin(), (series.*values).end());
        low = std::min(low, *least);
        high = std::max(high, *most);
    }
    if (low < high) return std::nullopt;
    const double around = low == 0 ? 1 : std::abs(low) * 0.1;
    return Range{low - around, high + around};
}

void check(const BarPlot& plot) {
    if (plot.categories.empty() || plot.series.empty()) {
        throw bad_input("plot '{}': no data", plot.title);
    }
    for (const BarSeries& series : plot.series) {
        if (series.values.size() != plot.categories.size() ||
            (!series.errors.empty() && series.errors.size() != series.values.size())) {
            throw bad_input("plot '{}': {} values and {} errors for {} bars", plot.title,
                            series.values.size(), series.errors.size(), plot.categories.size());
        }
        require_finite(plot.title, series.values);
        require_finite(plot.title, series.errors);
        if (std::any_of(series.values.begin(), series.values.end(),
                        [](double v) { return v < 0; })) {
            throw bad_input("plot '{}': a bar is negative", plot.title);
        }
    }
}

struct Bar {
    double from = 0, to = 0;  // along the value axis
    double y = 0, half = 0;   // middle and half height
    double error = 0;
};

// Bars of one series; `ends` holds where the stack of each category ends so far.
std::vector<Bar> bars_of(const BarPlot& plot, std::size_t index, std::vector<double>& ends) {
    constexpr double kGroup = 0.74;  // share of a category's height that bars fill
    const double count = plot.stacked ? 1.0 : static_cast<double>(plot.series.size());
    const double height = kGroup / count;
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < plot.categories.size(); ++i) {
        const BarSeries& series = plot.series[index];
        Bar bar;
        bar.half = 0.46 * height;
        bar.y = static_cast<double>(i);
        if (!plot.stacked) bar.y += (static_cast<double>(index) + 0.5) * height - kGroup / 2;
        bar.from = plot.stacked ? ends[i] : 0;
        bar.to = bar.from + series.values[i];
        bar.error = series.errors.empty() ? 0 : series.errors[i];
        ends[i] = bar.to;
        bars.push_back(bar);
    }
    return bars;
}

std::string bar_data(const std::vector<Bar>& bars, int decimals, std::size_t index) {
    std::string text = fmt::format("$bars{} << EOD\n", index);
    for (const Bar& bar : bars) {
        text += fmt::format("{:.9g} {:.9g} {:.9g} {:.9g} {:.9g} {:.9g} {:.9g}", bar.to, bar.y,
                            bar.from, bar.to, bar.y - bar.half, bar.y + bar.half, bar.error);
        // A number past the whisker.
        text += fmt::format(" {:.9g} {:.{}f}\n", bar.to + bar.error, bar.to - bar.from,
                            std::max(decimals, 0));
    }
    return text + "EOD\n";
}

}  // namespace

std::string plot_script(const XyPlot& plot) {
    check(plot);
    std::string text = head(plot.title, kWidth, kXyHeight);
    text += "set grid back ls 100\n";
    text += axis("x", plot.x_label, usable_range(plot, &Series::x, plot.x_range), plot.title);
    text += axis("y", plot.y_label, usable_range(plot, &Series::y, plot.y_range), plot.title);
    if (plot.log_x) text += "set logscale x\nset format x '1e%T'\n";
    if (plot.zero_line) text += "set xzeroaxis lt 1 lc rgb '#555555' lw 1\n";
    bool any_label = false;
    std::string commands;
    for (std::size_t i = 0; i < plot.series.size(); ++i) {
        const Series& series = plot.series[i];
        text += fmt::format("$series{} << EOD\n", i);
        for (std::size_t k = 0; k < series.x.size(); ++k) {
            text += fmt::format("{:.9g} {:.9g}\n", series.x[k], series.y[k]);
        }
        text += "EOD\n";
        any_label = any_label || !series.label.empty();
        commands +=
            fmt::format("{}$series{} using 1:2 {} {}", i == 0 ? "" : ", ", i,
                        style_of(series.mark, i, series.x.size()),
                        series.label.empty() ? "notitle" : "title " + plot_text(series.label));
    }
    // Below the axes, the key never hides data.
    text += any_label ? "set key bmargin center horizontal\nset bmargin 5.2\n" : "set key off\n";
    return text + "plot " + commands + "\n";
}

std::string plot_script(const BarPlot& plot) {
    check(plot);
    const std::size_t per_category = plot.stacked ? 1 : plot.series.size();
    const int bars = static_cast<int>(plot.categories.size() * per_category);
    const bool key = plot.series.size() > 1;
    const int around = key ? 142 : 110;  // title, axis and key
    const int height = around + bars * 22 + 8 * static_cast<int>(plot.categories.size());
    std::string text = head(plot.title, kWidth, height);
    double highest = 0;
    std::string data;
    std::string commands;
    std::vector<double> ends(plot.categories.size(), 0.0);
    for (std::size_t i = 0; i < plot.series.size(); ++i) {
        const std::vector<Bar> row = bars_of(plot, i, ends);
        for (const Bar& bar : row) highest = std::max(highest, bar.to + bar.error);
        data += bar_data(row, plot.decimals, i);
        commands += fmt::format(
            "{}$bars{} using 1:2:3:4:5:6 with boxxyerror fs solid 1 noborder lc rgb '{}' {}",
            i == 0 ? "" : ", ", i, colour(i),
            key ? "title " + plot_text(plot.series[i].label) : "notitle");
        if (!plot.series[i].errors.empty()) {
            commands += fmt::format(
                ", $bars{} using 1:2:7 with xerrorbars pt 0 lw 1.3 lc rgb '#222222' notitle", i);
        }
        if (plot.decimals >= 0 && !plot.stacked) {
            commands += fmt::format(
                ", $bars{} using 8:2:9 with labels left offset char 0.6,0 font ',11' "
                "textcolor rgb '#222222' notitle",
                i);
        }
    }
    // Room on the right for the numbers.
    const double end = plot.value_max.value_or(highest > 0 ? 1.12 * highest : 1);
    text += axis("x", plot.value_label, Range{0, end}, plot.title);
    text += "set grid xtics back ls 100\n";
    text += fmt::format("set yrange [{}:-0.5]\nset ytics scale 0 (",
                        static_cast<double>(plot.categories.size()) - 0.5);
    for (std::size_t i = 0; i < plot.categories.size(); ++i) {
        text +=
            fmt::format("{}{} {}", i == 0 ? "" : ", ", plot_text(shortened(plot.categories[i])), i);
    }
    text += ")\n";
    text += key ? "set key bmargin center horizontal\nset bmargin 5.2\n" : "set key off\n";
    return text + data + "plot " + commands + "\n";
}

std::string plot_script(const HeatMap& plot) {
    if (plot.rows == 0 || plot.columns == 0) throw bad_input("plot '{}': no data", plot.title);
    if (plot.values.size() != plot.rows * plot.columns) {
        throw bad_input("plot '{}': {} values for {} x {}", plot.title, plot.values.size(),
                        plot.rows, plot.columns);
    }
    require_finite(plot.title, plot.values);
    const double aspect = static_cast<double>(plot.rows) / static_cast<double>(plot.columns);
    const int height = 100 + static_cast<int>(380 * std::clamp(aspect, 0.25, 1.2));
    std::string text = head(plot.title, kWidth, height);
    text +=
        axis("x", plot.x_label, Range{-0.5, static_cast<double>(plot.columns) - 0.5}, plot.title);
    text += axis("y", plot.y_label, std::nullopt, plot.title);
    text += fmt::format("set yrange [{}:-0.5]\n", static_cast<double>(plot.rows) - 0.5);
    text += fmt::format("set rmargin at screen 0.8\nset cblabel {} textcolor rgb '#333333'\n",
                        plot_text(plot.value_label));
    const auto [low, high] = std::minmax_element(plot.values.begin(), plot.values.end());
    if (*low == *high) {
        const double around = *low == 0 ? 1 : std::abs(*low) * 0.01;
        text += fmt::format("set cbrange [{:.9g}:{:.9g}]\n", *low - around, *high + around);
    }
    text +=
        "set key off\nset palette maxcolors 48\nset palette defined (0 '#3b0f56', 1 '#3f4c8a', "
        "2 '#22808d', 3 '#3fb27f', 4 '#a6d854', 5 '#fbe725')\n$map << EOD\n";
    for (std::size_t row = 0; row < plot.rows; ++row) {
        for (std::size_t column = 0; column < plot.columns; ++column) {
            text += fmt::format("{}{:.6g}", column == 0 ? "" : " ",
                                plot.values[row * plot.columns + column]);
        }
        text += "\n";
    }
    return text + "EOD\nplot $map matrix with image\n";
}

}  // namespace mho::flows
