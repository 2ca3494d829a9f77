// SPDX-License-Identifier: Apache-2.0
#include "spice/batch.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "spice/ladder.h"

namespace mho::spice {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{100};  // until interrupted() is asked again
constexpr double kLongestTimeout = 1e9;    // seconds; keeps the deadline in the clock's range
constexpr int kAttempts = 2;

void stop_when_interrupted() {
    if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
}

// A crash may be the machine's fault: the same again, so that results do not depend on it. A hang
// or a failed iteration asks for the next rung.
std::optional<Attempt> next_attempt(Attempt attempt, JobStatus status, std::string_view message) {
    if (attempt.number == kAttempts) return std::nullopt;
    ++attempt.number;
    if (status == JobStatus::crashed) return attempt;
    if (status != JobStatus::timed_out && status != JobStatus::not_converged) return std::nullopt;
    attempt.after_timeout = status == JobStatus::timed_out;
    attempt.last = message.find("singular matrix") == std::string_view::npos
                       ? Trouble::other
                       : Trouble::singular_matrix;
    if (++attempt.rung == kRungs) return std::nullopt;
    return attempt;
}

}  // namespace

Batch::Batch(const Means& means, std::vector<Task> tasks, const ProgressCallback& progress)
    : means_(means),
      tasks_(std::move(tasks)),
      progress_(progress),
      results_(tasks_.size()),
      keys_(tasks_.size()) {}

Batch::~Batch() {
    for (Worker& worker : means_.crew.workers()) {
        if (worker.attempt) worker.process.reset();
    }
    means_.crew.remove_lost();
}

std::vector<JobResult> Batch::run() {
    means_.summary.jobs += tasks_.size();
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
        stop_when_interrupted();
        if (!take_from_cache(i)) waiting_.push_back({.job = i});
    }
    while (finished_ < tasks_.size()) {
        stop_when_interrupted();
        dispatch();
        wait();
        for (Worker& worker : means_.crew.workers()) {
            if (!worker.idle()) handle(worker);
        }
        means_.crew.remove_lost();
    }
    return std::move(results_);
}

bool Batch::take_from_cache(std::size_t i) {
    if (means_.cache == nullptr || tasks_[i].lockstep != nullptr) return false;
    keys_[i] = means_.cache->key(*tasks_[i].job);
    std::optional<Waveforms> found = means_.cache->find(keys_[i]);
    if (!found) return false;
    results_[i].waveforms = std::move(*found);
    results_[i].from_cache = true;
    ++means_.summary.cached;
    count_finished();
    return true;
}

void Batch::count_finished() {
    ++finished_;
    if (progress_) progress_(finished_, tasks_.size(), {});
}

void Batch::dispatch() {
    std::size_t busy = 0;
    std::size_t starting = 0;
    for (Worker& worker : means_.crew.workers()) {
        // One that died while it was idle took no job with it.
        if (worker.idle() && !worker.process->running()) {
            worker.process.reset();
            continue;
        }
        if (worker.idle() && !waiting_.empty()) give_next_job(worker);
        if (worker.attempt) ++busy;
        if (!worker.started) ++starting;
    }
    means_.crew.remove_lost();
    for (; starting < waiting_.size() && busy + starting < means_.crew.limit(); ++starting) {
        means_.crew.start_worker();
    }
}

void Batch::give_next_job(Worker& worker) {
    const Attempt attempt = waiting_.front();
    const Job& job = *tasks_[attempt.job].job;
    // Models once loaded stay, so that a job without them would run as if it had them.
    if (worker.jobs_done > 0 && worker.osdi_models != job.osdi_models) {
        worker.process->retire();
        worker.process.reset();
        return;
    }
    waiting_.pop_front();
    worker.osdi_models = job.osdi_models;
    const std::chrono::duration<double> timeout(std::min(job.timeout_second, kLongestTimeout));
    worker.attempt = attempt;
    worker.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(timeout);
    if (const LockstepJob* lockstep = tasks_[attempt.job].lockstep) {
        LockstepOrder order = worker.lockstep.emplace(*lockstep).order();
        order.job.netlist = on_rung(job.netlist, attempt.rung, attempt.last);
        worker.process->queue(FrameKind::lockstep_job, encode(order));
    } else {
        Job sent = job;
        sent.netlist = on_rung(job.netlist, attempt.rung, attempt.last);
        worker.process->queue(FrameKind::job, encode(sent));
    }
    worker.process->send_queued();
}

