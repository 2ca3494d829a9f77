// SPDX-License-Identifier: Apache-2.0
// Sections about the inference.
#include "flows/report_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "flows/report_advice.h"
#include "flows/report_errors.h"
#include "flows/report_html.h"
#include "flows/report_plots.h"
#include "flows/report_units.h"

namespace mho::flows {
namespace {

const std::string kNoFigure = "\u2013";

std::string percent(const std::optional<double>& fraction, int decimals) {
    return fraction ? fmt::format("{:.{}f}\u00a0%", 100 * *fraction, decimals) : kNoFigure;
}

std::string unit_text(const std::optional<double>& value, const char* unit) {
    return value ? engineering(*value, unit) : kNoFigure;
}

std::string count_or_none(const std::optional<double>& value) {
    return value ? count_text(*value) : kNoFigure;
}

// Two decimals of a percentage where the images are enough to tell.
int accuracy_decimals(const InferenceResult& result) {
    return result.samples.value_or(0) >= 10000 ? 2 : 1;
}

std::string analog_text(const InferenceResult& result) {
    const int decimals = accuracy_decimals(result);
    if (!result.accuracy_analog) return kNoFigure;
    if (!result.accuracy_analog_std || result.trials.value_or(0) < 2) {
        return fmt::format("{:.{}f}\u00a0%", 100 * *result.accuracy_analog, decimals);
    }
    return fmt::format("{:.2f}\u00a0\u00b1\u00a0{:.2f}\u00a0%", 100 * *result.accuracy_analog,
                       100 * *result.accuracy_analog_std);
}

std::string file_name(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos || slash + 1 == path.size() ? path : path.substr(slash + 1);
}

std::string network_name(const InferenceResult& result) {
    if (!result.model_path.empty()) return file_name(result.model_path);
    return result.model_name.empty() ? result.name : result.model_name;
}

std::string summary_line(const InferenceResult& result) {
    std::string line =
        "<p class=\"lead\"><strong>" + escape_html(network_name(result)) + "</strong>";
    if (!result.data_path.empty()) line += " on " + escape_html(result.data_path);
    if (result.samples) line += ", " + count_text(*result.samples) + " images";
    line += ": ";
    std::vector<std::string> facts;
    if (result.accuracy_float) {
        facts.push_back(percent(result.accuracy_float, accuracy_decimals(result)) + " float");
    }
    if (result.accuracy_analog) {
        std::string fact = "<strong>" + analog_text(result) + " analog</strong>";
        if (!result.system_name.empty()) {
            fact = "<strong>" + analog_text(result) + " on " + escape_html(result.system_name) +
                   "</strong>";
        }
        if (result.trials) {
            fact += fmt::format(" ({} trial{}", count_text(*result.trials),
                                *result.trials == 1 ? "" : "s");
            if (result.confidence_95) {
                fact += fmt::format(", mean within {:.2f}\u00a0points with 95\u00a0% confidence",
                                    100 * *result.confidence_95);
            }
            fact += ")";
        }
        facts.push_back(fact);
    }
    if (result.energy_joule) facts.push_back(engineering(*result.energy_joule, "J"));
    if (result.latency_second) facts.push_back(engineering(*result.latency_second, "s"));
    if (result.tops_per_watt) {
        facts.push_back(fmt::format("{:.3g}\u00a0TOPS/W", *result.tops_per_watt));
    }
    for (std::size_t i = 0; i < facts.size(); ++i) line += (i == 0 ? "" : " \u00b7 ") + facts[i];
    return line + "</p>\n";
}

std::string comparison_table(std::span<const InferenceResult> results) {
    Table table;
    table.columns = {{"result"},       {"network"},       {"images", true},
                     {"float", true},  {"analog", true},  {"loss (points)", true},
                     {"energy", true}, {"latency", true}, {"TOPS/W", true},
                     {"tiles", true}};
    for (const InferenceResult& result : results) {
        const std::optional<AccuracyLoss> loss = accuracy_loss(result);
        double tiles = 0;
        for (const LayerResult& layer : result.layers) tiles += layer.tiles.value_or(0);
        table.rows.push_back(
            {escape_html(result.name), escape_html(network_name(result)),
             count_or_none(result.samples),
             percent(result.accuracy_float, accuracy_decimals(result)), analog_text(result),
             loss ? fmt::format("{:.2f}\u00a0\u00b1\u00a0{:.2f}", 100 * loss->loss,
                                100 * loss->error)
                  : kNoFigure,
             unit_text(result.energy_joule, "J"), unit_text(result.latency_second, "s"),
             result.tops_per_watt ? fmt::format("{:.3g}", *result.tops_per_watt) : kNoFigure,
             tiles > 0 ? count_text(tiles) : kNoFigure});
    }
    return table_html(table) +
           "<p class=\"quiet\">Analog: mean \u00b1 standard deviation over trials. Loss: float "
           "minus analog \u00b1 standard error. Energy and latency are per inference.</p>\n";
}

// "Text." of "text"; a name such as signal_to_error_db at the beginning stays as it is.
std::string sentence(std::string text) {
    if (text.empty()) return text;
    const bool name = text.substr(0, text.find(' ')).find('_') != std::string::npos;
    if (!name && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    if (text.back() != '.') text.push_back('.');
    return text;
}

// How a number was counted, in the words of who counted it.
std::string convention(const char* before, const std::string& text) {
    if (text.empty()) return {};
    return fmt::format("<p class=\"quiet\">{}{}</p>\n", before, escape_html(sentence(text)));
}

std::string trials_line(const InferenceResult& result) {
    std::vector<std::string> parts;
    if (result.accuracy_per_trial.size() > 1) {
        std::string trials = "accuracy of each trial: ";
        for (std::size_t i = 0; i < result.accuracy_per_trial.size(); ++i) {
            trials +=
                fmt::format("{}{:.2f}", i == 0 ? "" : ", ", 100 * result.accuracy_per_trial[i]);
        }
        parts.push_back(trials + " %");
    }
    if (result.agreement_with_float) {
        parts.push_back(fmt::format("{:.2f} % of the images get the class that float gives them",
                                    100 * *result.agreement_with_float));
    }
    if (result.seed) parts.push_back(fmt::format("seed {:.0f}", *result.seed));
    if (parts.empty()) return {};
    std::string line = parts[0];
    for (std::size_t i = 1; i < parts.size(); ++i) line += "; " + parts[i];
    return fmt::format("<p class=\"quiet\">{}</p>\n", escape_html(sentence(line)));
}

std::string ir_drop_caption(const IrDropData& map) {
    std::string caption =
        "Rows are driven from the left, columns are read out at the bottom; 1: no drop.";
    if (map.drive_volt) caption += " Drive " + engineering(*map.drive_volt, "V") + ".";
    if (map.rows_used && map.columns_used) {
        caption += fmt::format(" Weights fill {:.0f} rows and {:.0f} columns.", *map.rows_used,
                               *map.columns_used);
    }
    if (!map.convention.empty()) caption += fmt::format(" {}", sentence(map.convention));
    return caption;
}

}  // namespace

std::string PlotBook::keep(const std::string& name, std::string svg, const std::string& caption) {
    std::string stem = name;
    for (char& c : stem) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!plain) c = '_';
    }
    const auto used = [this](const std::string& file) {
        return std::any_of(plots_.begin(), plots_.end(),
                           [&file](const ReportPlot& plot) { return plot.file == file; });
    };
    std::string file = stem + ".svg";
    for (int number = 2; used(file); ++number) file = fmt::format("{}_{}.svg", stem, number);
    std::string html = "<figure>\n" + inline_svg(svg, fmt::format("p{}_", plots_.size())) +
                       "<figcaption>" + escape_html(caption) + (caption.empty() ? "" : " ") +
                       "<code>" + escape_html(folder_ + "/" + file) +
                       "</code></figcaption>\n"
                       "</figure>\n";
    plots_.push_back({std::move(file), std::move(svg)});
    return html;
}

