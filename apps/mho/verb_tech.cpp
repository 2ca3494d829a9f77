// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/mho/spice_options.h"
#include "apps/mho/technology_text.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/progress.h"

namespace mho::apps {
namespace {

struct Options {
    std::string action;
    std::filesystem::path technology = "generic40";
    std::string corner;  // empty: the technology's default; "all": every one
    std::optional<double> temperature_celsius;
    SpiceOptions spice;
};

std::vector<netlist::ProcessPoint> points_of(const Options& options,
                                             const netlist::Technology& technology,
                                             const netlist::TechnologyChecks& checks) {
    const double celsius = options.temperature_celsius.value_or(checks.temperature_celsius);
    if (!std::isfinite(celsius)) {
        throw bad_input("--temperature must be a number of degrees Celsius, found {}", celsius);
    }
    require_temperature(technology, celsius);
    std::vector<netlist::ProcessPoint> points;
    if (options.corner == "all") {
        for (const std::string& corner : technology.corners) points.push_back({corner, celsius});
        return points;
    }
    const std::string& corner = options.corner.empty() ? technology.default_corner : options.corner;
    return {{model_library(technology, corner).section, celsius}};
}

// The line below the table, and whether a figure is outside its range.
bool tell_judgement(const calibrate::TechnologyMeasurement& measured,
                    const netlist::TechnologyChecks& checks) {
    const Judgement judgement = judge(measured, checks);
    for (const std::string& missed : judgement.missed) fmt::print("MISSED: {}\n", missed);
    if (judgement.ranges == 0) fmt::print("no ranges in tech.toml: nothing is judged\n");
    if (judgement.ranges > 0 && judgement.missed.empty()) {
        fmt::print("{}, {} C: all {} figures with a range lie in it\n", measured.point.corner,
                   measured.point.temperature_celsius, judgement.ranges);
    }
    return !judgement.missed.empty();
}

int run_check(const Options& options) {
    const netlist::Technology technology = netlist::read_technology(options.technology);
    const netlist::TechnologyChecks checks = netlist::read_checks(technology);
    const std::vector<netlist::ProcessPoint> points = points_of(options, technology, checks);
    calibrate::CalibrateOptions how = calibrate_options(options.spice);
    calibrate::TechnologyCheck result;
    {
        ProgressBar bar("SPICE runs", options.spice.quiet);
        how.progress = bar.callback();
        result = calibrate::check_technology(technology, checks.inverter, points, how);
    }
    fmt::print("{}, {} C: {}\n", technology.name, points[0].temperature_celsius,
               runs_text(result.runs));
    const auto judged = std::find_if(points.begin(), points.end(), [&](const auto& point) {
        return ranges_apply(technology, checks, point);
    });
    const auto& first = result.measurements.front();
    fmt::print("{}\n", options.corner == "all"
                           ? corners_text(result.measurements, technology)
                           : figures_text(first, checks, judged != points.end()));
    if (judged == points.end()) {
        if (!checks.ranges.empty()) {
            fmt::print("the ranges are for {} at {} C: nothing is judged\n",
                       technology.default_corner, checks.temperature_celsius);
        }
        return 0;
    }
    const auto index = static_cast<std::size_t>(judged - points.begin());
    const bool missed = tell_judgement(result.measurements[index], checks);
    return missed ? static_cast<int>(ErrorKind::bad_result) : 0;
}

int run(const Options& options) {
    if (options.action == "check") return run_check(options);
    if (options.action == "show") {
        fmt::print("{}", technology_text(netlist::read_technology(options.technology)));
        return 0;
    }
    const std::vector<std::string> known{"check", "show"};
    throw bad_input("tech: unknown action '{}'{}; known are check, show", options.action,
                    did_you_mean(options.action, known));
}

}  // namespace

Verb tech_verb() {
    return {"tech", "measure a technology in ngspice against its cited ranges, or print it",
            "  mho tech check generic40 --corner all --temperature 85\n"
            "  measures thresholds, currents, slopes, gate capacitance, FO4 delay and a ring\n"
            "  oscillator at every corner. At the corner and temperature that the ranges of\n"
            "  tech.toml are for, exit code 1 tells that a figure is outside.",
            [](CLI::App& app) -> std::function<int()> {
                const auto options = std::make_shared<Options>();
                app.add_option("action", options->action,
                               "check: measure it; show: print it with its sources")
                    ->required();
                app.add_option("technology", options->technology,
                               "a shipped technology, or a folder with tech.toml (default\n"
                               "generic40)");
                app.add_option("--corner", options->corner,
                               "process corner, or all (default: the technology's)");
                app.add_option("--temperature", options->temperature_celsius,
                               "degrees Celsius (default: that of the ranges, or 27)");
                declare_workers(app, options->spice);
                return [options] { return run(*options); };
            }};
}

}  // namespace mho::apps
