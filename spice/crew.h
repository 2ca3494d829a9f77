// SPDX-License-Identifier: Apache-2.0
// The worker processes of one pool: started when needed, replaced when they die.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spice/ladder.h"
#include "spice/lockstep_run.h"
#include "spice/pool.h"
#include "spice/protocol.h"
#include "spice/worker_process.h"

namespace mho::spice {

using Clock = std::chrono::steady_clock;

// One try at one job.
struct Attempt {
    std::size_t job = 0;
    int number = 1;
    int rung = 0;
    bool after_timeout = false;
    Trouble last = Trouble::other;  // of the rung before
};

struct Worker {
    std::unique_ptr<WorkerProcess> process;  // none: to be removed from the crew
    bool started = false;                    // it said hello
    std::optional<Attempt> attempt;          // what it works on
    Clock::time_point deadline;              // of the hello or the attempt
    std::optional<LockstepRun> lockstep;     // of the attempt, where it is one
    std::size_t jobs_done = 0;
    std::vector<std::string> osdi_models;  // of its first job; it takes no job with others

    void forget_attempt() {
        attempt.reset();
        lockstep.reset();
    }

    bool idle() const { return started && !attempt; }
};

// A new folder under the system's temporary one; goes with the object.
class TemporaryFolder {
  public:
    TemporaryFolder();  // throws Error(system)
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

class Crew {
  public:
    // Starts one worker and waits for its hello. Throws Error(simulator) when no worker program is
    // found or it does not say hello, Error(interrupted).
    explicit Crew(PoolOptions options);

    const PoolOptions& options() const { return options_; }
    const SimulatorInfo& simulator() const { return simulator_; }
    std::size_t limit() const { return limit_; }
    std::vector<Worker>& workers() { return workers_; }

    void start_worker();
    void remove_lost();  // the workers without process

    // Takes the frame of a worker that has not started. Throws Error(simulator) when it is no
    // hello.
    void greet(Worker& worker, const Frame& frame);

    // Ends a worker that did not say hello (`why`; empty: as it ended itself). The third one in a
    // row is Error(simulator).
    void lose_starting(Worker& worker, std::string_view why, int allowed = 3);

  private:
    PoolOptions options_;
    std::filesystem::path program_;
    std::size_t limit_;
    TemporaryFolder folder_;  // outlives the workers
    std::size_t folders_made_ = 0;
    std::vector<Worker> workers_;
    SimulatorInfo simulator_;
    int failed_starts_ = 0;
};

}  // namespace mho::spice
