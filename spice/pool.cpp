// SPDX-License-Identifier: Apache-2.0
#include "spice/pool.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "spice/cache.h"
#include "spice/crew.h"
#include "spice/ladder.h"
#include "spice/protocol.h"

namespace mho::spice {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{100};  // until interrupted() is asked again
constexpr double kLongestTimeout = 1e9;    // seconds; keeps the deadline in the clock's range
constexpr int kAttempts = 2;

void stop_when_interrupted() {
    if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
}

void check(std::span<const Job> jobs) {
    for (const Job& job : jobs) {
        if (!(job.timeout_second > 0)) {
            throw bad_input("SPICE job '{}': timeout of {:g} s, expected a positive one", job.label,
                            job.timeout_second);
        }
    }
}

// A crash may be the machine's fault: the same again, so that results do not depend on it. A hang
// or a failed iteration asks for the next rung.
std::optional<Attempt> next_attempt(Attempt attempt, JobStatus status) {
    if (attempt.number == kAttempts) return std::nullopt;
    ++attempt.number;
    if (status == JobStatus::crashed) return attempt;
    if (status != JobStatus::timed_out && status != JobStatus::not_converged) return std::nullopt;
    attempt.after_timeout = status == JobStatus::timed_out;
    if (++attempt.rung == kRungs) return std::nullopt;
    return attempt;
}

}  // namespace

struct Pool::Impl {
    explicit Impl(PoolOptions options) : crew(std::move(options)) {
        const std::filesystem::path& folder = crew.options().cache_folder;
        if (!folder.empty()) cache.emplace(folder, crew.simulator());
    }

    Crew crew;
    std::optional<Cache> cache;
    RunSummary summary;
};

// One call of run().
class Pool::Batch {
  public:
    Batch(Impl& pool, std::span<const Job> jobs, const ProgressCallback& progress)
        : pool_(pool),
          crew_(pool.crew),
          jobs_(jobs),
          progress_(progress),
          results_(jobs.size()),
          keys_(jobs.size()) {}

    // Whatever ends the run, no worker is left busy.
    ~Batch() {
        for (Worker& worker : crew_.workers()) {
            if (worker.attempt) worker.process.reset();
        }
        crew_.remove_lost();
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    std::vector<JobResult> run() {
        pool_.summary.jobs += jobs_.size();
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            stop_when_interrupted();
            if (!take_from_cache(i)) waiting_.push_back({.job = i});
        }
        while (finished_ < jobs_.size()) {
            stop_when_interrupted();
            dispatch();
            wait();
            for (Worker& worker : crew_.workers()) {
                if (!worker.idle()) handle(worker);
            }
            crew_.remove_lost();
        }
        return std::move(results_);
    }

  private:
    bool take_from_cache(std::size_t i);
    void dispatch();
    void give_next_job(Worker& worker);
    void wait() const;
    void handle(Worker& worker);
    void take_reply(Worker& worker, WorkerReply reply);
    void lose(Worker& worker, bool late, const std::string& trouble);
    void conclude(const Attempt& attempt, WorkerReply reply);
    void count_finished();

    Impl& pool_;
    Crew& crew_;
    std::span<const Job> jobs_;
    const ProgressCallback& progress_;
    std::vector<JobResult> results_;
    std::vector<std::string> keys_;
    std::deque<Attempt> waiting_;
    std::size_t finished_ = 0;
};

bool Pool::Batch::take_from_cache(std::size_t i) {
    if (!pool_.cache) return false;
    keys_[i] = pool_.cache->key(jobs_[i]);
    std::optional<Waveforms> found = pool_.cache->find(keys_[i]);
    if (!found) return false;
    results_[i].waveforms = std::move(*found);
    results_[i].from_cache = true;
    ++pool_.summary.cached;
    count_finished();
    return true;
}

void Pool::Batch::count_finished() {
    ++finished_;
    if (progress_) progress_(finished_, jobs_.size(), {});
}

void Pool::Batch::dispatch() {
    std::size_t busy = 0;
    std::size_t starting = 0;
    for (Worker& worker : crew_.workers()) {
        // One that died while it was idle took no job with it.
        if (worker.idle() && !worker.process->running()) {
            worker.process.reset();
            continue;
        }
        if (worker.idle() && !waiting_.empty()) give_next_job(worker);
        if (worker.attempt) ++busy;
        if (!worker.started) ++starting;
    }
    crew_.remove_lost();
    for (; starting < waiting_.size() && busy + starting < crew_.limit(); ++starting) {
        crew_.start_worker();
    }
}

