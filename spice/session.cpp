// SPDX-License-Identifier: Apache-2.0
#include "spice/session.h"

#include <fmt/format.h>
#include <ngspice/sharedspice.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "spice/plot.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr std::string_view kStatusMarker = "@@ ";
constexpr std::string_view kNeverStarted = "99";

double seconds_since(std::chrono::steady_clock::time_point start) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    return passed.count();
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

int Session::on_point(vecvaluesall* point, int, int, void* self) noexcept {
    auto& session = *static_cast<Session*>(self);
    if (!session.at_point_ || point == nullptr) return 0;
    WorkerReply failure;
    try {
        session.at_point_(*point);
        return 0;
    } catch (const Error& error) {
        const bool bad = error.kind() == ErrorKind::bad_input;
        failure.status = bad ? JobStatus::bad_netlist : JobStatus::incomplete;
        failure.message = error.what();
    } catch (...) {
        failure.status = JobStatus::crashed;
    }
    // ngspice has no way to end a transient from here.
    failure.leaving = true;
    session.at_point_ = {};
    if (session.abandon_) session.abandon_(failure);
    return 0;
}

// Without it ngspice does not call on_point.
int Session::on_plot(vecinfoall*, int, void*) noexcept {
    return 0;
}

int Session::on_source(double* value, double time, char* name, int, void* self) noexcept {
    try {
        *value = static_cast<Session*>(self)->sources_.value(name, time);
    } catch (...) {
        *value = 0;
    }
    return 0;
}

Session::Session() {
    // Of what .meas cards print, and of the vector they leave.
    ::setenv("NGSPICE_MEAS_PRECISION", "16", 1);
    int number = 0;
    if (ngSpice_Init(on_text, nullptr, on_exit, on_point, on_plot, nullptr, this) != 0 ||
        ngSpice_Init_Sync(on_source, on_source, nullptr, &number, this) != 0) {
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

// Frees plots, circuit and the command history; keeps memory flat over many jobs.
void Session::forget() {
    command("destroy all");
    command("remcirc");
    ngSpice_Command(nullptr);
}

WorkerReply Session::run(const Job& job) {
    sources_ = ExternalSources();
    return run_timed(job, {}, {});
}

WorkerReply Session::run(const LockstepOrder& order, const Channel& channel) {
    sources_ = ExternalSources(order.sources);
    double exchange_second = 0;
    LockstepDriver driver(order, sources_, [&](const ObservedPoint& point) {
        const auto start = std::chrono::steady_clock::now();
        LockstepAction action = channel.exchange(point);
        exchange_second += seconds_since(start);
        return action;
    });
    at_point_ = [&driver](const vecvaluesall& point) { driver.accept(point); };
    abandon_ = channel.abandon;
    WorkerReply result = run_timed(order.job, order.observed, LockstepDriver::options(order));
    at_point_ = {};
    abandon_ = {};
    result.simulator_second -= exchange_second;
    return result;
}

// `observed` is saved beside what the job asks for; `options` is a line of the deck.
WorkerReply Session::run_timed(const Job& job, const std::vector<std::string>& observed,
                               std::string_view options) {
    const auto start = std::chrono::steady_clock::now();
    WorkerReply result;
    try {
        result = run_checked(job, observed, options);
    } catch (const Error& error) {
        result = failed_reply(
            error.kind() == ErrorKind::bad_input ? JobStatus::bad_netlist : JobStatus::incomplete,
            error.what());
    }
    if (asked_to_exit_) {
        result.leaving = true;
    } else {
        forget();
    }
    result.simulator_second = seconds_since(start);
    return result;
}

WorkerReply Session::run_checked(const Job& job, const std::vector<std::string>& observed,
                                 std::string_view options) {
    Task task{parse_analysis(job.analysis), {}};
    check_table(job.alterations, "alterations");
    check_table(job.inputs, "inputs");
    if (!job.inputs.names.empty()) task.analysis = sweep_of_runs(job, task.analysis);
    for (const std::string& name : job.vectors) task.requests.push_back(parse_vector(name));
    std::vector<VectorRequest> watched;
    for (const std::string& name : observed) watched.push_back(parse_vector(name));
    std::vector<VectorRequest> saved = task.requests;
    saved.insert(saved.end(), watched.begin(), watched.end());
    const bool external = !options.empty() || !job.inputs.names.empty();
    std::vector<std::string> lines = deck_lines(job.netlist, task.analysis, saved, external);
    if (!job.inputs.names.empty()) append_run_source(lines);
    if (!options.empty()) lines.emplace(lines.end() - 1, options);
    if (std::string trouble = load_models(job.osdi_models); !trouble.empty()) {
        return failed_reply(JobStatus::bad_netlist, std::move(trouble));
    }
    log_.clear();
    const bool loaded = load(lines);
    const std::string complaint =
        job.warnings_allowed ? log_.netlist_error() : log_.netlist_complaint();
    if (!loaded || !complaint.empty()) {
        return failed_reply(JobStatus::bad_netlist,
                            complaint.empty() ? "ngspice refused it" : complaint);
    }
    const std::string warning = log_.netlist_complaint();
    WorkerReply result = !job.inputs.names.empty()        ? run_inputs(job, task)
                         : !job.alterations.names.empty() ? run_altered(job, task)
                                                          : analyse(task.analysis, task.requests);
    if (std::string trouble = sources_.trouble(); !trouble.empty() && !asked_to_exit_) {
        return failed_reply(JobStatus::bad_netlist, std::move(trouble));
    }
    if (result.status == JobStatus::ok) {
        // While it runs ngspice tells some value even of a parameter of a device that is not there.
        if (!watched.empty()) (void)read_plot(task.analysis, watched);
        result.message = warning;
    }
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
        return failed_reply(JobStatus::crashed, why.empty() ? "ngspice gave up" : why);
    }
    const SimulatorLog told = log_;
    const std::string status = status_of_analysis();
    log_ = told;
    if (status != "0") return failed_analysis(status, requests);
    if (!log_.unsound().empty()) return failed_reply(JobStatus::not_converged, log_.unsound());
    check_stop_time(analysis);
    if (!told.measure_error().empty()) {
        return failed_reply(JobStatus::bad_netlist, told.measure_error());
    }
    if (!told.unknown_vector().empty()) {
        return failed_reply(
            JobStatus::bad_netlist,
            fmt::format("the circuit has no {}, which a .meas card reads", told.unknown_vector()));
    }
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

WorkerReply Session::failed_analysis(const std::string& status,
                                     const std::vector<VectorRequest>& requests) {
    std::string why = log_.failure();
    if (status == kNeverStarted) {
        return failed_reply(JobStatus::bad_netlist,
                            why.empty() ? "the analysis did not start" : why);
    }
    if (log_.nothing_saved()) {
        std::string names;
        for (const VectorRequest& request : requests) names.append(" ").append(request.name);
        return failed_reply(JobStatus::incomplete,
                            fmt::format("the circuit has none of the vectors{}", shown(names)));
    }
    const bool numerical = log_.numerical_trouble();
    return failed_reply(numerical ? JobStatus::not_converged : JobStatus::bad_netlist,
                        why.empty() ? "the analysis was aborted" : why);
}

}  // namespace mho::spice
