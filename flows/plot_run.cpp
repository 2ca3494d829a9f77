// SPDX-License-Identifier: Apache-2.0
#include "flows/plot_run.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"

namespace mho::flows {
namespace {

// A file in memory. With files instead of pipes neither side can block the other.
class MemoryFile {
  public:
    explicit MemoryFile(const char* name) : fd_(::memfd_create(name, MFD_CLOEXEC)) {
        if (fd_ < 0) throw system_error("gnuplot: no memory file: {}", std::strerror(errno));
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int fd() const { return fd_; }

    void write(const std::string& text) const {
        std::size_t done = 0;
        while (done < text.size()) {
            const ssize_t count = ::write(fd_, text.data() + done, text.size() - done);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) throw system_error("gnuplot: no memory: {}", std::strerror(errno));
            done += static_cast<std::size_t>(count);
        }
        ::lseek(fd_, 0, SEEK_SET);
    }

    std::string read() const {
        std::string text;
        std::array<char, 65536> block{};
        ::lseek(fd_, 0, SEEK_SET);
        for (;;) {
            const ssize_t count = ::read(fd_, block.data(), block.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return text;
            text.append(block.data(), static_cast<std::size_t>(count));
        }
    }

  private:
    int fd_;
};

// A child in a process group of its own, so that all it started goes with it.
class Child {
  public:
    Child(const std::string& program, int in, int out, int err) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_adddup2(&actions, in, 0);
        posix_spawn_file_actions_adddup2(&actions, out, 1);
        posix_spawn_file_actions_adddup2(&actions, err, 2);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        posix_spawnattr_setpgroup(&attributes, 0);
        // No user settings: GNUTERM, GNUPLOT_* and the like would change what plots look like.
        const char* path = std::getenv("PATH");
        std::string path_entry = std::string("PATH=") + (path ? path : "/usr/bin:/bin");
        std::string locale = "LC_ALL=C.UTF-8";
        std::vector<char*> environment{path_entry.data(), locale.data(), nullptr};
        std::string name = program;
        std::string defaults = "-d";
        std::vector<char*> arguments{name.data(), defaults.data(), nullptr};
        const int failure = posix_spawnp(&pid_, program.c_str(), &actions, &attributes,
                                         arguments.data(), environment.data());
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        if (failure == ENOENT) {
            throw system_error("{}: not found; plots need gnuplot (package gnuplot-nox)", program);
        }
        if (failure != 0) {
            throw system_error("{}: cannot be started: {}", program, std::strerror(failure));
        }
    }
    ~Child() {
        if (!ended_) {
            ::kill(-pid_, SIGKILL);
            while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool ended() {
        const pid_t got = ::waitpid(pid_, &status_, WNOHANG);
        ended_ = got == pid_ || (got < 0 && errno == ECHILD);
        return ended_;
    }
    bool succeeded() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

  private:
    pid_t pid_ = -1;
    int status_ = 0;
    bool ended_ = false;
};

// gnuplot echoes the line and points at the error with a caret before it tells it.
std::string last_line(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) return "no message";
    const std::size_t start = text.find_last_of('\n', end);
    const std::size_t first = start == std::string::npos ? 0 : start + 1;
    const std::size_t begin = text.find_first_not_of(" \t", first);
    return text.substr(begin, end + 1 - begin);
}

}  // namespace

std::string run_gnuplot(const std::string& script, const GnuplotOptions& options) {
    const MemoryFile in("script");
    const MemoryFile out("svg");
    const MemoryFile err("messages");
    in.write(script);
    const auto deadline = std::chrono::steady_clock::now() + options.timeout;
    Child child(options.program, in.fd(), out.fd(), err.fd());
    while (!child.ended()) {
        if (interrupted()) throw Error(ErrorKind::interrupted, "plotting interrupted");
        if (std::chrono::steady_clock::now() > deadline) {
            throw system_error("{}: no plot after {} s; killed", options.program,
                               static_cast<double>(options.timeout.count()) / 1000);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::string text = out.read();
    if (!child.succeeded() || text.empty()) {
        throw system_error("{}: failed: {}", options.program, last_line(err.read()));
    }
    return text;
}

}  // namespace mho::flows