void Batch::wait() const {
    std::vector<pollfd> sockets;
    milliseconds pause = kLongestWait;
    for (const Worker& worker : means_.crew.workers()) {
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
void Batch::handle(Worker& worker) {
    worker.process->send_queued();
    const bool connected = worker.process->receive();
    std::optional<WorkerReply> reply;
    std::optional<ObservedPoint> event;
    std::string trouble;
    try {
        if (const std::optional<Frame> frame = worker.process->next_frame()) {
            if (!worker.started) return means_.crew.greet(worker, *frame);
            if (frame->kind == FrameKind::event && worker.lockstep) {
                event = decode_point(frame->payload);
            } else if (frame->kind == FrameKind::result) {
                reply = decode_reply(frame->payload);
            } else {
                throw simulator_error("it sent no result");
            }
        }
    } catch (const Error& error) {
        trouble = error.what();
    }
    if (reply) return take_reply(worker, std::move(*reply));
    if (event) return answer(worker, *event);
    const bool alive = connected && trouble.empty();
    if (alive && Clock::now() < worker.deadline) return;
    lose(worker, alive, trouble);
}

// What the block throws ends the run.
void Batch::answer(Worker& worker, const ObservedPoint& event) {
    const Clock::time_point start = Clock::now();
    const LockstepAction action = worker.lockstep->answer(event);
    const Clock::duration taken = Clock::now() - start;
    // Nobody's time limit runs while a block does.
    for (Worker& other : means_.crew.workers()) other.deadline += taken;
    worker.process->queue(FrameKind::action, encode(action));
    worker.process->send_queued();
}

void Batch::take_reply(Worker& worker, WorkerReply reply) {
    const Attempt attempt = *worker.attempt;
    worker.forget_attempt();
    const bool heavy = (reply.resident_byte >> 20) > means_.crew.options().memory_limit_mib / 2;
    if (reply.leaving || heavy || ++worker.jobs_done >= means_.crew.options().jobs_per_worker) {
        worker.process->retire();
        worker.process.reset();
    }
    means_.summary.simulator_second += reply.simulator_second;
    conclude(attempt, std::move(reply));
}

// The worker is gone, past its deadline (`late`), or what it says makes no sense (`trouble`).
void Batch::lose(Worker& worker, bool late, const std::string& trouble) {
    if (!worker.attempt) {
        return means_.crew.lose_starting(worker, late ? "no greeting in time" : trouble);
    }
    const Attempt attempt = *worker.attempt;
    worker.forget_attempt();
    worker.process->kill();
    WorkerReply reply;
    reply.status = late ? JobStatus::timed_out : JobStatus::crashed;
    if (late) {
        reply.message =
            fmt::format("no result after {:g} s", tasks_[attempt.job].job->timeout_second);
    } else {
        reply.message = fmt::format("SPICE worker {}",
                                    trouble.empty() ? worker.process->how_it_ended() : trouble);
    }
    worker.process.reset();
    conclude(attempt, std::move(reply));
}

void Batch::conclude(const Attempt& attempt, WorkerReply reply) {
    if (const std::optional<Attempt> next = next_attempt(attempt, reply.status, reply.message)) {
        ++means_.summary.repeated;
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
        if (!keys_[attempt.job].empty() && !attempt.after_timeout) {
            means_.cache->store(keys_[attempt.job], result.waveforms);
        }
    } else {
        result.kept_deck = means_.failed.keep(*tasks_[attempt.job].job, result);
        ++means_.summary.failed;
    }
    count_finished();
}

}  // namespace mho::spice
