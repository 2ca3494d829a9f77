// SPDX-License-Identifier: Apache-2.0
#include "spice/worker_process.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kProgram = "mho-spice-worker";
constexpr std::string_view kStartLog = "start.log";
constexpr std::chrono::seconds kRetireTime{1};

bool executable(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

std::vector<fs::path> default_places() {
    std::error_code failure;
    const fs::path self = fs::read_symlink("/proc/self/exe", failure);
    if (failure) return {};
    const fs::path folder = self.parent_path();
    std::vector<fs::path> places{folder / kProgram};
    fs::path above = folder;
    for (int level = 0; level < 3 && above.has_relative_path(); ++level) {
        above = above.parent_path();
        places.push_back(above / kProgram);
    }
    places.push_back(folder.parent_path() / "libexec" / "mho" / kProgram);
    return places;
}

// The environment without what changes number formats or starts threads.
std::vector<std::string> worker_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (text.starts_with("LC_") || text.starts_with("LANG") || text.starts_with("OMP_")) {
            continue;
        }
        variables.emplace_back(text);
    }
    variables.emplace_back("LC_ALL=C");
    variables.emplace_back("OMP_NUM_THREADS=1");
    variables.emplace_back("OMP_THREAD_LIMIT=1");
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// What posix_spawn is to do in the child.
class SpawnPlan {
  public:
    SpawnPlan(int child_socket, const fs::path& folder, const fs::path& log) {
        check(::posix_spawn_file_actions_init(&actions_));
        check(::posix_spawnattr_init(&attributes_));
        check(
            ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
        check(::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(),
                                                 O_WRONLY | O_CREAT | O_TRUNC, 0600));
        check(::posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO));
        check(::posix_spawn_file_actions_adddup2(&actions_, child_socket, kWorkerSocket));
        check(::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()));
        // A process group of its own keeps Ctrl-C at the terminal for the pool to handle.
        check(::posix_spawnattr_setpgroup(&attributes_, 0));
        sigset_t signals;
        ::sigemptyset(&signals);
        check(::posix_spawnattr_setsigmask(&attributes_, &signals));
        ::sigfillset(&signals);
        check(::posix_spawnattr_setsigdefault(&attributes_, &signals));
        check(::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    }
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    // 0 or the errno of the failure.
    int spawn(pid_t& pid, const fs::path& program, std::uint64_t memory_limit_mib) const {
        std::vector<std::string> arguments{program.string(), std::to_string(::getpid()),
                                           std::to_string(memory_limit_mib)};
        std::vector<std::string> environment = worker_environment();
        return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_,
                             pointers(arguments).data(), pointers(environment).data());
    }

  private:
    static void check(int failure) {
        if (failure != 0) {
            throw system_error("cannot prepare a SPICE worker: {}", std::strerror(failure));
        }
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::string ending_text(int status) {
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        return fmt::format("killed by signal {} ({})", signal, ::strsignal(signal));
    }
    return fmt::format("exited with status {}", WEXITSTATUS(status));
}

}  // namespace

fs::path find_worker(const fs::path& requested) {
    std::vector<fs::path> places;
    const char* const named = std::getenv("MHO_SPICE_WORKER");
    if (!requested.empty()) {
        places = {requested};
    } else if (named != nullptr && *named != '\0') {
        places = {named};
    } else {
        places = default_places();
    }
    for (const fs::path& place : places) {
        if (executable(place)) return fs::absolute(place);
    }
    std::vector<std::string> tried;
    for (const fs::path& place : places) tried.push_back(place.string());
    throw simulator_error("no SPICE worker program at {}; set MHO_SPICE_WORKER to {}",
                          fmt::format("{}", fmt::join(tried, ", ")), kProgram);
}

WorkerProcess::WorkerProcess(const fs::path& program, fs::path folder,
                             std::uint64_t memory_limit_mib)
    : folder_(std::move(folder)) {
    // ngspice reads .spiceinit of its working folder; without one it reads the user's.
    const fs::path working_folder = folder_ / "run";
    std::error_code failure;
    fs::create_directories(working_folder, failure);
    if (failure) {
        throw system_error("{}: cannot be created: {}", working_folder.string(), failure.message());
    }
    write_file(working_folder / ".spiceinit", "* none\n");
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw system_error("cannot make a socket for a SPICE worker: {}", std::strerror(errno));
    }
    socket_ = ends[0];
    // Away from 0 to 3, which the child opens anew.
    const int child_socket = ::fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
    ::close(ends[1]);
    int refused = 0;
    try {
        const SpawnPlan plan(child_socket, working_folder, folder_ / kStartLog);
        refused = plan.spawn(pid_, program, memory_limit_mib);
    } catch (...) {
        ::close(socket_);
        ::close(child_socket);
        throw;
    }
    ::close(child_socket);
    if (refused != 0) {
        pid_ = -1;
        ::close(socket_);
        throw simulator_error("{}: cannot be started: {}", program.string(),
                              std::strerror(refused));
    }
}

WorkerProcess::~WorkerProcess() {
    kill();
    ::close(socket_);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void WorkerProcess::queue(FrameKind kind, std::string_view payload) {
    outgoing_.append(frame_bytes(kind, payload));
}

void WorkerProcess::send_queued() {
    while (wants_to_send()) {
        const ssize_t count = ::send(socket_, outgoing_.data() + sent_, outgoing_.size() - sent_,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
        // A worker that is gone shows at the other side, in receive().
        if (count < 0) {
            if (errno == EAGAIN || errno == EINTR) return;
            break;
        }
        sent_ += static_cast<std::size_t>(count);
    }
    outgoing_.clear();
    sent_ = 0;
}

bool WorkerProcess::receive() {
    std::array<char, 1 << 16> chunk{};
    for (;;) {
        const ssize_t count = ::recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (count > 0) {
            incoming_.add({chunk.data(), static_cast<std::size_t>(count)});
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else {
            return count < 0 && errno == EAGAIN;
        }
    }
}

bool WorkerProcess::reap(int options) {
    if (pid_ < 0) return true;
    int status = 0;
    pid_t ended = 0;
    do {
        ended = ::waitpid(pid_, &status, options);
    } while (ended < 0 && errno == EINTR);
    if (ended == 0) return false;
    ending_ = ended == pid_ ? ending_text(status) : "gone";
    pid_ = -1;
    return true;
}

bool WorkerProcess::running() {
    return !reap(WNOHANG);
}

void WorkerProcess::kill() {
    if (reap(WNOHANG)) return;
    ::kill(pid_, SIGKILL);
    reap(0);
}

void WorkerProcess::retire() {
    ::shutdown(socket_, SHUT_RDWR);
    const auto deadline = std::chrono::steady_clock::now() + kRetireTime;
    while (!reap(WNOHANG) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill();
}

std::string WorkerProcess::start_message() const {
    try {
        std::string text = read_file(folder_ / kStartLog);
        text.erase(text.find_last_not_of(" \r\n") + 1);
        return text.substr(text.find_last_of('\n') + 1);
    } catch (const Error&) {
        return {};
    }
}

}  // namespace mho::spice
