// SPDX-License-Identifier: Apache-2.0
#include "spice/pool.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/error.h"
#include "spice/batch.h"
#include "spice/cache.h"
#include "spice/crew.h"
#include "spice/deck_files.h"
#include "spice/failed_decks.h"
#include "spice/lockstep_run.h"

namespace mho::spice {
namespace {

void check_timeout(const Job& job) {
    if (!(job.timeout_second > 0)) {
        throw bad_input("SPICE job '{}': timeout of {:g} s, expected a positive one", job.label,
                        job.timeout_second);
    }
}

}  // namespace

struct Pool::Impl {
    explicit Impl(PoolOptions options) : crew(std::move(options)) {
        const std::filesystem::path& folder = crew.options().cache_folder;
        if (!folder.empty()) cache.emplace(folder, crew.simulator());
        failed = FailedDecks(crew.options());
    }

    Crew crew;
    std::optional<Cache> cache;
    FailedDecks failed;
    IncludedFileChecks included;
    RunSummary summary;

    std::vector<JobResult> run(std::vector<Task> tasks, const ProgressCallback& progress) {
        const Batch::Means means{crew, cache ? &*cache : nullptr, failed, summary};
        return Batch(means, std::move(tasks), progress).run();
    }
};

Pool::Pool(PoolOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Pool::~Pool() = default;
Pool::Pool(Pool&&) noexcept = default;
Pool& Pool::operator=(Pool&&) noexcept = default;

const SimulatorInfo& Pool::simulator() const {
    return impl_->crew.simulator();
}

std::vector<JobResult> Pool::run(std::span<const Job> jobs, const ProgressCallback& progress) {
    std::vector<Task> tasks;
    for (const Job& job : jobs) {
        check_timeout(job);
        impl_->included.check(job.netlist);
        tasks.push_back({&job, nullptr});
    }
    return impl_->run(std::move(tasks), progress);
}

std::vector<JobResult> Pool::run_lockstep(std::span<const LockstepJob> jobs,
                                          const ProgressCallback& progress) {
    std::vector<Task> tasks;
    for (const LockstepJob& job : jobs) {
        check_timeout(job.job);
        check(job);
        impl_->included.check(job.job.netlist);
        tasks.push_back({&job.job, &job});
    }
    return impl_->run(std::move(tasks), progress);
}

RunSummary Pool::summary() const {
    return impl_->summary;
}

std::vector<Waveforms> run_all(Pool& pool, std::span<const Job> jobs,
                               const ProgressCallback& progress) {
    std::vector<JobResult> results = pool.run(jobs, progress);
    std::vector<Waveforms> waveforms;
    waveforms.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].status != JobStatus::ok) {
            // What ngspice refuses to read came from the user's files: models, subcircuits.
            const bool users_fault = results[i].status == JobStatus::bad_netlist;
            throw Error(
                users_fault ? ErrorKind::bad_input : ErrorKind::simulator,
                fmt::format("SPICE job '{}' {}: {}{}",
                            jobs[i].label.empty() ? std::to_string(i) : jobs[i].label,
                            to_string(results[i].status), results[i].message,
                            results[i].kept_deck.empty() ? "" : "; deck " + results[i].kept_deck));
        }
        waveforms.push_back(std::move(results[i].waveforms));
    }
    return waveforms;
}

}  // namespace mho::spice
