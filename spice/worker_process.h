// SPDX-License-Identifier: Apache-2.0
// One worker process and the socket to it, for a poll loop: nothing here blocks but the
// constructor's spawn and retire().
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spice/protocol.h"

namespace mho::spice {

inline constexpr int kWorkerSocket = 3;  // the worker's end of the socket

// The worker program: `requested`, else $MHO_SPICE_WORKER, else mho-spice-worker in the folder of
// this program, in the folders one to three above it (the top of a build tree), or in
// ../libexec/mho. Throws Error(simulator) naming every path tried.
std::filesystem::path find_worker(const std::filesystem::path& requested);

class WorkerProcess {
  public:
    // Starts `program` in the new folder `folder`. Throws Error(simulator) when it cannot be
    // started, Error(system) when a socket or the folder cannot be made.
    WorkerProcess(const std::filesystem::path& program, std::filesystem::path folder,
                  std::uint64_t memory_limit_mib);
    ~WorkerProcess();  // kills it
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    pid_t pid() const { return pid_; }
    int socket() const { return socket_; }

    // Puts a frame into the queue of bytes to send; send_queued() moves what the socket takes.
    void queue(FrameKind kind, std::string_view payload);
    bool wants_to_send() const { return sent_ < outgoing_.size(); }
    void send_queued();

    // Reads what has arrived; false at the end of the stream, when the worker is gone.
    bool receive();
    // Throws Error(simulator) on a malformed frame.
    std::optional<Frame> next_frame() { return incoming_.next(); }

    bool running();
    // Ends the process at once; afterwards how_it_ended() tells "killed by signal 11 (...)".
    void kill();
    // Lets an idle worker leave by itself, for at most a second.
    void retire();
    const std::string& how_it_ended() const { return ending_; }

    // The last line that the worker printed before it said hello.
    std::string start_message() const;

  private:
    bool reap(int options);

    pid_t pid_ = -1;
    int socket_ = -1;
    std::filesystem::path folder_;
    std::string outgoing_;
    std::size_t sent_ = 0;
    FrameBuffer incoming_;
    std::string ending_;
};

}  // namespace mho::spice
