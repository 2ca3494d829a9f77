// SPDX-License-Identifier: Apache-2.0
// One real worker process, without a pool around it.
#include <poll.h>
#include <sys/types.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>

#include "spice/decks.h"
#include "spice/protocol.h"
#include "spice/sanitizer.h"
#include "spice/worker_process.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;

namespace {

// The next frame, or none when the worker is gone or silent for a minute.
std::optional<Frame> wait_for_frame(WorkerProcess& worker) {
    for (int tries = 0; tries < 600; ++tries) {
        worker.send_queued();
        const bool connected = worker.receive();
        if (std::optional<Frame> frame = worker.next_frame()) return frame;
        if (!connected) return std::nullopt;
        pollfd socket{worker.socket(), POLLIN, 0};
        ::poll(&socket, 1, 100);
    }
    return std::nullopt;
}

WorkerReply answer(WorkerProcess& worker, const Job& job) {
    worker.queue(FrameKind::job, encode(job));
    const std::optional<Frame> frame = wait_for_frame(worker);
    REQUIRE(frame.has_value());
    REQUIRE(frame->kind == FrameKind::result);
    return decode_reply(frame->payload);
}

}  // namespace

TEST_CASE("a worker's memory stays flat over hundreds of jobs") {
    const mho::test::TemporaryFolder folder;
    WorkerProcess worker(find_worker({}), folder / "worker", 4096);
    REQUIRE(wait_for_frame(worker).has_value());
    const std::vector<Job> jobs{
        make_job(kDivider, "op", {"v(2)"}), make_job(kLowPass, "tran 10p 5n", {"v(out)"}),
        make_job(kLowPass, "noise v(out) v1 dec 10 1 1e9", {"onoise_total"}),
        make_job(kDivider, "op", {"v(nowhere)"})};
    std::uint64_t settled_byte = 0;
    std::uint64_t last_byte = 0;
    for (std::size_t i = 0; i < 400; ++i) {
        const WorkerReply reply = answer(worker, jobs[i % jobs.size()]);
        CHECK_FALSE(reply.leaving);
        last_byte = reply.resident_byte;
        if (i == 99) settled_byte = last_byte;
    }
    CHECK(settled_byte > 0);
    if (kAddressSanitizer) SKIP("no memory figures under AddressSanitizer");
    // ngspice itself loses some hundred bytes per run; its command history would cost more than a
    // kilobyte, a plot 50.
    CHECK(last_byte < settled_byte + 256 * 1024);
}

TEST_CASE("a worker leaves after a fatal error, and only then") {
    const mho::test::TemporaryFolder folder;
    WorkerProcess worker(find_worker({}), folder / "worker", 4096);
    REQUIRE(wait_for_frame(worker).has_value());
    const WorkerReply mild =
        answer(worker, make_job("t\nV1 1 0 1\nX1 1 0 nosub\n.end\n", "op", {}));
    CHECK(mild.status == JobStatus::bad_netlist);
    CHECK_FALSE(mild.leaving);
    CHECK(answer(worker, make_job(kDivider, "op", {"v(2)"})).status == JobStatus::ok);
    const WorkerReply fatal =
        answer(worker, make_job("t\nV1 1 0 1\n.include /no/such/file\n.end\n", "op", {}));
    CHECK(fatal.status == JobStatus::bad_netlist);
    CHECK(fatal.leaving);
    CHECK_FALSE(wait_for_frame(worker).has_value());
}

TEST_CASE("a worker does without ngspice's start file and ignores the user's settings") {
    const mho::test::TemporaryFolder folder;
    const mho::test::TemporaryFolder scripts;
    ::setenv("SPICE_SCRIPTS", scripts.path().c_str(), 1);
    ::setenv("LC_ALL", "de_DE.UTF-8", 1);
    ::setenv("OMP_NUM_THREADS", "7", 1);
    std::string info_bytes;
    WorkerReply reply;
    {
        WorkerProcess worker(find_worker({}), folder / "bare", 4096);
        const auto hello = wait_for_frame(worker);
        REQUIRE(hello.has_value());
        info_bytes = hello->payload;
        reply = answer(worker, make_job("t\nV1 1 0 1.5\nR1 1 0 0.5k\n.end\n", "op", {"v(1)"}));
    }
    ::unsetenv("SPICE_SCRIPTS");
    ::unsetenv("LC_ALL");
    ::unsetenv("OMP_NUM_THREADS");
    CHECK(reply.status == JobStatus::ok);
    CHECK(reply.waveforms.columns.at(0).at(0) == 1.5);
    WorkerProcess usual(find_worker({}), folder / "usual", 4096);
    const auto hello = wait_for_frame(usual);
    REQUIRE(hello.has_value());
    CHECK(info_bytes == hello->payload);
}

TEST_CASE("a worker that hears nonsense leaves") {
    const mho::test::TemporaryFolder folder;
    WorkerProcess worker(find_worker({}), folder / "worker", 4096);
    REQUIRE(wait_for_frame(worker).has_value());
    worker.queue(FrameKind::job, "nonsense");
    CHECK_FALSE(wait_for_frame(worker).has_value());
    worker.kill();
    CHECK(worker.how_it_ended() == "exited with status 3");
}