std::string summary_section(std::span<const InferenceResult> results, PlotBook& plots) {
    std::string html;
    for (const InferenceResult& result : results)
        html += summary_line(result) + trials_line(result);
    if (results.size() > 1) html += "<h2>Comparison</h2>\n" + comparison_table(results);
    const BarPlot accuracy = accuracy_plot(results);
    if (!accuracy.categories.empty()) {
        html += "<h2>Accuracy</h2>\n<div class=\"figures\">\n" +
                plots.figure("accuracy", accuracy,
                             "Share of images whose largest output is the right class. Whiskers: "
                             "standard deviation over trials, each with newly programmed arrays.") +
                "</div>\n";
    }
    return html;
}

std::string advice_section(const InferenceResult& result) {
    const std::vector<Advice> advice = advise(result);
    if (advice.empty()) return {};
    std::string html = "<h2>What to do</h2>\n<div class=\"advice\">\n<ol>\n";
    for (const Advice& item : advice) {
        html += "<li><strong>" + escape_html(item.headline) + ":</strong> " +
                escape_html(item.detail) + "</li>\n";
    }
    return html + "</ol>\n</div>\n";
}

std::string energy_section(const InferenceResult& result, PlotBook& plots) {
    std::string figures;
    const BarPlot blocks = energy_block_plot(result);
    const BarPlot layers = energy_layer_plot(result);
    if (!blocks.categories.empty()) {
        figures += plots.figure("energy_blocks", blocks, "By circuit block, all layers together.");
    }
    if (!layers.categories.empty()) {
        figures += plots.figure("energy_layers", layers, "By layer, all blocks together.");
    }
    if (figures.empty() && !result.energy_joule && !result.latency_second) return {};
    std::string html =
        result.energy_joule ? "<h2>Where the energy goes</h2>\n" : "<h2>Energy and latency</h2>\n";
    std::string text;
    if (result.energy_joule) {
        text = fmt::format("One inference takes {}", engineering(*result.energy_joule, "J"));
        if (result.operations_per_inference && *result.operations_per_inference > 0) {
            text += fmt::format(
                " for {} operations, {} per operation",
                count_text(*result.operations_per_inference),
                engineering(*result.energy_joule / *result.operations_per_inference, "J"));
        }
        if (result.tops_per_watt) text += fmt::format(": {:.3g} TOPS/W", *result.tops_per_watt);
        text += ".";
        if (result.images_evaluated) {
            text += fmt::format(" Mean over {} images.", count_text(*result.images_evaluated));
        }
        html += paragraph(text);
    }
    html += convention("Energy: ", result.energy_convention) +
            convention("Latency: ", result.latency_convention);
    return figures.empty() ? html : html + "<div class=\"figures\">\n" + figures + "</div>\n";
}

