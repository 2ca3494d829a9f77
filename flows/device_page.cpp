// SPDX-License-Identifier: Apache-2.0
#include "flows/device_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "behavioral/device_state.h"
#include "flows/device_plots.h"
#include "flows/report_html.h"
#include "flows/report_sections.h"

namespace mho::flows {
namespace {

using behavioral::DeviceModel;
using behavioral::StateStatistics;

// What the device is made of: a line each, and where its figures are from.
struct Fact {
    std::string name;
    std::string value;
    std::string source;
};

std::string drift_value(const DeviceModel& device) {
    if (const auto* measured = std::get_if<behavioral::MeasuredDrift>(&device.drift.law)) {
        return fmt::format("measured at {} times, to {}", measured->maps.size(),
                           duration_text(measured->maps.back().at));
    }
    if (const auto* law = std::get_if<behavioral::PowerLawDrift>(&device.drift.law)) {
        return fmt::format("(t/{:.4g} s)^-\u03bd, \u03bd = {}, its deviation {}",
                           law->reference_second, law->exponent_mean.text(),
                           law->exponent_sigma.text());
    }
    const auto& law = std::get<behavioral::RelaxationDrift>(device.drift.law);
    return fmt::format("to {:.4g} {} with time constant {:.4g} s, exponent {:.3g}", law.end_state,
                       unit_of(device), law.tau_second, law.exponent);
}

std::string radiation_value(const DeviceModel& device) {
    if (const auto* maps = std::get_if<behavioral::DoseMaps>(&device.radiation->law)) {
        return fmt::format("measured at {} doses, to {:.4g} krad(Si)", maps->maps.size(),
                           maps->maps.back().at / behavioral::kGrayPerKrad);
    }
    const auto& law = std::get<behavioral::ThresholdRelaxation>(device.radiation->law);
    return fmt::format("ln(I/{:.4g} {}) shrinks by e every {:.4g} krad(Si), spread {:.3g}",
                       law.neutral_state, unit_of(device), law.dose_gray / behavioral::kGrayPerKrad,
                       law.spread);
}

std::string states_value(const DeviceModel& device) {
    const behavioral::StateRange& range = device.state;
    std::string text = fmt::format("{:.4g} to {:.4g} {}, on/off {:.4g}", range.low, range.high,
                                   unit_of(device), range.high / range.low);
    if (range.unit == behavioral::StateUnit::nanoampere) {
        text += fmt::format(", read at {:.4g} V", range.read_volt);
    }
    if (!range.levels.empty()) text += fmt::format(", {} levels", range.levels.size());
    return text;
}

void add_write_facts(const DeviceModel& device, std::vector<Fact>& facts) {
    if (device.stuck) {
        facts.push_back(
            {"stuck cells",
             fmt::format("{:.3g} % low, {:.3g} % high", 100 * device.stuck->low_probability,
                         100 * device.stuck->high_probability),
             device.stuck->source});
    }
    if (device.write_verify) {
        facts.push_back(
            {"write and verify",
             fmt::format("to {:.3g} {} in at most {} pulses", device.write_verify->tolerance,
                         unit_of(device), device.write_verify->max_pulses),
             device.write_verify->source});
    }
}

std::vector<Fact> facts_of(const DeviceModel& device) {
    std::vector<Fact> facts{{"states", states_value(device), device.state.source}};
    const bool uniform = device.programming.distribution == behavioral::Distribution::uniform;
    facts.push_back({"programming error",
                     fmt::format("\u03c3 = {}, {}", device.programming.sigma.text(),
                                 uniform ? "uniform" : "normal"),
                     device.programming.source});
    add_write_facts(device, facts);
    if (drifts(device)) facts.push_back({"drift", drift_value(device), device.drift.source});
    if (device.retention) {
        facts.push_back(
            {"temperature",
             fmt::format("Arrhenius, {:.3g} eV, reference {:.4g} \u00b0C",
                         device.retention->activation_ev, device.retention->reference_celsius),
             device.retention->source});
    }
    if (device.read_noise) {
        const bool each = device.read_noise->resampling == behavioral::Resampling::each_read;
        facts.push_back({"read noise",
                         fmt::format("\u03c3 = {}, {}", device.read_noise->sigma.text(),
                                     each ? "new for each read" : "slow: one number a cell"),
                         device.read_noise->source});
    }
    if (device.current) {
        facts.push_back(
            {"current",
             fmt::format("polynomial of the voltage up to {:.3g} V", device.current->max_volt),
             device.current->source});
    }
    if (device.radiation) {
        facts.push_back({"radiation", radiation_value(device), device.radiation->source});
    }
    return facts;
}

// What writing and verifying some cells across the range came to.
std::string write_sentence(const DeviceModel& device) {
    constexpr int kCells = 2000;
    const std::vector<double> states = states_across(device, 5);
    const double unit = behavioral::siemens_per_unit(device.state);
    const Eigen::ArrayXd all =
        Eigen::Map<const Eigen::ArrayXd>(states.data(), static_cast<Eigen::Index>(states.size()));
    const behavioral::ProgrammedCells cells =
        behavioral::program(device, (all * unit).matrix().replicate(1, kCells), {1, 0, 0});
    const behavioral::WriteCost cost = behavioral::write_cost(device, cells);
    const auto count = static_cast<double>(cost.cells);
    const double error =
        std::sqrt((cells.siemens - cells.target_siemens).array().square().mean()) / unit;
    std::string text = fmt::format(
        "Of {} cells at five targets, {:.2f} pulses a cell leave an rms error of {:.3g} {}; {:.2f} "
        "% "
        "stay outside the tolerance.",
        cost.cells, static_cast<double>(cost.pulses) / count, error, unit_of(device),
        100 * static_cast<double>(cost.unfinished) / count);
    if (cost.second > 0) text += fmt::format(" {:.3g} s a cell.", cost.second / count);
    if (cost.joule > 0) text += fmt::format(" {:.3g} J a cell.", cost.joule / count);
    return text;
}

std::vector<std::string> notes_of(const DeviceModel& device) {
    std::vector<std::string> notes = device.notes;
    behavioral::Conditions last;
    last.time_second = longest_second(device);
    for (std::string& note : behavioral::validity_notes(device, last)) {
        notes.push_back(std::move(note));
    }
    return notes;
}

// Columns of the table of states and its rows, as texts.
struct StateTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

StateTable state_table(const DeviceModel& device) {
    const std::vector<double> states = states_across(device, 5);
    const Eigen::ArrayXd all =
        Eigen::Map<const Eigen::ArrayXd>(states.data(), static_cast<Eigen::Index>(states.size()));
    const StateStatistics first = behavioral::drift_statistics(device, all, 0);
    const double last_second = longest_second(device);
    const StateStatistics last = behavioral::drift_statistics(device, all, last_second);
    const std::string unit = unit_of(device);
    StateTable table;
    table.columns = {
        fmt::format("target ({})", unit),
        fmt::format("\u03c3 {} ({})", device.write_verify ? "of one write" : "programmed", unit),
        "% of highest"};
    if (drifts(device)) {
        const std::string when = fmt::format("after {} ({})", duration_text(last_second), unit);
        table.columns.push_back(fmt::format("mean {}", when));
        table.columns.push_back(fmt::format("\u03c3 {}", when));
    }
    for (Eigen::Index k = 0; k < all.size(); ++k) {
        std::vector<std::string> row{
            fmt::format("{:.4g}", all(k)), fmt::format("{:.4g}", first.sigma(k)),
            fmt::format("{:.2f}", 100 * first.sigma(k) / device.state.high)};
        if (drifts(device)) {
            row.push_back(fmt::format("{:.4g}", last.mean(k)));
            row.push_back(fmt::format("{:.4g}", last.sigma(k)));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string facts_html(const DeviceModel& device) {
    Table table{{{"", false}, {"model", false}, {"source", false}}, {}};
    for (const Fact& fact : facts_of(device)) {
        table.rows.push_back(
            {escape_html(fact.name), escape_html(fact.value), escape_html(fact.source)});
    }
    return "<h2>Model and sources</h2>\n" + table_html(table);
}

std::string states_html(const DeviceModel& device) {
    const StateTable states = state_table(device);
    Table table;
    for (const std::string& column : states.columns) table.columns.push_back({column, true});
    table.rows = states.rows;
    return "<h2>States</h2>\n" + table_html(table);
}

std::string notes_html(const DeviceModel& device) {
    const std::vector<std::string> notes = notes_of(device);
    if (notes.empty()) return {};
    std::string html = "<div class=\"advice\">\n<ul>\n";
    for (const std::string& note : notes) html += "<li>" + escape_html(note) + "</li>\n";
    return html + "</ul>\n</div>\n";
}

// A caption and where the figures are from.
std::string sourced(const std::string& caption, const std::string& source) {
    return caption + " Source: " + source + ".";
}

std::string figures(const std::string& title, const std::string& html) {
    return html.empty() ? html
                        : "<h2>" + title + "</h2>\n<div class=\"figures\">\n" + html + "</div>\n";
}

std::string programming_html(const DeviceModel& device, PlotBook& plots) {
    const std::string& source = device.programming.source;
    std::string html = plots.figure("target", target_plot(device),
                                    sourced("40 cells for each of 33 targets.", source));
    html += plots.figure(
        "sigma", sigma_plot(device),
        sourced("What one cell of many misses its target by, against its state.", source));
    html += plots.figure(
        "distribution", distribution_plot(device),
        sourced("Cumulated share of 400 cells for each of five targets from the lowest to the "
                "highest state; dashed: later.",
                drifts(device) ? source + "; " + device.drift.source : source));
    if (device.write_verify) {
        html += plots.figure(
            "pulses", pulses_plot(device),
            sourced("Writes of a cell, the first one included.", device.write_verify->source));
    }
    html = figures("Programming", html);
    if (device.write_verify) html += paragraph(write_sentence(device));
    return html;
}

std::string drift_html(const DeviceModel& device, PlotBook& plots) {
    if (!drifts(device)) {
        return "<h2>Drift</h2>\n" + paragraph("No drift is described for this device.");
    }
    const std::string& source = device.drift.source;
    std::string html = plots.figure("drift", drift_plot(device),
                                    sourced("Mean of many cells less their target.", source));
    html += plots.figure("drift_spread", drift_spread_plot(device),
                         sourced("Standard deviation of cells of one target, all causes together "
                                 "but the noise of reads.",
                                 source));
    if (device.retention) {
        html += plots.figure(
            "retention", retention_plot(device),
            sourced("Time runs faster at higher temperature.", device.retention->source));
    }
    return figures("Drift", html);
}

std::string more_html(const DeviceModel& device, PlotBook& plots) {
    std::string html;
    if (device.current) {
        html += figures("Current", plots.figure("current", current_plot(device),
                                                sourced("Current of a cell against its voltage.",
                                                        device.current->source)));
    }
    if (!device.radiation) return html;
    const std::string& source = device.radiation->source;
    std::string dose =
        plots.figure("dose", dose_plot(device),
                     sourced("A cell of the mean shift, less its state before.", source));
    dose += plots.figure("dose_spread", dose_spread_plot(device),
                         sourced("On top of the spread before.", source));
    return html + figures("Radiation", dose);
}

}  // namespace

std::string device_text(const DeviceModel& device) {
    std::string text = fmt::format("{}: {}\n{}\n\n", device.name, device.title, device.source);
    for (const Fact& fact : facts_of(device)) {
        text += fmt::format("{:<18} {}\n{:<18} [{}]\n", fact.name, fact.value, "", fact.source);
    }
    const StateTable table = state_table(device);
    text += "\n";
    for (const std::string& column : table.columns) text += fmt::format("{:>24}", column);
    text += "\n";
    for (const std::vector<std::string>& row : table.rows) {
        for (const std::string& cell : row) text += fmt::format("{:>24}", cell);
        text += "\n";
    }
    if (device.write_verify) text += fmt::format("\n{}\n", write_sentence(device));
    for (const std::string& note : notes_of(device)) text += fmt::format("\nnote: {}", note);
    return text + (notes_of(device).empty() ? "" : "\n");
}

Report build_device_page(const DeviceModel& device, const std::string& plots_folder,
                         const GnuplotOptions& gnuplot) {
    PlotBook plots(plots_folder, gnuplot);
    std::string body = "<h1>" + escape_html(device.title) + "</h1>\n<p class=\"quiet\">" +
                       escape_html(device.name + ". " + device.source + ".") + "</p>\n";
    body += notes_html(device);
    body += programming_html(device, plots);
    body += drift_html(device, plots);
    body += more_html(device, plots);
    body += states_html(device);
    body += facts_html(device);
    Report report;
    report.html = page_html("mho device: " + device.name, body);
    report.plots = plots.take();
    return report;
}

void write_device_page(const DeviceModel& device, const std::filesystem::path& html,
                       const GnuplotOptions& gnuplot) {
    write_page(build_device_page(device, plots_folder(html).filename().string(), gnuplot), html);
}

}  // namespace mho::flows
