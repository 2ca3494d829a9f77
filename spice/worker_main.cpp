// SPDX-License-Identifier: Apache-2.0
// mho-spice-worker: answers SPICE jobs on file descriptor 3. A Pool starts it; it is no program
// for users. Arguments: process id of the pool's program, address space limit in MiB.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "spice/protocol.h"
#include "spice/session.h"
#include "spice/worker_process.h"

#if defined(__SANITIZE_ADDRESS__)
#define MHO_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MHO_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef MHO_ADDRESS_SANITIZER
// libngspice keeps its tables until the process ends.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "detect_leaks=0";
}
#endif

namespace {

constexpr int kSocket = mho::spice::kWorkerSocket;

std::uint64_t number_argument(const char* text) {
    const std::string_view view(text);
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(view.data(), view.data() + view.size(), value);
    if (failure != std::errc{} || end != view.data() + view.size()) {
        throw mho::bad_input("argument '{}': expected a whole number", view);
    }
    return value;
}

// A worker must not outlive its pool, not even in an endless transient.
void die_with(std::uint64_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (static_cast<std::uint64_t>(::getppid()) != parent) std::_Exit(1);
}

void limit_memory([[maybe_unused]] std::uint64_t mib) {
#ifndef MHO_ADDRESS_SANITIZER  // which reserves terabytes of address space
    const rlimit limit{mib << 20, mib << 20};
    if (mib > 0 && ::setrlimit(RLIMIT_AS, &limit) != 0) {
        throw mho::system_error("cannot limit the address space to {} MiB", mib);
    }
#endif
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

// ngspice prints some texts past its callback. Until the worker has said hello they tell why it
// could not start; after that nobody reads them.
void silence_output() {
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0) return;
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::close(null);
}

std::uint64_t resident_byte() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Tells the pool what it observes and takes what the blocks answer. Without an answer the pool is
// gone, and nothing is left to do.
mho::spice::LockstepAction exchange(mho::spice::FrameBuffer& buffer,
                                    const mho::spice::ObservedPoint& point) {
    using mho::spice::FrameKind;
    if (!send_frame(kSocket, FrameKind::event, encode(point))) std::_Exit(1);
    const auto frame = receive_frame(kSocket, buffer);
    if (!frame || frame->kind != FrameKind::action) std::_Exit(1);
    return mho::spice::decode_action(frame->payload);
}

mho::spice::WorkerReply run_lockstep(mho::spice::Session& session, mho::spice::FrameBuffer& buffer,
                                     std::string_view payload) {
    const mho::spice::LockstepOrder order = mho::spice::decode_order(payload);
    return session.run(
        order,
        {[&buffer](const mho::spice::ObservedPoint& point) { return exchange(buffer, point); },
         [](const mho::spice::WorkerReply& reply) {
             send_frame(kSocket, mho::spice::FrameKind::result, encode(reply));
             std::_Exit(0);
         }});
}

int serve(mho::spice::Session& session) {
    using mho::spice::FrameKind;
    if (!send_frame(kSocket, FrameKind::hello, encode(session.simulator()))) return 1;
    silence_output();
    mho::spice::FrameBuffer buffer;
    while (const auto frame = receive_frame(kSocket, buffer)) {
        mho::spice::WorkerReply reply;
        if (frame->kind == FrameKind::job) {
            reply = session.run(mho::spice::decode_job(frame->payload));
        } else if (frame->kind == FrameKind::lockstep_job) {
            reply = run_lockstep(session, buffer, frame->payload);
        } else {
            return 1;
        }
        reply.resident_byte = resident_byte();
        if (!send_frame(kSocket, FrameKind::result, encode(reply))) return 1;
        // After a fatal error ngspice's own clean-up at exit may crash as well.
        if (reply.leaving) std::_Exit(0);
    }
    return 0;
}

bool is_socket(int descriptor) {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3 || !is_socket(kSocket)) {
            std::fputs("mho-spice-worker: started by mho for SPICE runs, not by hand\n", stderr);
            return 2;
        }
        die_with(number_argument(argv[1]));
        limit_memory(number_argument(argv[2]));
        std::setlocale(LC_ALL, "C");
        mho::spice::Session session;
        return serve(session);
    } catch (const mho::Error& error) {
        std::fprintf(stderr, "mho-spice-worker: %s\n", error.what());
        return error.exit_code();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mho-spice-worker: %s\n", error.what());
        return 1;
    }
}
