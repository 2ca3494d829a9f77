// SPDX-License-Identifier: Apache-2.0
#include "flows/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "flows/report_data.h"
#include "flows/report_html.h"
#include "flows/report_sections.h"

namespace mho::flows {
namespace {

namespace fs = std::filesystem;

std::string result_sections(const InferenceResult& result, bool only, PlotBook& plots) {
    std::string html;
    if (!only) html += "<h2 class=\"result\">Result: " + escape_html(result.name) + "</h2>\n";
    html += advice_section(result);
    html += energy_section(result, plots);
    html += layer_section(result);
    html += layer_quality_section(result, plots);
    html += ablation_section(result, plots);
    html += error_source_section(result, plots);
    html += ir_drop_section(result, plots);
    html += notes_section(result);
    html += system_section(result);
    return html;
}

// Results made with the same card share its sections.
std::string card_sections(std::span<const InferenceResult> results, PlotBook& plots) {
    std::vector<std::pair<std::string, std::vector<const InferenceResult*>>> users;
    for (const InferenceResult& result : results) {
        if (!result.card) continue;
        const std::string key = behavioral::card_to_json(*result.card);
        const auto known = std::find_if(users.begin(), users.end(),
                                        [&key](const auto& user) { return user.first == key; });
        if (known == users.end()) {
            users.push_back({key, {&result}});
        } else {
            known->second.push_back(&result);
        }
    }
    std::string html;
    for (const auto& [key, of] : users) {
        const behavioral::ModelCard& card = *of.front()->card;
        if (users.size() > 1) {
            html += "<h2 class=\"result\">Card: " + escape_html(card.provenance.spec_name) +
                    "</h2>\n<p>Used by ";
            for (std::size_t i = 0; i < of.size(); ++i) {
                html += (i == 0 ? "" : ", ") + escape_html(of[i]->name);
            }
            html += ".</p>\n";
        }
        html += adc_section(card, plots) + cell_section(card, plots) +
                calibration_section(card, plots) + provenance_section(card);
    }
    return html;
}

std::string versions_line(std::span<const InferenceResult> results) {
    std::set<std::string> versions;
    for (const InferenceResult& result : results) {
        if (!result.mho_version.empty()) versions.insert(result.mho_version);
    }
    std::string line = "Simulated by mho";
    for (const std::string& version : versions) {
        line += (version == *versions.begin() ? " " : ", ") + version;
    }
    return "<p class=\"quiet\">" + escape_html(line + ".") + "</p>\n";
}

}  // namespace

Report build_report(std::span<const ReportInput> inputs, const std::string& plots_folder,
                    const GnuplotOptions& gnuplot) {
    if (inputs.empty()) throw bad_input("report: no inference results given");
    std::vector<InferenceResult> results;
    for (const ReportInput& input : inputs) {
        results.push_back(read_inference(input.json, input.name));
    }
    PlotBook plots(plots_folder, gnuplot);
    std::string body = "<h1>Analog inference report</h1>\n" + versions_line(results) +
                       summary_section(results, plots);
    for (const InferenceResult& result : results) {
        body += result_sections(result, results.size() == 1, plots);
    }
    body += card_sections(results, plots);
    Report report;
    report.html = page_html("mho report: " + results.front().name, body);
    report.plots = plots.take();
    return report;
}

fs::path plots_folder(const fs::path& html) {
    return html.parent_path() / (html.stem().string() + "_plots");
}

void write_page(const Report& report, const fs::path& html) {
    const fs::path folder = plots_folder(html);
    std::error_code failure;
    const fs::file_status status = fs::status(html, failure);
    const bool device = fs::exists(status) && !fs::is_regular_file(status);
    if (!device) {
        fs::create_directory(folder, failure);
        if (failure) {
            throw system_error("{}: cannot be made: {}", folder.string(), failure.message());
        }
        for (const ReportPlot& plot : report.plots) write_file(folder / plot.file, plot.svg);
    }
    write_file(html, report.html);
}

void write_report(std::span<const ReportInput> inputs, const fs::path& html,
                  const GnuplotOptions& gnuplot) {
    write_page(build_report(inputs, plots_folder(html).filename().string(), gnuplot), html);
}

}  // namespace mho::flows