void Pool::Batch::give_next_job(Worker& worker) {
    const Attempt attempt = waiting_.front();
    waiting_.pop_front();
    const Job& job = jobs_[attempt.job];
    Job sent;
    sent.netlist = on_rung(job.netlist, attempt.rung);
    sent.analysis = job.analysis;
    sent.vectors = job.vectors;
    sent.warnings_allowed = job.warnings_allowed;
    const std::chrono::duration<double> timeout(std::min(job.timeout_second, kLongestTimeout));
    worker.attempt = attempt;
    worker.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(timeout);
    worker.process->queue(FrameKind::job, encode(sent));
    worker.process->send_queued();
}

void Pool::Batch::wait() const {
    std::vector<pollfd> sockets;
    milliseconds pause = kLongestWait;
    for (const Worker& worker : crew_.workers()) {
        if (worker.idle()) continue;
        const int events = worker.process->wants_to_send() ? POLLIN | POLLOUT : POLLIN;
        sockets.push_back({worker.process->socket(), static_cast<short>(events), 0});
        pause = std::min(pause, std::chrono::ceil<milliseconds>(worker.deadline - Clock::now()));
    }
    // A signal ends the wait early; the loop then looks at interrupted().
    ::poll(sockets.data(), sockets.size(),
           static_cast<int>(std::max<std::int64_t>(0, pause.count())));
}

// Afterwards the worker is idle, still busy, or without process.
void Pool::Batch::handle(Worker& worker) {
    worker.process->send_queued();
    const bool connected = worker.process->receive();
    std::optional<WorkerReply> reply;
    std::string trouble;
    try {
        if (const std::optional<Frame> frame = worker.process->next_frame()) {
            if (!worker.started) return crew_.greet(worker, *frame);
            if (frame->kind != FrameKind::result) throw simulator_error("it sent no result");
            reply = decode_reply(frame->payload);
        }
    } catch (const Error& error) {
        trouble = error.what();
    }
    if (reply) return take_reply(worker, std::move(*reply));
    const bool alive = connected && trouble.empty();
    if (alive && Clock::now() < worker.deadline) return;
    lose(worker, alive, trouble);
}

void Pool::Batch::take_reply(Worker& worker, WorkerReply reply) {
    const Attempt attempt = *worker.attempt;
    worker.attempt.reset();
    const bool heavy = (reply.resident_byte >> 20) > crew_.options().memory_limit_mib / 2;
    if (reply.leaving || heavy || ++worker.jobs_done >= crew_.options().jobs_per_worker) {
        worker.process->retire();
        worker.process.reset();
    }
    pool_.summary.simulator_second += reply.simulator_second;
    conclude(attempt, std::move(reply));
}

// The worker is gone, past its deadline (`late`), or what it says makes no sense (`trouble`).
void Pool::Batch::lose(Worker& worker, bool late, const std::string& trouble) {
    if (!worker.attempt) {
        return crew_.lose_starting(worker, late ? "no greeting in time" : trouble);
    }
    const Attempt attempt = *worker.attempt;
    worker.attempt.reset();
    worker.process->kill();
    WorkerReply reply;
    reply.status = late ? JobStatus::timed_out : JobStatus::crashed;
    if (late) {
        reply.message = fmt::format("no result after {:g} s", jobs_[attempt.job].timeout_second);
    } else {
        reply.message = fmt::format("SPICE worker {}",
                                    trouble.empty() ? worker.process->how_it_ended() : trouble);
    }
    worker.process.reset();
    conclude(attempt, std::move(reply));
}

void Pool::Batch::conclude(const Attempt& attempt, WorkerReply reply) {
    if (const std::optional<Attempt> next = next_attempt(attempt, reply.status)) {
        ++pool_.summary.repeated;
        waiting_.push_front(*next);
        return;
    }
    JobResult& result = results_[attempt.job];
    result.status = reply.status;
    result.attempts = attempt.number;
    result.message = std::move(reply.message);
    if (reply.status == JobStatus::ok) {
        result.waveforms = std::move(reply.waveforms);
        // What follows a timeout depends on how busy the machine was.
        if (pool_.cache && !attempt.after_timeout) {
            pool_.cache->store(keys_[attempt.job], result.waveforms);
        }
    } else {
        ++pool_.summary.failed;
    }
    count_finished();
}

Pool::Pool(PoolOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Pool::~Pool() = default;
Pool::Pool(Pool&&) noexcept = default;
Pool& Pool::operator=(Pool&&) noexcept = default;

const SimulatorInfo& Pool::simulator() const {
    return impl_->crew.simulator();
}

std::vector<JobResult> Pool::run(std::span<const Job> jobs, const ProgressCallback& progress) {
    check(jobs);
    return Batch(*impl_, jobs, progress).run();
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
            throw simulator_error("SPICE job '{}' {}: {}",
                                  jobs[i].label.empty() ? std::to_string(i) : jobs[i].label,
                                  to_string(results[i].status), results[i].message);
        }
        waveforms.push_back(std::move(results[i].waveforms));
    }
    return waveforms;
}

}  // namespace mho::spice
