// SPDX-License-Identifier: Apache-2.0
// Sections about the calibrated hardware.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavioral/adc_metrics.h"
#include "behavioral/programming.h"
#include "flows/report_html.h"
#include "flows/report_plots.h"
#include "flows/report_sections.h"
#include "flows/report_units.h"

namespace mho::flows {
namespace {

constexpr const char* kCellQuantity = "cell_current";

Table fact_table(const std::vector<std::vector<std::string>>& facts) {
    Table table;
    table.columns = {{"quantity"}, {"value"}};
    for (const std::vector<std::string>& fact : facts) {
        table.rows.push_back({escape_html(fact[0]), escape_html(fact[1])});
    }
    return table;
}

std::string error_table(const behavioral::ModelCard& card) {
    Table table;
    table.columns = {{"quantity"}, {"rms", true}, {"worst", true},   {"tolerance", true},
                     {"unit"},     {"result"},    {"samples", true}, {"held-out runs"}};
    for (const behavioral::QuantityError& error : card.errors) {
        table.rows.push_back({escape_html(spaced(error.quantity)), fmt::format("{:.3g}", error.rms),
                              fmt::format("{:.3g}", error.worst),
                              fmt::format("{:.3g}", error.tolerance), escape_html(error.unit),
                              error.within() ? "<span class=\"pass\">pass</span>"
                                             : "<span class=\"fail\">FAIL</span>",
                              count_text(error.samples), escape_html(error.held_out)});
    }
    return table_html(table);
}

std::string validity_table(const behavioral::ModelCard& card) {
    if (card.validity.empty()) return {};
    Table table;
    table.columns = {{"quantity"}, {"from", true}, {"to", true}};
    for (const behavioral::ValidityRange& range : card.validity) {
        table.rows.push_back({escape_html(spaced(range.quantity)),
                              escape_html(engineering(range.low, range.unit)),
                              escape_html(engineering(range.high, range.unit))});
    }
    return "<h3>Valid range</h3>\n" + table_html(table);
}

std::string residuals(const behavioral::ModelCard& card, PlotBook& plots, bool of_cell) {
    std::string figures;
    for (const behavioral::HeldOutPoints& points : card.held_out) {
        if ((points.quantity == kCellQuantity) != of_cell || points.spice.empty()) continue;
        figures += plots.figure(
            "held_out_" + points.quantity, residual_plot(points),
            fmt::format("{} points of runs that were not fitted to.", points.spice.size()));
    }
    return figures;
}

}  // namespace

std::string adc_section(const behavioral::ModelCard& card, PlotBook& plots) {
    const behavioral::AdcMetrics metrics = behavioral::adc_metrics(card.adc);
    return "<h2>ADC</h2>\n<div class=\"figures\">\n" +
           table_html(
               fact_table({{"resolution", fmt::format("{} bits", card.adc.bits)},
                           {"nominal range", engineering(card.adc.ideal_low_volt, "V") + " to " +
                                                 engineering(card.adc.ideal_high_volt, "V")},
                           {"mean code width", engineering(metrics.mean_width_volt, "V")},
                           {"offset", fmt::format("{:.2f} LSB", metrics.offset_lsb)},
                           {"gain error", fmt::format("{:.2f} %", 100 * metrics.gain_error)},
                           {"worst INL", fmt::format("{:.2f} LSB", metrics.worst_inl_lsb)},
                           {"worst DNL", fmt::format("{:.2f} LSB", metrics.worst_dnl_lsb)}})) +
           plots.figure("adc_transfer", adc_transfer_plot(card.adc),
                        "Code over the voltage at the converter's input.") +
           plots.figure("adc_inl", inl_plot(metrics),
                        "Integral non-linearity of each transition, end-point fit.") +
           plots.figure("adc_dnl", dnl_plot(metrics),
                        "Differential non-linearity of each code, end-point fit.") +
           "</div>\n";
}

std::string cell_section(const behavioral::ModelCard& card, PlotBook& plots) {
    const std::string law =
        card.cell.table.empty()
            ? "access resistance " + engineering(card.cell.access_ohm, "ohm")
            : fmt::format("law of kind {} as a table of {} states and {} voltages", card.cell.kind,
                          card.cell.table.state_siemens.size(), card.cell.table.volt.size());
    std::string html =
        "<h2>Cell</h2>\n" +
        paragraph(fmt::format("Conductance range {} to {}, {}, drive up to {}.",
                              engineering(card.cell.g_min_siemens, "S"),
                              engineering(card.cell.g_max_siemens, "S"), law,
                              engineering(card.driver.amplitude_volt, "V"))) +
        "<div class=\"figures\">\n" +
        plots.figure("cell_law", cell_law_plot(card),
                     "How far the fitted cell is from an ohmic one. The linear value is the mean "
                     "of both signs at half the drive amplitude.") +
        residuals(card, plots, true);
    const XyPlot programming = programming_plot(card);
    const std::vector<double>& sigma = programming.series[0].y;
    if (std::any_of(sigma.begin(), sigma.end(), [](double s) { return s > 0; })) {
        html += plots.figure("programming", programming,
                             card.programming.source.empty()
                                 ? std::string()
                                 : "Source: " + card.programming.source + ".");
        return html + "</div>\n";
    }
    return html + "</div>\n" + paragraph("This card has no programming error: sigma(G) is zero.");
}

std::string calibration_section(const behavioral::ModelCard& card, PlotBook& plots) {
    if (card.errors.empty() && card.held_out.empty()) return {};
    std::string html = "<h2>Calibration against SPICE</h2>\n";
    if (!card.errors.empty()) {
        const auto missed =
            std::count_if(card.errors.begin(), card.errors.end(),
                          [](const behavioral::QuantityError& error) { return !error.within(); });
        html += paragraph(missed == 0 ? fmt::format("All {} quantities are within tolerance on "
                                                    "runs that were not fitted to.",
                                                    card.errors.size())
                                      : fmt::format("{} of {} quantities miss their tolerance.",
                                                    missed, card.errors.size()));
        html += error_table(card);
    }
    std::string figures;
    const BarPlot tolerance = tolerance_plot(card.errors);
    if (!tolerance.categories.empty()) {
        figures += plots.figure("calibration_errors", tolerance, "Over 100 %: missed.");
    }
    figures += residuals(card, plots, false);
    if (!figures.empty()) html += "<div class=\"figures\">\n" + figures + "</div>\n";
    return html + validity_table(card);
}

std::string provenance_section(const behavioral::ModelCard& card) {
    const behavioral::Provenance& from = card.provenance;
    std::vector<std::vector<std::string>> facts{
        {"spec", from.spec_name},
        {"spec hash", from.spec_hash},
        {"technology", from.technology},
        {"temperature", fmt::format("{:.6g} \u00b0C", from.temperature_celsius)},
        {"array", fmt::format("{} rows \u00d7 {} columns", card.array.rows, card.array.columns)},
        {"wire segments", fmt::format("{} per row cell, {} per column cell",
                                      engineering(card.array.row_segment_ohm, "ohm"),
                                      engineering(card.array.column_segment_ohm, "ohm"))},
        {"driver", fmt::format("{} bits, amplitude {}, output {}", card.driver.bits,
                               engineering(card.driver.amplitude_volt, "V"),
                               engineering(card.array.driver_ohm, "ohm"))},
        {"read-out", fmt::format("transimpedance {}, input {}, noise {} rms",
                                 engineering(card.readout.transimpedance_ohm, "ohm"),
                                 engineering(card.array.sense_ohm, "ohm"),
                                 engineering(card.readout.noise_volt_rms, "V"))},
        {"timing",
         fmt::format("settling {}, conversion {}", engineering(card.timing.settle_second, "s"),
                     engineering(card.timing.conversion_second, "s"))},
        {"programming error", card.programming.source},
        {"SPICE", fmt::format("ngspice {}, {} runs", from.ngspice_version, from.spice_runs)},
        {"seed of the calibration", fmt::format("{}", from.seed)},
        {"calibrated by", "mho " + from.mho_version}};
    std::string html = "<h2>Provenance</h2>\n" + table_html(fact_table(facts));
    if (!from.spec_toml.empty()) {
        html += "<details>\n<summary>The spec</summary>\n<pre>" + escape_html(from.spec_toml) +
                "</pre>\n</details>\n";
    }
    return html;
}

}  // namespace mho::flows