std::string layer_section(const InferenceResult& result) {
    if (result.layers.empty()) return {};
    const LayerResult* weakest = weakest_layer(result);
    Table table;
    table.columns = {
        {"layer"},        {"operator"},          {"matrix", true},         {"positions", true},
        {"tiles", true},  {"utilisation", true}, {"signal / error", true}, {"ADC saturation", true},
        {"energy", true}, {"latency", true}};
    for (const LayerResult& layer : result.layers) {
        std::string tiles = count_or_none(layer.tiles);
        if (layer.row_blocks && layer.column_blocks) {
            tiles += fmt::format(" ({}\u00d7{})", count_text(*layer.row_blocks),
                                 count_text(*layer.column_blocks));
        }
        std::string name = escape_html(layer.name);
        if (&layer == weakest) name = "<span class=\"worst\">" + name + "</span>";
        std::string ratio = layer.signal_to_error_db
                                ? fmt::format("{:.1f}\u00a0dB", *layer.signal_to_error_db)
                                : kNoFigure;
        if (&layer == weakest) ratio = "<span class=\"worst\">" + ratio + "</span>";
        table.rows.push_back(
            {name, escape_html(layer.operation),
             layer.inputs && layer.outputs
                 ? fmt::format("{}\u00a0\u2192\u00a0{}", count_text(*layer.inputs),
                               count_text(*layer.outputs))
                 : kNoFigure,
             count_or_none(layer.positions), tiles, percent(layer.utilisation, 0), ratio,
             layer.adc_saturated_fraction
                 ? fmt::format("{:.2g}\u00a0%", 100 * *layer.adc_saturated_fraction)
                 : kNoFigure,
             unit_text(layer.energy_joule, "J"), unit_text(layer.latency_second, "s")});
        if (layer.digital) table.rows.back()[4] = "digital";
    }
    std::string html = "<h2>Layers</h2>\n";
    const auto by_curve = std::max_element(
        result.layers.begin(), result.layers.end(), [](const auto& a, const auto& b) {
            return a.curve_error.value_or(0) < b.curve_error.value_or(0);
        });
    if (by_curve->curve_error) {
        html += paragraph(fmt::format(
            "Currents of cells with an I-V curve behind wires are approximate: against Newton's "
            "solution off by {:.2g} % rms in {}, the most of all layers.",
            100 * *by_curve->curve_error, by_curve->name));
    }
    if (weakest) {
        html += paragraph(fmt::format(
            "The layer that hurts most is {} ({:.1f} dB signal to error, the lowest of all).",
            weakest->name, *weakest->signal_to_error_db));
    }
    html += table_html(table) +
            "<p class=\"quiet\">Matrix: inputs \u2192 outputs. Tiles: arrays used, as row blocks "
            "\u00d7 column blocks. ADC saturation: " +
            (result.system_name.empty() ? "conversions that end at the first or last code"
                                        : "sums beyond the range of the converter") +
            ".</p>\n";
    return html + convention("", result.quality_convention);
}

