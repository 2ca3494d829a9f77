// SPDX-License-Identifier: Apache-2.0
#include "spice/plot.h"

#include <fmt/format.h>
#include <ngspice/sharedspice.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr double kEndTolerance = 1e-9;  // of the stop time
constexpr std::string_view kDensityPlot = "noise1.";
constexpr std::string_view kTotalPlot = "noise2.";

struct PlotVector {
    std::vector<double> real;
    std::vector<double> imaginary;  // empty unless complex
};

// One of ngspice's vectors, or no value when it is missing or empty.
std::optional<PlotVector> find_vector(std::string name) {
    const vector_info* const info = ngGet_Vec_Info(name.data());
    if (info == nullptr || info->v_length <= 0) return std::nullopt;
    const auto length = static_cast<std::size_t>(info->v_length);
    PlotVector vector;
    if (info->v_realdata != nullptr) {
        vector.real.assign(info->v_realdata, info->v_realdata + length);
    } else if (info->v_compdata != nullptr) {
        for (const auto& value : std::span(info->v_compdata, length)) {
            vector.real.push_back(value.cx_real);
            vector.imaginary.push_back(value.cx_imag);
        }
    }
    return vector;
}

// The real parts of a vector. Throws Error(simulator).
std::vector<double> vector_values(const std::string& name) {
    std::optional<PlotVector> vector = find_vector(name);
    if (!vector) throw simulator_error("no vector {}", name);
    return std::move(vector->real);
}

void check_column(const std::string& name, std::span<const double> values, std::size_t points) {
    if (values.size() != points) {
        throw simulator_error("vector {} has {} points, expected {}", name, values.size(), points);
    }
    const auto bad = std::find_if(values.begin(), values.end(),
                                  [](double value) { return !std::isfinite(value); });
    if (bad != values.end()) {
        throw simulator_error("vector {} is {} at point {}", name, *bad, bad - values.begin());
    }
}

bool is_density(const std::string& vector) {
    return vector.ends_with("_spectrum");
}

// The vectors of a plot in the order they were made.
std::vector<std::string> vectors_of(std::string plot) {
    std::vector<std::string> names;
    char** const all = ngSpice_AllVecs(plot.data());
    for (char** name = all; name != nullptr && *name != nullptr; ++name) names.emplace_back(*name);
    std::reverse(names.begin(), names.end());
    return names;
}

// The sweep's axis: ngspice names it after what is swept, "v-sweep", "res-sweep".
std::string sweep_name() {
    for (const std::string& name : vectors_of(ngSpice_CurPlot())) {
        if (name.ends_with("-sweep")) return name;
    }
    throw simulator_error("no sweep vector");
}

// ngspice's name as a deck writes it; empty for what is no node and no source.
std::string written_name(const std::string& vector) {
    constexpr std::string_view kBranch = "#branch";
    const std::string name = lower_case(vector);
    if (name.starts_with('@') || name.find('(') != std::string::npos) return name;
    if (name.ends_with(kBranch)) {
        return fmt::format("i({})", name.substr(0, name.size() - kBranch.size()));
    }
    return name.find('#') != std::string::npos ? "" : fmt::format("v({})", name);
}

// A column of the result and what ngspice calls it, with the plot where that is not the current
// one.
struct Wanted {
    std::string name;
    std::string first;
    std::string second;  // to be subtracted
};

// What "all" stands for. Vectors of another length are no waveforms: events of digital nodes, and
// device currents that an analysis does not compute.
std::vector<Wanted> every_vector(const Analysis& analysis, const std::string& axis,
                                 std::size_t points) {
    const bool noise = analysis.kind == AnalysisKind::noise;
    const std::string plot = noise ? std::string(kDensityPlot) : "";
    std::vector<Wanted> wanted;
    for (const std::string& vector : vectors_of(noise ? "noise1" : ngSpice_CurPlot())) {
        const std::string name = noise && is_density(vector) ? vector : written_name(vector);
        std::string full_name = plot + vector;
        if (name.empty() || full_name == axis) continue;
        const vector_info* const info = ngGet_Vec_Info(full_name.data());
        if (info == nullptr || info->v_length != static_cast<int>(points)) continue;
        wanted.push_back({name, std::move(full_name), ""});
    }
    return wanted;
}

