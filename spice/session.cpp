// SPDX-License-Identifier: Apache-2.0
#include "spice/session.h"

#include <dlfcn.h>
#include <ngspice/sharedspice.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kStatusMarker = "@@ ";
constexpr std::string_view kNeverStarted = "99";
constexpr double kEndTolerance = 1e-9;  // of the stop time

WorkerReply reply(JobStatus status, std::string message) {
    WorkerReply result;
    result.status = status;
    result.message = std::move(message);
    return result;
}

// The real values of one of ngspice's vectors. Throws Error(simulator).
std::vector<double> vector_values(std::string name) {
    const vector_info* const info = ngGet_Vec_Info(name.data());
    if (info == nullptr || info->v_length <= 0) throw simulator_error("no vector {}", name);
    if (info->v_realdata == nullptr) throw simulator_error("vector {} is complex", name);
    return {info->v_realdata, info->v_realdata + info->v_length};
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

// The sweep's axis: ngspice names it after what is swept, "v-sweep", "res-sweep".
std::string sweep_name() {
    char** const names = ngSpice_AllVecs(ngSpice_CurPlot());
    for (char** name = names; name != nullptr && *name != nullptr; ++name) {
        if (std::string_view(*name).ends_with("-sweep")) return *name;
    }
    throw simulator_error("no sweep vector");
}

bool is_density(const VectorRequest& request) {
    return request.first.ends_with("_spectrum");
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
        case AnalysisKind::noise:
            break;
    }
    const bool densities = !requests.empty() && is_density(requests.front());
    return densities ? "noise1.frequency" : "";
}

std::vector<double> column_of(const std::string& vector, std::size_t points) {
    if (vector == "0") return std::vector<double>(points, 0.0);
    std::vector<double> values = vector_values(vector);
    check_column(vector, values, points);
    return values;
}

std::vector<double> request_values(const VectorRequest& request, std::size_t points) {
    const std::string plot = is_density(request) ? "noise1." : "";
    std::vector<double> values = column_of(plot + request.first, points);
    if (request.second.empty()) return values;
    const std::vector<double> subtracted = column_of(request.second, points);
    for (std::size_t i = 0; i < points; ++i) values[i] -= subtracted[i];
    return values;
}

Waveforms collect(const Analysis& analysis, const std::vector<VectorRequest>& requests) {
    Waveforms waveforms;
    const std::string axis = axis_name(analysis, requests);
    if (!axis.empty()) {
        waveforms.names.push_back(axis.starts_with("noise1.") ? axis.substr(7) : axis);
        waveforms.columns.push_back(vector_values(axis));
        check_column(axis, waveforms.columns.front(), waveforms.columns.front().size());
    }
    const std::size_t points = axis.empty() ? 1 : waveforms.columns.front().size();
    for (const VectorRequest& request : requests) {
        waveforms.names.push_back(request.name);
        waveforms.columns.push_back(request_values(request, points));
    }
    return waveforms;
}

void check_stop_time(const Analysis& analysis) {
    if (analysis.kind != AnalysisKind::tran) return;
    const double last = vector_values("time").back();
    if (!(std::abs(last - analysis.stop_second) <= kEndTolerance * analysis.stop_second)) {
        throw simulator_error("transient ended at {:g} s, expected {:g} s", last,
                              analysis.stop_second);
    }
}

// Folders that may hold ngspice's code models, for when its start file is not installed.
std::vector<fs::path> code_model_folders() {
    std::vector<fs::path> folders;
    Dl_info library{};
    if (::dladdr(reinterpret_cast<void*>(&ngSpice_Init), &library) != 0 &&
        library.dli_fname != nullptr) {
        std::error_code ignored;
        const fs::path folder = fs::canonical(library.dli_fname, ignored).parent_path();
        folders = {folder / "ngspice", folder.parent_path() / "ngspice"};
    }
    return folders;
}

}  // namespace

int Session::on_text(char* line, int, void* self) noexcept {
    try {
        if (line != nullptr) static_cast<Session*>(self)->log_.add(line);
    } catch (...) {
        // Out of memory: the line is lost, which no reply depends on alone.
    }
    return 0;
}

int Session::on_exit(int, bool, bool, int, void* self) noexcept {
    static_cast<Session*>(self)->asked_to_exit_ = true;
    return 0;
}

Session::Session() {
    if (ngSpice_Init(on_text, nullptr, on_exit, nullptr, nullptr, nullptr, this) != 0) {
        throw simulator_error("libngspice: initialisation failed");
    }
    for (const char* text :
         {"set num_threads=1", "set noaskquit", "set nomoremode", "optran 1 1 1 0 0 0"}) {
        command(text);
    }
    learn_simulator();
    if (asked_to_exit_) throw simulator_error("libngspice: set-up failed");
    forget();
}

void Session::command(std::string text) {
    ngSpice_Command(text.data());
}

