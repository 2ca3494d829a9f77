// SPDX-License-Identifier: Apache-2.0
// The sections of a report. Each returns HTML, or an empty string when its data are absent.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "flows/plot.h"
#include "flows/report.h"
#include "flows/report_data.h"

namespace mho::flows {

// Draws plots and keeps their SVG documents.
class PlotBook {
  public:
    PlotBook(std::string folder, GnuplotOptions options)
        : folder_(std::move(folder)), options_(std::move(options)) {}

    // A <figure> with the plot and its caption (text). `name` becomes the file's name; characters
    // other than letters, digits, - and _ become _, and a name used before gets a number.
    template <typename Plot>
    std::string figure(const std::string& name, const Plot& plot, const std::string& caption) {
        return keep(name, plot_svg(plot, options_), caption);
    }

    std::vector<ReportPlot> take() { return std::move(plots_); }

  private:
    std::string keep(const std::string& name, std::string svg, const std::string& caption);

    std::string folder_;
    GnuplotOptions options_;
    std::vector<ReportPlot> plots_;
};

std::string summary_section(std::span<const InferenceResult> results, PlotBook& plots);
std::string advice_section(const InferenceResult& result);
std::string energy_section(const InferenceResult& result, PlotBook& plots);
std::string layer_section(const InferenceResult& result);
std::string ir_drop_section(const InferenceResult& result, PlotBook& plots);
std::string error_source_section(const InferenceResult& result, PlotBook& plots);
std::string notes_section(const InferenceResult& result);

// Of a described system.
std::string layer_quality_section(const InferenceResult& result, PlotBook& plots);
std::string ablation_section(const InferenceResult& result, PlotBook& plots);
std::string system_section(const InferenceResult& result);

// Of the card.
std::string adc_section(const behavioral::ModelCard& card, PlotBook& plots);
std::string cell_section(const behavioral::ModelCard& card, PlotBook& plots);
std::string calibration_section(const behavioral::ModelCard& card, PlotBook& plots);
std::string provenance_section(const behavioral::ModelCard& card);

}  // namespace mho::flows
