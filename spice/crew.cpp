// SPDX-License-Identifier: Apache-2.0
#include "spice/crew.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/parallel.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds kStartTime{60};
constexpr int kPollMillisecond = 100;

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::error_code failure;
    const fs::path root = fs::temp_directory_path(failure);
    std::string name = (fs::absolute(root) / "mho-spice-XXXXXX").string();
    if (failure || ::mkdtemp(name.data()) == nullptr) {
        throw system_error("{}: cannot be created: {}", name,
                           failure ? failure.message() : std::strerror(errno));
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

Crew::Crew(PoolOptions options)
    : options_(std::move(options)),
      program_(find_worker(options_.worker)),
      limit_(thread_count(options_.workers)) {
    start_worker();
    Worker& worker = workers_.front();
    while (!worker.started) {
        if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
        pollfd socket{worker.process->socket(), POLLIN, 0};
        ::poll(&socket, 1, kPollMillisecond);
        const bool connected = worker.process->receive();
        if (const std::optional<Frame> frame = worker.process->next_frame()) {
            greet(worker, *frame);
        } else if (!connected) {
            lose_starting(worker, "", 1);
        } else if (Clock::now() >= worker.deadline) {
            lose_starting(worker, "no greeting in time", 1);
        }
    }
}

void Crew::start_worker() {
    Worker worker;
    worker.process = std::make_unique<WorkerProcess>(
        program_, folder_.path() / std::to_string(folders_made_++), options_.memory_limit_mib);
    worker.deadline = Clock::now() + kStartTime;
    workers_.push_back(std::move(worker));
}

void Crew::remove_lost() {
    std::erase_if(workers_, [](const Worker& worker) { return !worker.process; });
}

void Crew::greet(Worker& worker, const Frame& frame) {
    if (frame.kind != FrameKind::hello) throw simulator_error("it sent no greeting");
    simulator_ = decode_info(frame.payload);
    worker.started = true;
    failed_starts_ = 0;
}

void Crew::lose_starting(Worker& worker, std::string_view why, int allowed) {
    worker.process->kill();
    const std::string ending(why.empty() ? worker.process->how_it_ended() : why);
    const std::string said = worker.process->start_message();
    worker.process.reset();
    if (++failed_starts_ < allowed) return;
    failed_starts_ = 0;
    throw simulator_error("{}: SPICE worker does not start: {}{}{}", program_.string(), ending,
                          said.empty() ? "" : ": ", said);
}

}  // namespace mho::spice