std::string ir_drop_section(const InferenceResult& result, PlotBook& plots) {
    if (!result.ir_drop) return {};
    const IrDropData& map = *result.ir_drop;
    double mean = 0;
    for (const double ratio : map.ratio) mean += ratio / static_cast<double>(map.ratio.size());
    const auto lowest = std::min_element(map.ratio.begin(), map.ratio.end());
    const auto at = static_cast<std::size_t>(lowest - map.ratio.begin());
    const std::string where =
        map.tile ? fmt::format("{}, tile {:.0f}", map.layer, *map.tile) : map.layer;
    return "<h2>IR drop</h2>\n" +
           paragraph(fmt::format(
               "In {} a cell sees {:.2f} % of its row's drive voltage on average; the worst one, "
               "row {}, column {}, sees {:.2f} %.",
               where, 100 * mean, at / map.columns, at % map.columns, 100 * *lowest)) +
           "<div class=\"figures\">\n" +
           plots.figure("ir_drop", ir_drop_plot(map), ir_drop_caption(map)) + "</div>\n";
}

std::string error_source_section(const InferenceResult& result, PlotBook& plots) {
    if (!result.card) return {};
    return "<h2>What disturbs a conversion</h2>\n<div class=\"figures\">\n" +
           plots.figure("error_sources",
                        error_source_plot(error_sources(*result.card, result.ir_drop)),
                        "First-order estimate from the card for a full column: every row driven "
                        "with an independent voltage, uniform over the driver's range, cells "
                        "uniform over the conductance range. IR drop counts without its mean, "
                        "which is a gain.") +
           "</div>\n";
}

std::string notes_section(const InferenceResult& result) {
    if (result.notes.empty()) return {};
    std::string html = "<h2>Notes</h2>\n<ul>\n";
    for (const std::string& note : result.notes) html += "<li>" + escape_html(note) + "</li>\n";
    return html + "</ul>\n";
}

}  // namespace mho::flows
