// SPDX-License-Identifier: Apache-2.0
// Runs jobs on worker processes, each with its own libngspice. Nothing a job does (crash, hang,
// run out of memory) harms the caller or other jobs, and results do not depend on the number of
// workers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "spice/job.h"

namespace mho::spice {

struct PoolOptions {
    std::size_t workers = 0;              // 0: one per hardware thread
    std::filesystem::path worker;         // empty: find mho-spice-worker beside this program,
                                          // in $MHO_SPICE_WORKER or in libexec
    std::filesystem::path cache_folder;   // results by content hash; empty: no cache
    std::filesystem::path failed_folder;  // decks of failed jobs, which `ngspice -b` runs; empty:
                                          // "failed" in the cache folder, none without a cache
    std::size_t jobs_per_worker = 500;    // a worker is replaced after so many jobs
    std::size_t memory_limit_mib = 4096;  // address space of a worker
};

// What this ngspice can do, as a worker reported it.
struct SimulatorInfo {
    std::string version;  // "46"
    bool klu = false;
    bool xspice = false;
    bool osdi = false;
};

struct RunSummary {
    std::size_t jobs = 0;
    std::size_t cached = 0;
    std::size_t repeated = 0;
    std::size_t failed = 0;
    double simulator_second = 0;  // wall time inside ngspice, summed over workers
};

struct LockstepJob;

class Pool {
  public:
    // Starts one worker to learn what ngspice can do. Throws Error(simulator) when no worker can
    // be started, naming the path tried.
    explicit Pool(PoolOptions options = {});
    ~Pool();
    Pool(Pool&&) noexcept;
    Pool& operator=(Pool&&) noexcept;

    const SimulatorInfo& simulator() const;

    // Runs every job; result i belongs to jobs[i]. Failures are results, not exceptions. Throws
    // Error(interrupted) when `interrupted()` turned true (base/interrupt.h); finished jobs are
    // then in the cache. Throws bad_input when a timeout is not positive, Error(simulator) when no
    // worker starts any more, Error(system) when a result cannot be written to the cache. One
    // thread at a time; the workers end with the thread that started them.
    std::vector<JobResult> run(std::span<const Job> jobs, const ProgressCallback& progress = {});

    // The same for transients in lockstep with blocks in C++ (spice/lockstep.h). The blocks run in
    // this thread, one at a time, while other workers simulate; their time does not count for any
    // job's limit. Results are not cached. Throws what a block throws, and bad_input, before or
    // during the run, for a job or an action of a block that makes no sense.
    std::vector<JobResult> run_lockstep(std::span<const LockstepJob> jobs,
                                        const ProgressCallback& progress = {});

    RunSummary summary() const;  // since construction

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The waveforms of every job, or Error(simulator) that names the first failed job by its label.
std::vector<Waveforms> run_all(Pool& pool, std::span<const Job> jobs,
                               const ProgressCallback& progress = {});

}  // namespace mho::spice
