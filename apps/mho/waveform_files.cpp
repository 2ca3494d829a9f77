// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/waveform_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "apps/mho/output.h"
#include "base/error.h"
#include "flows/npz.h"
#include "spice/raw_file.h"

namespace mho::apps {
namespace fs = std::filesystem;
namespace {

std::string csv_field(const std::string& name) {
    if (name.find_first_of(",\"") == std::string::npos) return name;
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string(2, c) : std::string(1, c);
    return quoted + "\"";
}

// A header line, then one line for each point; numbers read back as the same bits.
std::string csv(const spice::Waveforms& waveforms) {
    std::string text;
    for (std::size_t k = 0; k < waveforms.names.size(); ++k) {
        text.append(k == 0 ? "" : ",").append(csv_field(waveforms.names[k]));
    }
    text += '\n';
    for (std::size_t i = 0; i < waveforms.points(); ++i) {
        for (std::size_t k = 0; k < waveforms.columns.size(); ++k) {
            fmt::format_to(std::back_inserter(text), "{}{}", k == 0 ? "" : ",",
                           waveforms.columns[k][i]);
        }
        text += '\n';
    }
    return text;
}

std::string npz(const spice::Waveforms& waveforms) {
    std::vector<flows::NamedArray> arrays;
    for (std::size_t k = 0; k < waveforms.names.size(); ++k) {
        arrays.push_back(
            {waveforms.names[k], {{waveforms.columns[k].size()}, waveforms.columns[k]}});
    }
    return flows::npz_bytes(arrays);
}

}  // namespace

WaveformFormat waveform_format(const fs::path& output) {
    if (is_standard_output(output)) return WaveformFormat::csv;
    const std::string ending = output.extension().string();
    if (ending == ".raw") return WaveformFormat::raw;
    if (ending == ".npz") return WaveformFormat::npz;
    if (ending == ".csv") return WaveformFormat::csv;
    throw bad_input("{}: the name ends with '{}', expected .raw, .npz or .csv", output.string(),
                    ending);
}

std::vector<WaveformFile> waveform_files(const fs::path& output,
                                         std::span<const spice::AnalysisKind> kinds) {
    const bool takes_all = waveform_format(output) == WaveformFormat::raw;
    std::vector<std::size_t> all(kinds.size());
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
    if (kinds.size() == 1 || takes_all) return {{output, all}};
    if (is_standard_output(output)) {
        throw bad_input("the deck has {} analyses, and standard output takes one; name a file",
                        kinds.size());
    }
    std::map<spice::AnalysisKind, int> count;
    std::vector<WaveformFile> files;
    for (const std::size_t k : all) {
        const int number = ++count[kinds[k]];
        fs::path path = output;
        path.replace_extension(fmt::format(".{}{}{}", spice::to_string(kinds[k]),
                                           number == 1 ? "" : std::to_string(number),
                                           output.extension().string()));
        files.push_back({path, {k}});
    }
    return files;
}

std::string file_content(std::span<const Plot* const> plots, WaveformFormat format) {
    std::string content;
    for (const Plot* plot : plots) {
        switch (format) {
            case WaveformFormat::raw:
                content += spice::raw_plot(plot->waveforms, plot->kind, plot->title);
                break;
            case WaveformFormat::npz:
                content = npz(plot->waveforms);
                break;
            case WaveformFormat::csv:
                content = csv(plot->waveforms);
                break;
        }
    }
    return content;
}

std::string waveform_table(const spice::Waveforms& waveforms, std::size_t rows) {
    std::size_t width = 12;
    const std::size_t shown = std::min(rows, waveforms.names.size());
    for (std::size_t k = 0; k < shown; ++k) width = std::max(width, waveforms.names[k].size());
    const bool single = waveforms.points() == 1;
    std::string text = single ? fmt::format("{:<{}} {:>13}\n", "vector", width, "value")
                              : fmt::format("{:<{}} {:>8} {:>13} {:>13} {:>13}\n", "vector", width,
                                            "points", "min", "max", "last");
    for (std::size_t k = 0; k < shown; ++k) {
        const std::vector<double>& values = waveforms.columns[k];
        const auto [least, largest] = std::minmax_element(values.begin(), values.end());
        text += fmt::format("{:<{}}", waveforms.names[k], width);
        text += single ? fmt::format(" {:>13.6g}\n", values.back())
                       : fmt::format(" {:>8} {:>13.6g} {:>13.6g} {:>13.6g}\n", values.size(),
                                     *least, *largest, values.back());
    }
    if (shown < waveforms.names.size()) {
        text += fmt::format("... and {} more, all of which -o writes\n",
                            waveforms.names.size() - shown);
    }
    for (const spice::Measured& measured : waveforms.measured) {
        text += measured.value ? fmt::format("{} = {:.10g}\n", measured.name, *measured.value)
                               : fmt::format("{} = not found\n", measured.name);
    }
    return text;
}

}  // namespace mho::apps