void Session::learn_simulator() {
    log_.clear();
    command("version -f");
    bool xspice = false;
    for (const std::string& line : log_.lines()) {
        const std::string_view prefix = "ngspice-";
        if (const std::size_t at = line.find(prefix);
            at != std::string::npos && simulator_.version.empty()) {
            const std::string rest = line.substr(at + prefix.size());
            simulator_.version = rest.substr(0, rest.find_first_of(" :\t"));
        }
        simulator_.klu |= line.find("KLU") != std::string::npos;
        xspice |= line.find("XSPICE") != std::string::npos;
    }
    if (simulator_.version.empty()) throw simulator_error("libngspice does not tell its version");
    log_.clear();
    // Without arguments: a library that fails to load would spoil every later circuit.
    command("osdi");
    simulator_.osdi =
        std::none_of(log_.lines().begin(), log_.lines().end(), [](const std::string& line) {
            return lower_case(line).find("no such command") != std::string::npos;
        });
    if (xspice) {
        if (!has_code_models()) load_code_models();
        simulator_.xspice = has_code_models();
    }
}

bool Session::has_code_models() {
    log_.clear();
    command("devhelp adc_bridge");
    return std::none_of(log_.lines().begin(), log_.lines().end(), [](const std::string& line) {
        return lower_case(line).find("not found") != std::string::npos;
    });
}

void Session::load_code_models() {
    for (const fs::path& folder : code_model_folders()) {
        for (const char* name :
             {"spice2poly", "analog", "digital", "xtradev", "xtraevt", "table"}) {
            const fs::path path = folder / (std::string(name) + ".cm");
            std::error_code ignored;
            if (fs::exists(path, ignored)) command("codemodel " + path.string());
        }
    }
}

// Frees plots, circuit and the command history; keeps memory flat over many jobs.
void Session::forget() {
    command("destroy all");
    command("remcirc");
    ngSpice_Command(nullptr);
}

WorkerReply Session::run(const Job& job) {
    const auto start = std::chrono::steady_clock::now();
    WorkerReply result;
    try {
        result = run_checked(job);
    } catch (const Error& error) {
        result = reply(
            error.kind() == ErrorKind::bad_input ? JobStatus::bad_netlist : JobStatus::incomplete,
            error.what());
    }
    if (asked_to_exit_) {
        result.leaving = true;
    } else {
        forget();
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    result.simulator_second = wall.count();
    return result;
}

WorkerReply Session::run_checked(const Job& job) {
    const Analysis analysis = parse_analysis(job.analysis);
    std::vector<VectorRequest> requests;
    requests.reserve(job.vectors.size());
    for (const std::string& name : job.vectors) requests.push_back(parse_vector(name));
    const std::vector<std::string> lines = deck_lines(job.netlist, analysis, requests);
    log_.clear();
    if (!load(lines)) {
        const std::string complaint = log_.netlist_complaint();
        return reply(JobStatus::bad_netlist, complaint.empty() ? "ngspice refused it" : complaint);
    }
    return analyse(analysis, requests);
}

bool Session::load(const std::vector<std::string>& lines) {
    std::vector<std::string> copies(lines);
    std::vector<char*> pointers;
    pointers.reserve(copies.size() + 1);
    for (std::string& line : copies) pointers.push_back(line.data());
    pointers.push_back(nullptr);
    const int refused = ngSpice_Circ(pointers.data());
    return refused == 0 && !asked_to_exit_ && log_.netlist_complaint().empty();
}

WorkerReply Session::analyse(const Analysis& analysis, const std::vector<VectorRequest>& requests) {
    command("set sim_status = 99");
    log_.clear();
    command(analysis.command);
    if (asked_to_exit_) {
        const std::string why = log_.failure();
        return reply(JobStatus::crashed, why.empty() ? "ngspice gave up" : why);
    }
    const SimulatorLog told = log_;
    const std::string status = status_of_analysis();
    log_ = told;
    if (status != "0") return failed_analysis(status);
    if (!log_.unsound().empty()) return reply(JobStatus::not_converged, log_.unsound());
    check_stop_time(analysis);
    WorkerReply result;
    result.waveforms = collect(analysis, requests);
    return result;
}

// ngspice's return codes say nothing; this variable is 0 after success, 1 after an abort and keeps
// the value set before when nothing ran.
std::string Session::status_of_analysis() {
    log_.clear();
    command("echo @@ $sim_status");
    for (const std::string& line : log_.lines()) {
        if (line.starts_with(kStatusMarker)) return line.substr(kStatusMarker.size());
    }
    return std::string(kNeverStarted);
}

WorkerReply Session::failed_analysis(const std::string& status) {
    std::string why = log_.failure();
    if (status == kNeverStarted) {
        return reply(JobStatus::bad_netlist, why.empty() ? "the analysis did not start" : why);
    }
    if (log_.nothing_saved()) {
        return reply(JobStatus::incomplete, "the circuit has none of the vectors");
    }
    const bool numerical = log_.numerical_trouble();
    return reply(numerical ? JobStatus::not_converged : JobStatus::bad_netlist,
                 why.empty() ? "the analysis was aborted" : why);
}

}  // namespace mho::spice
