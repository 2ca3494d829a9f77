// SPDX-License-Identifier: Apache-2.0
// Sections about a described system.
#include <fmt/format.h>

#include <algorithm>

#include "flows/report_html.h"
#include "flows/report_plots.h"
#include "flows/report_sections.h"

namespace mho::flows {
namespace {

std::string points(double fraction) {
    return fmt::format("{:+.2f}", 100 * fraction);
}

std::string accuracy_text(double mean, const std::optional<double>& std) {
    if (!std || *std == 0) return fmt::format("{:.2f}", 100 * mean);
    return fmt::format("{:.2f} \u00b1 {:.2f}", 100 * mean, 100 * *std);
}

}  // namespace

std::string layer_quality_section(const InferenceResult& result, PlotBook& plots) {
    const BarPlot quality = layer_quality_plot(result);
    if (result.system_name.empty() || quality.categories.empty()) return {};
    return "<div class=\"figures\">\n" +
           plots.figure("layer_quality", quality,
                        "Each layer alone on the float network's activations. The shortest bar is "
                        "the layer that hurts most.") +
           "</div>\n";
}

std::string ablation_section(const InferenceResult& result, PlotBook& plots) {
    if (result.ablations.empty() || !result.accuracy_analog) return {};
    Table table;
    table.columns = {{"without"}, {"changed"}, {"accuracy (%)", true}, {"gain (points)", true}};
    const AblationResult* most = nullptr;
    for (const AblationResult& one : result.ablations) {
        if (!one.mean) continue;
        const double gain = one.gain.value_or(*one.mean - *result.accuracy_analog);
        if (most == nullptr || *one.mean > *most->mean) most = &one;
        table.rows.push_back({escape_html(one.name),
                              "<code>" + escape_html(one.switched_off) + "</code>",
                              accuracy_text(*one.mean, one.std), points(gain)});
    }
    if (most == nullptr) return {};
    std::string html = "<h2>What each non-ideality costs</h2>\n";
    const double gain = *most->mean - *result.accuracy_analog;
    if (gain > 0) {
        html +=
            paragraph(fmt::format("Most is lost to {}: without it the accuracy is {:.2f} "
                                  "points higher.",
                                  most->name, 100 * gain));
    }
    return html + "<div class=\"figures\">\n" +
           plots.figure("ablations", ablation_plot(result),
                        "Accuracy of the system as it is, and with one non-ideality off at a "
                        "time. Whiskers: standard deviation over instances.") +
           "</div>\n" + table_html(table);
}

std::string system_section(const InferenceResult& result) {
    if (result.system_toml.empty()) return {};
    return "<h2>System</h2>\n" +
           paragraph(fmt::format("{}, as it was run (mho.system/1):", result.system_name)) +
           "<pre>" + escape_html(result.system_toml) + "</pre>\n";
}

}  // namespace mho::flows
