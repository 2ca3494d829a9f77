// SPDX-License-Identifier: Apache-2.0
// Many runs on one circuit: altered parameters and tables of inputs.
#include <fmt/format.h>
#include <ngspice/sharedspice.h>

#include <utility>

#include "base/error.h"
#include "spice/session.h"

namespace mho::spice {
namespace {

constexpr std::string_view kRunColumn = "run";

// Puts the rows of one run below those before.
void append_run(Waveforms& all, Waveforms one, std::size_t run) {
    if (all.names.empty()) {
        all.names.emplace_back(kRunColumn);
        all.names.insert(all.names.end(), one.names.begin(), one.names.end());
        all.columns.resize(all.names.size());
    }
    all.columns.front().insert(all.columns.front().end(), one.points(), static_cast<double>(run));
    for (std::size_t i = 0; i < one.columns.size(); ++i) {
        all.columns[i + 1].insert(all.columns[i + 1].end(), one.columns[i].begin(),
                                  one.columns[i].end());
    }
    for (Measured& measured : one.measured) {
        measured.name = fmt::format("{}[{}]", measured.name, run);
        all.measured.push_back(std::move(measured));
    }
}

}  // namespace

// The operating points become one sweep.
Analysis Session::sweep_of_runs(const Job& job, const Analysis& analysis) {
    if (analysis.kind != AnalysisKind::op || !job.alterations.names.empty()) {
        throw bad_input("inputs: analysis '{}', expected op without alterations", job.analysis);
    }
    if (job.inputs.rows.empty()) throw bad_input("inputs: no rows");
    return parse_analysis(fmt::format("dc vmho_run 0 {} 1", job.inputs.rows.size() - 1));
}

void Session::append_run_source(std::vector<std::string>& lines) {
    lines.insert(lines.end() - 1, {"vmho_run mho_run 0 0", "rmho_run mho_run 0 1"});
}

// Sets every parameter of a row; gives ngspice's complaint.
std::string Session::alter(const ValueTable& table, std::size_t row) {
    log_.clear();
    for (std::size_t i = 0; i < table.names.size(); ++i) {
        command(fmt::format("alter {} = {:.17g}", table.names[i], table.rows[row][i]));
    }
    return log_.netlist_complaint();
}

WorkerReply Session::run_altered(const Job& job, const Task& task) {
    if (job.alterations.rows.empty()) throw bad_input("alterations: no rows");
    WorkerReply all;
    for (std::size_t row = 0; row < job.alterations.rows.size(); ++row) {
        if (std::string complaint = alter(job.alterations, row); !complaint.empty()) {
            return failed_reply(JobStatus::bad_netlist, std::move(complaint));
        }
        WorkerReply one = analyse(task.analysis, task.requests);
        if (one.status != JobStatus::ok) {
            one.message = fmt::format("run {}: {}", row, one.message);
            return one;
        }
        append_run(all.waveforms, std::move(one.waveforms), row);
        command("destroy all");
        ngSpice_Command(nullptr);
    }
    return all;
}

// ngspice evaluates external sources at every point of a dc sweep, here of a source that nothing
// depends on; when a point is accepted they take the next row's values.
WorkerReply Session::run_inputs(const Job& job, const Task& task) {
    const auto set_row = [this, &job](std::size_t row) {
        for (std::size_t i = 0; i < job.inputs.names.size(); ++i) {
            sources_.set(i, job.inputs.rows[row][i]);
        }
    };
    std::vector<ExternalSource> sources;
    for (const std::string& name : job.inputs.names) sources.push_back({name, 0});
    sources_ = ExternalSources(sources);
    std::size_t row = 0;
    set_row(row);
    at_point_ = [&](const vecvaluesall&) {
        if (++row < job.inputs.rows.size()) set_row(row);
    };
    WorkerReply result = analyse(task.analysis, task.requests);
    at_point_ = {};
    if (result.status != JobStatus::ok) {
        result.message = fmt::format("run {}: {}", row, result.message);
        return result;
    }
    if (result.waveforms.points() != job.inputs.rows.size()) {
        return failed_reply(JobStatus::incomplete,
                            fmt::format("{} points of {} inputs", result.waveforms.points(),
                                        job.inputs.rows.size()));
    }
    result.waveforms.names.front() = kRunColumn;
    return result;
}

}  // namespace mho::spice
