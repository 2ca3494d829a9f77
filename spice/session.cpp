// SPDX-License-Identifier: Apache-2.0
#include "spice/session.h"

#include <dlfcn.h>
#include <ngspice/sharedspice.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "spice/plot.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kStatusMarker = "@@ ";
constexpr std::string_view kNeverStarted = "99";

WorkerReply reply(JobStatus status, std::string message) {
    WorkerReply result;
    result.status = status;
    result.message = std::move(message);
    return result;
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
    // Of what .meas cards print, and of the vector they leave.
    ::setenv("NGSPICE_MEAS_PRECISION", "16", 1);
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
    const bool loaded = load(lines);
    const std::string complaint =
        job.warnings_allowed ? log_.netlist_error() : log_.netlist_complaint();
    if (!loaded || !complaint.empty()) {
        return reply(JobStatus::bad_netlist, complaint.empty() ? "ngspice refused it" : complaint);
    }
    const std::string warning = log_.netlist_complaint();
    WorkerReply result = analyse(analysis, requests);
    if (result.status == JobStatus::ok) result.message = warning;
    return result;
}

bool Session::load(const std::vector<std::string>& lines) {
    std::vector<std::string> copies(lines);
    std::vector<char*> pointers;
    pointers.reserve(copies.size() + 1);
    for (std::string& line : copies) pointers.push_back(line.data());
    pointers.push_back(nullptr);
    const int refused = ngSpice_Circ(pointers.data());
    return refused == 0 && !asked_to_exit_;
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
    result.waveforms = read_plot(analysis, requests);
    result.waveforms.measured.insert(result.waveforms.measured.end(), told.measured().begin(),
                                     told.measured().end());
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
