// SPDX-License-Identifier: Apache-2.0
// Reports for designers from the results of `mho infer`.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "flows/plot_run.h"

namespace mho::flows {

struct ReportInput {
    std::string name;  // of the file, shown in the report and in errors
    std::string json;  // its text, schema mho.inference/1
};

struct ReportPlot {
    std::string file;  // "adc_transfer.svg"
    std::string svg;
};

struct Report {
    std::string html;  // one self-contained page
    std::vector<ReportPlot> plots;
};

// Where the plots of a page go: `<stem>_plots` beside it.
std::filesystem::path plots_folder(const std::filesystem::path& html);

// Writes the page to `html` and each plot to its folder (none when `html` is a device such as
// /dev/stdout).
void write_page(const Report& report, const std::filesystem::path& html);

// Builds the page and its plots in memory. `plots_folder` is the folder's name as the captions tell
// it. Throws bad_input for no inputs or an input that read_inference refuses, Error(system) when
// gnuplot is missing or fails.
Report build_report(std::span<const ReportInput> inputs, const std::string& plots_folder,
                    const GnuplotOptions& gnuplot = {});

// build_report, then write_page: nothing is written before everything is built.
void write_report(std::span<const ReportInput> inputs, const std::filesystem::path& html,
                  const GnuplotOptions& gnuplot = {});

}  // namespace mho::flows
