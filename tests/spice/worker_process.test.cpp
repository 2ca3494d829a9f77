// SPDX-License-Identifier: Apache-2.0
#include "spice/worker_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "spice/decks.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

fs::path worker_of_this_build() {
    return fs::path(MHO_BINARY_DIR) / "mho-spice-worker";
}

bool gone(pid_t pid) {
    for (int tries = 0; tries < 1000; ++tries) {
        if (::kill(pid, 0) != 0) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

}  // namespace

TEST_CASE("the worker is found at the top of the build tree") {
    ::unsetenv("MHO_SPICE_WORKER");
    CHECK(fs::equivalent(find_worker({}), worker_of_this_build()));
}

TEST_CASE("an option goes before the environment, which goes before the search") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "other", "#!/bin/sh\n");
    fs::permissions(folder / "other", fs::perms::owner_all);
    ::setenv("MHO_SPICE_WORKER", (folder / "other").c_str(), 1);
    CHECK(find_worker({}) == folder / "other");
    CHECK(find_worker(worker_of_this_build()) == worker_of_this_build());
    ::setenv("MHO_SPICE_WORKER", "/no/such/worker", 1);
    CHECK_THROWS_WITH(find_worker({}), ContainsSubstring("/no/such/worker"));
    ::unsetenv("MHO_SPICE_WORKER");
}

TEST_CASE("a missing or unusable worker is named") {
    CHECK_THROWS_WITH(find_worker("/no/such/worker"), ContainsSubstring("/no/such/worker") &&
                                                          ContainsSubstring("MHO_SPICE_WORKER"));
    CHECK_THROWS_AS(find_worker("/"), mho::Error);
    CHECK_THROWS_AS(find_worker("/proc/self/status"), mho::Error);
}

TEST_CASE("the worker refuses to be started by hand") {
    const std::string command = worker_of_this_build().string() + " 3>&- 2>/dev/null";
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
}

TEST_CASE("a worker's folder goes with it, and it is no zombie afterwards") {
    const mho::test::TemporaryFolder folder;
    pid_t pid = 0;
    {
        WorkerProcess worker(worker_of_this_build(), folder / "w", 4096);
        pid = worker.pid();
        CHECK(fs::exists(folder / "w"));
        CHECK(worker.running());
        worker.retire();
        CHECK_FALSE(worker.running());
        CHECK_FALSE(worker.how_it_ended().empty());
    }
    CHECK_FALSE(fs::exists(folder / "w"));
    CHECK(::waitpid(pid, nullptr, WNOHANG) == -1);
}

TEST_CASE("a busy worker dies with the program that started it") {
    const mho::test::TemporaryFolder folder;
    const fs::path note = folder / "pid";
    const pid_t program = ::fork();
    REQUIRE(program >= 0);
    if (program == 0) {
        Job endless = test::make_job(test::kLowPass, "tran 1f 1 0 1f", {"v(out)"});
        WorkerProcess worker(worker_of_this_build(), folder / "w", 4096);
        while (!worker.next_frame() && worker.receive()) ::usleep(1000);
        worker.queue(FrameKind::job, encode(endless));
        worker.send_queued();
        ::usleep(100'000);
        mho::write_file(note, std::to_string(worker.pid()));
        for (;;) ::pause();
    }
    while (!fs::exists(note)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const pid_t worker = std::stoi(mho::read_file(note));
    CHECK(::kill(worker, 0) == 0);
    ::kill(program, SIGKILL);
    ::waitpid(program, nullptr, 0);
    CHECK(gone(worker));
}
