// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "flows/plot.h"
#include "flows/size_study.h"
#include "flows/system_toml.h"

namespace mho::flows {
namespace {

using Json = nlohmann::ordered_json;

double fraction(std::size_t part, std::size_t all) {
    return static_cast<double>(part) / static_cast<double>(all);
}

Json point_json(const SizeStudy& study, const SizePoint& point) {
    Json at = Json::object(), each = Json::array();
    for (std::size_t a = 0; a < study.axes.size(); ++a) at[study.axes[a].name] = point.at[a];
    for (const SizeTrial& trial : point.trials) {
        each.push_back(fraction(trial.right, study.samples));
    }
    return {{"at", std::move(at)},
            {"changes", point.changes},
            {"accuracy", {{"mean", point.accuracy}, {"std", point.deviation}, {"per_trial", each}}},
            {"loss", point.loss},
            {"loss_most", point.loss_most},
            {"holds", point.holds}};
}

Json study_json(const SizeStudy& study) {
    Json axes = Json::array(), points = Json::array();
    for (const SizeAxis& axis : study.axes) {
        axes.push_back({{"name", axis.name},
                        {"key", axis.key.empty() ? "wire.r_row, wire.r_col" : axis.key},
                        {"label", axis.label},
                        {"chosen", axis.chosen},
                        {"values", axis.values}});
    }
    for (const SizePoint& point : study.points) points.push_back(point_json(study, point));
    return {{"schema", "mho.size/1"},
            {"mho_version", study.mho_version},
            {"model", {{"path", study.model.path}, {"name", study.model.name}}},
            {"data", {{"path", study.data.path}, {"format", study.data.format}}},
            {"samples", study.samples},
            {"seed", study.seed},
            {"interrupted", study.interrupted},
            {"accuracy_float", fraction(study.float_right, study.samples)},
            {"tolerance", study.tolerance},
            {"confidence", study.confidence},
            {"axes", std::move(axes)},
            {"recommended",
             study.recommended ? point_json(study, study.points[*study.recommended]) : Json()},
            {"reason", study.reason},
            {"most_inputs", study.most_inputs},
            {"points", std::move(points)},
            {"system", {{"name", study.system.name}, {"toml", system_to_toml(study.system)}}}};
}

std::string recommended_text(const SizeStudy& study) {
    if (!study.recommended) return "recommended  none: " + study.reason + "\n";
    const bool any_chosen = std::any_of(study.axes.begin(), study.axes.end(),
                                        [](const SizeAxis& axis) { return axis.chosen; });
    std::string text = study.interrupted ? "so far       " : "recommended  ";
    for (std::size_t a = 0; a < study.axes.size(); ++a) {
        if (any_chosen && !study.axes[a].chosen) continue;
        text += fmt::format("{} = {:.4g}, ", study.axes[a].name,
                            study.points[*study.recommended].at[a]);
    }
    return text.substr(0, text.size() - 2) + ": " + study.reason + "\n";
}

// At most six values, both ends among them.
std::vector<double> some_of(const std::vector<double>& values) {
    constexpr std::size_t kMost = 6;
    if (values.size() <= kMost) return values;
    std::vector<double> some;
    for (std::size_t i = 0; i < kMost; ++i) {
        some.push_back(values[i * (values.size() - 1) / (kMost - 1)]);
    }
    return some;
}

// The points on one line of the plot: all axes but the first as in `at`.
Series line_at(const SizeStudy& study, const std::vector<double>& at, const std::string& label) {
    Series line;
    line.label = label;
    for (const SizePoint& point : study.points) {
        if (!std::equal(at.begin() + 1, at.end(), point.at.begin() + 1)) continue;
        line.x.push_back(point.at[0]);
        line.y.push_back(100 * point.loss);
    }
    return line;
}

}  // namespace

std::string size_to_json(const SizeStudy& study) {
    try {
        return study_json(study).dump(2) + "\n";
    } catch (const Json::exception& error) {
        throw bad_input("size: {}", error.what());
    }
}

std::string size_text(const SizeStudy& study) {
    std::string text =
        fmt::format("{} on {} images of {}, system {}\naccuracy     float {:.2f} %\n",
                    study.model.path, study.samples, study.data.path, study.system.name,
                    100 * fraction(study.float_right, study.samples));
    for (const SizeAxis& axis : study.axes) text += fmt::format("{:>14}", axis.name);
    text += fmt::format("{:>20}{:>8}{:>9}\n", "accuracy, %", "loss", "at most");
    for (const SizePoint& point : study.points) {
        for (const double value : point.at) text += fmt::format("{:>14.4g}", value);
        std::string accuracy = fmt::format("{:.2f}", 100 * point.accuracy);
        if (point.trials.size() > 1) accuracy += fmt::format(" +- {:.2f}", 100 * point.deviation);
        text += fmt::format("{:>20}{:>8.2f}{:>9.2f}{}\n", accuracy, 100 * point.loss,
                            100 * point.loss_most, point.holds ? "" : "  too much");
    }
    text += recommended_text(study);
    for (const SizeAxis& axis : study.axes) {
        if (axis.name == "rows" && axis.values.back() > study.most_inputs) {
            text += fmt::format("note: no layer has more than {} inputs, more rows stay empty\n",
                                study.most_inputs);
        }
    }
    return text;
}

std::string size_svg(const SizeStudy& study) {
    XyPlot plot;
    plot.title = study.system.name + ": accuracy lost against float";
    plot.x_label = study.axes[0].label;
    plot.y_label = "loss, points";
    plot.log_x = study.axes[0].logarithmic;
    plot.zero_line = true;
    std::vector<double> at = study.points[study.recommended.value_or(0)].at;
    if (study.axes.size() == 1) {
        plot.series.push_back(line_at(study, at, ""));
    } else {
        for (const double value : some_of(study.axes[1].values)) {
            at[1] = value;
            Series line = line_at(study, at, fmt::format("{} {:.4g}", study.axes[1].name, value));
            if (!line.x.empty()) plot.series.push_back(std::move(line));
        }
    }
    const std::vector<double>& x = study.axes[0].values;
    if (x.size() > 1) {
        const double limit = 100 * study.tolerance;
        plot.series.push_back({"tolerance", Mark::dashes, {x.front(), x.back()}, {limit, limit}});
    }
    return plot_svg(plot);
}

}  // namespace mho::flows
