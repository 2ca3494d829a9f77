// SPDX-License-Identifier: Apache-2.0
#include "spice/raw_file.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <span>
#include <vector>

namespace mho::spice {
namespace {

static_assert(std::endian::native == std::endian::little, "raw files hold little-endian doubles");

struct Variable {
    std::string name;
    const std::vector<double>* real = nullptr;
    const std::vector<double>* imaginary = nullptr;  // none: zero
};

std::string_view plot_name(AnalysisKind kind) {
    switch (kind) {
        case AnalysisKind::op:
            return "Operating Point";
        case AnalysisKind::dc:
            return "DC transfer characteristic";
        case AnalysisKind::tran:
            return "Transient Analysis";
        case AnalysisKind::ac:
            return "AC Analysis";
        case AnalysisKind::noise:
            return "Noise Spectral Density Curves";
    }
    return "unknown";
}

std::string_view unit_type(std::string_view name) {
    if (name == "time" || name == "frequency") return name;
    if (name.starts_with("i(") || name == "i-sweep") return "current";
    if (name.starts_with("v(") || name == "v-sweep") return "voltage";
    return "notype";
}

std::vector<Variable> variables_of(const Waveforms& waveforms, bool is_complex) {
    std::vector<Variable> variables;
    for (std::size_t k = 0; k < waveforms.names.size(); ++k) {
        const std::string& name = waveforms.names[k];
        Variable variable{name, &waveforms.columns[k], nullptr};
        if (is_complex && name.starts_with("re(") && k + 1 < waveforms.names.size()) {
            variable.name = name.substr(3, name.size() - 4);
            variable.imaginary = &waveforms.columns[++k];
        }
        variables.push_back(std::move(variable));
    }
    return variables;
}

}  // namespace

std::string raw_plot(const Waveforms& waveforms, AnalysisKind kind, std::string_view title) {
    const bool is_complex = kind == AnalysisKind::ac;
    const std::vector<Variable> variables = variables_of(waveforms, is_complex);
    const std::size_t points = waveforms.points();
    std::string bytes = fmt::format(
        "Title: {}\nPlotname: {}\nFlags: {}\nNo. Variables: {}\nNo. Points: {}\nVariables:\n",
        title, plot_name(kind), is_complex ? "complex" : "real", variables.size(), points);
    for (std::size_t k = 0; k < variables.size(); ++k) {
        bytes += fmt::format("\t{}\t{}\t{}\n", k, variables[k].name, unit_type(variables[k].name));
    }
    bytes += "Binary:\n";
    const std::size_t start = bytes.size();
    bytes.resize(start + points * variables.size() * (is_complex ? 2 : 1) * sizeof(double));
    char* at = bytes.data() + start;
    const auto put = [&at](double value) {
        std::memcpy(at, &value, sizeof value);
        at += sizeof value;
    };
    for (std::size_t i = 0; i < points; ++i) {
        for (const Variable& variable : variables) {
            put((*variable.real)[i]);
            if (is_complex) put(variable.imaginary == nullptr ? 0.0 : (*variable.imaginary)[i]);
        }
    }
    return bytes;
}

}  // namespace mho::spice