// The requests with "all" replaced by what it stands for and has not been asked for by name.
std::vector<Wanted> wanted_vectors(const Analysis& analysis, const std::string& axis,
                                   const std::vector<VectorRequest>& requests, std::size_t points) {
    std::set<std::string> named;
    for (const VectorRequest& request : requests) named.insert(lower_case(request.name));
    std::vector<Wanted> wanted;
    for (const VectorRequest& request : requests) {
        if (request.first != kAllVectors) {
            const std::string_view plot = is_density(request.first) ? kDensityPlot : "";
            wanted.push_back({request.name, std::string(plot) + request.first, request.second});
            continue;
        }
        for (Wanted& one : every_vector(analysis, axis, points)) {
            if (named.insert(one.name).second) wanted.push_back(std::move(one));
        }
    }
    return wanted;
}

bool asks_all(const std::vector<VectorRequest>& requests) {
    return std::any_of(requests.begin(), requests.end(),
                       [](const VectorRequest& request) { return request.first == kAllVectors; });
}

// Noise totals and densities live in two plots of different length.
std::string axis_name(const Analysis& analysis, const std::vector<VectorRequest>& requests) {
    switch (analysis.kind) {
        case AnalysisKind::op:
            return {};
        case AnalysisKind::dc:
            return sweep_name();
        case AnalysisKind::tran:
            return "time";
        case AnalysisKind::ac:
            return "frequency";
        case AnalysisKind::noise:
            break;
    }
    const bool densities =
        !requests.empty() && (asks_all(requests) || is_density(requests.front().first));
    return densities ? std::string(kDensityPlot) + "frequency" : "";
}

PlotVector column_of(const std::string& vector, std::size_t points) {
    if (vector == "0") return {std::vector<double>(points, 0.0), {}};
    std::optional<PlotVector> values = find_vector(vector);
    if (!values) throw simulator_error("no vector {}", vector);
    check_column(vector, values->real, points);
    if (!values->imaginary.empty()) check_column(vector, values->imaginary, points);
    return std::move(*values);
}

void subtract(std::vector<double>& values, const std::vector<double>& subtracted) {
    values.resize(std::max(values.size(), subtracted.size()), 0.0);
    for (std::size_t i = 0; i < subtracted.size(); ++i) values[i] -= subtracted[i];
}

PlotVector wanted_values(const Wanted& wanted, std::size_t points) {
    PlotVector values = column_of(wanted.first, points);
    if (wanted.second.empty()) return values;
    const PlotVector subtracted = column_of(wanted.second, points);
    subtract(values.real, subtracted.real);
    subtract(values.imaginary, subtracted.imaginary);
    return values;
}

void add_columns(Waveforms& waveforms, const Analysis& analysis, const std::string& name,
                 PlotVector values) {
    if (analysis.kind != AnalysisKind::ac) {
        if (!values.imaginary.empty()) throw simulator_error("vector {} is complex", name);
        waveforms.names.push_back(name);
        waveforms.columns.push_back(std::move(values.real));
        return;
    }
    values.imaginary.resize(values.real.size(), 0.0);
    waveforms.names.push_back(fmt::format("re({})", name));
    waveforms.columns.push_back(std::move(values.real));
    waveforms.names.push_back(fmt::format("im({})", name));
    waveforms.columns.push_back(std::move(values.imaginary));
}

void add_noise_totals(Waveforms& waveforms) {
    for (const char* name : {"onoise_total", "inoise_total"}) {
        const std::vector<double> total = vector_values(std::string(kTotalPlot) + name);
        check_column(name, total, 1);
        waveforms.measured.push_back({name, total.front()});
    }
}

}  // namespace

void check_stop_time(const Analysis& analysis) {
    if (analysis.kind != AnalysisKind::tran || analysis.stop_second == 0) return;
    const double last = vector_values("time").back();
    if (!(std::abs(last - analysis.stop_second) <= kEndTolerance * analysis.stop_second)) {
        throw simulator_error("transient ended at {:g} s, expected {:g} s", last,
                              analysis.stop_second);
    }
}

Waveforms read_plot(const Analysis& analysis, const std::vector<VectorRequest>& requests) {
    Waveforms waveforms;
    const std::string axis = axis_name(analysis, requests);
    if (!axis.empty()) {
        const bool in_densities = axis.starts_with(kDensityPlot);
        waveforms.names.push_back(in_densities ? axis.substr(kDensityPlot.size()) : axis);
        waveforms.columns.push_back(vector_values(axis));
        check_column(axis, waveforms.columns.front(), waveforms.columns.front().size());
    }
    const std::size_t points = axis.empty() ? 1 : waveforms.columns.front().size();
    for (const Wanted& wanted : wanted_vectors(analysis, axis, requests, points)) {
        add_columns(waveforms, analysis, wanted.name, wanted_values(wanted, points));
    }
    if (asks_all(requests) && analysis.kind == AnalysisKind::noise) add_noise_totals(waveforms);
    return waveforms;
}

}  // namespace mho::spice
