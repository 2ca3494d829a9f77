// SPDX-License-Identifier: Apache-2.0
// One call of Pool::run or Pool::run_lockstep: hands tasks to the crew's workers until every one
// has its result.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "base/progress.h"
#include "spice/cache.h"
#include "spice/crew.h"
#include "spice/failed_decks.h"
#include "spice/lockstep.h"

namespace mho::spice {

struct Task {
    const Job* job = nullptr;
    const LockstepJob* lockstep = nullptr;  // whose job it is; none: an ordinary one
};

class Batch {
  public:
    // What a pool lends to its batches.
    struct Means {
        Crew& crew;
        const Cache* cache;  // may be none
        const FailedDecks& failed;
        RunSummary& summary;
    };

    Batch(const Means& means, std::vector<Task> tasks, const ProgressCallback& progress);
    ~Batch();  // whatever ends the run, no worker is left busy
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    // Throws as Pool::run does.
    std::vector<JobResult> run();

  private:
    bool take_from_cache(std::size_t i);
    void dispatch();
    void give_next_job(Worker& worker);
    void wait() const;
    void handle(Worker& worker);
    void answer(Worker& worker, const ObservedPoint& event);
    void take_reply(Worker& worker, WorkerReply reply);
    void lose(Worker& worker, bool late, const std::string& trouble);
    void conclude(const Attempt& attempt, WorkerReply reply);
    void count_finished();

    Means means_;
    std::vector<Task> tasks_;
    const ProgressCallback& progress_;
    std::vector<JobResult> results_;
    std::vector<std::string> keys_;  // in the cache; empty without one
    std::deque<Attempt> waiting_;
    std::size_t finished_ = 0;
};

}  // namespace mho::spice
