// SPDX-License-Identifier: Apache-2.0
// Every way a lockstep run can fail is one error or one failed result, and leaves the pool usable.
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "base/error.h"
#include "spice/children.h"
#include "spice/lockstep_decks.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double kNeverAgain = std::numeric_limits<double>::infinity();

LockstepBlock square_wave() {
    return [level = 0.0](const LockstepEvent& event) mutable {
        level = 1 - level;
        return LockstepAction{{{0, level, 10e-12}}, event.time_second + 1e-9};
    };
}

LockstepJob square_job() {
    LockstepJob job = driven_low_pass("tran 10p 20n");
    job.make_block = square_wave;
    return job;
}

// What the run says when the block answers with this action at 2 ns.
std::string complaint_of(const LockstepAction& action) {
    LockstepJob job = square_job();
    job.make_block = [action] {
        return [action](const LockstepEvent& event) {
            return event.time_second == 0 ? LockstepAction{{}, 2e-9} : action;
        };
    };
    try {
        run_lockstep(job);
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        return error.what();
    }
    return "nothing";
}

JobResult failed(const LockstepJob& job) {
    Pool pool(with_workers(1));
    const LockstepJob good = square_job();
    const std::vector<JobResult> results = pool.run_lockstep(std::vector{job, good});
    CHECK(results[1].status == JobStatus::ok);
    CHECK(results[0].waveforms.columns.empty());
    INFO(results[0].message);
    CHECK(results[0].message.find('\n') == std::string::npos);
    return results[0];
}

}  // namespace

TEST_CASE("an unknown source is named, in the deck and in the job") {
    LockstepJob job = square_job();
    job.sources = {{"v1", 0}, {"vnone", 0}};
    JobResult result = failed(job);
    CHECK(result.status == JobStatus::bad_netlist);
    CHECK_THAT(result.message, ContainsSubstring("vnone"));
    job = square_job();
    job.job.netlist = "t\nV1 in 0 external\nV2 in out external\nC1 out 0 1p\nR1 in 0 1k\n.end\n";
    result = failed(job);
    CHECK(result.status == JobStatus::bad_netlist);
    CHECK_THAT(result.message, ContainsSubstring("v2"));
}

TEST_CASE("a source that is not external, or has a dc value too, is told") {
    LockstepJob job = square_job();
    job.job.netlist = "t\nV1 in 0 dc 1\nR1 in out 1k\nC1 out 0 1p\n.end\n";
    JobResult result = failed(job);
    CHECK(result.status == JobStatus::bad_netlist);
    CHECK_THAT(result.message, ContainsSubstring("no external source 'v1'"));
    job.job.netlist = "t\nV1 in 0 dc 0 external\nR1 in out 1k\nC1 out 0 1p\n.end\n";
    result = failed(job);
    CHECK(result.status == JobStatus::bad_netlist);
    CHECK_THAT(result.message, ContainsSubstring("line 2") && ContainsSubstring("V1 in 0 dc 0"));
}

TEST_CASE("an unknown observed vector is named") {
    for (const char* name : {"v(nowhere)", "v(out,nowhere)", "i(v9)", "@r9[i]"}) {
        LockstepJob job = square_job();
        job.observed = {"v(out)", name};
        const JobResult result = failed(job);
        CHECK(result.status == JobStatus::incomplete);
        const std::string shown(name);
        CHECK_THAT(result.message,
                   ContainsSubstring(shown == "v(out,nowhere)" ? "v(nowhere)" : shown));
    }
}

TEST_CASE("what a block throws leaves the run, and the pool goes on") {
    struct Stop {};
    Pool pool(with_workers(2));
    std::vector<LockstepJob> jobs(2, square_job());
    jobs[1].make_block = [] {
        return [block = square_wave()](const LockstepEvent& event) {
            if (event.time_second > 5e-9) throw Stop{};
            return block(event);
        };
    };
    CHECK_THROWS_AS(pool.run_lockstep(jobs), Stop);
    CHECK(pool.run_lockstep({jobs.data(), 1}).front().status == JobStatus::ok);
    jobs[1].make_block = []() -> LockstepBlock { throw Stop{}; };
    CHECK_THROWS_AS(pool.run_lockstep(jobs), Stop);
    CHECK(pool.run_lockstep({jobs.data(), 1}).front().status == JobStatus::ok);
}

TEST_CASE("an action that makes no sense is one error with the time and the source") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(complaint_of({{{7, 1, 1e-12}}, kNeverAgain}),
               ContainsSubstring("low pass") && ContainsSubstring("2e-09 s") &&
                   ContainsSubstring("source number 7"));
    CHECK_THAT(complaint_of({{{0, nan, 1e-12}}, kNeverAgain}), ContainsSubstring("'v1' to nan"));
    CHECK_THAT(complaint_of({{{0, kNeverAgain, 1e-12}}, kNeverAgain}),
               ContainsSubstring("'v1' to inf"));
    CHECK_THAT(complaint_of({{{0, 1, 0}}, kNeverAgain}), ContainsSubstring("'v1' within 0 s"));
    CHECK_THAT(complaint_of({{{0, 1, -1e-12}}, kNeverAgain}), ContainsSubstring("'v1' within"));
    CHECK_THAT(complaint_of({{{0, 1, nan}}, kNeverAgain}), ContainsSubstring("'v1' within nan"));
    CHECK_THAT(complaint_of({{}, 2e-9}), ContainsSubstring("called at 2e-09 s"));
    CHECK_THAT(complaint_of({{}, 1e-9}), ContainsSubstring("called at 1e-09 s"));
    CHECK_THAT(complaint_of({{}, nan}), ContainsSubstring("called at nan"));
    CHECK(complaint_of({{{0, 1, 1e-12}}, kNeverAgain}) == "nothing");
}

TEST_CASE("a job that makes no sense is refused before anything runs") {
    Pool pool(with_workers(1));
    const auto complaint = [&pool](auto change) {
        LockstepJob job = square_job();
        change(job);
        try {
            pool.run_lockstep({&job, 1});
        } catch (const mho::Error& error) {
            CHECK(error.kind() == mho::ErrorKind::bad_input);
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    const auto analysis = [&complaint](const char* text) {
        return complaint([text](LockstepJob& job) { job.job.analysis = text; });
    };
    for (const char* text :
         {"op", "tran 1n 20n uic", "tran 1n 20n 5n", ".tran 1n {stop}", "tran 1n 20n 0 1n uic"}) {
        CHECK_THAT(analysis(text), ContainsSubstring("lockstep"));
    }
    CHECK_THAT(analysis("tran 0 20n"), ContainsSubstring("step '0'"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.make_block = {}; }),
               ContainsSubstring("no block"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.make_block = [] { return LockstepBlock(); }; }),
               ContainsSubstring("no block"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.sources.clear(); }),
               ContainsSubstring("no external source"));
    CHECK_THAT(complaint([](LockstepJob& job) {
                   job.sources.push_back({"V1", 0});
               }),
               ContainsSubstring("twice"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.sources[0].name = "r1"; }),
               ContainsSubstring("'r1'"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.sources[0].initial = kNeverAgain; }),
               ContainsSubstring("starts at inf"));
    CHECK_THAT(complaint([](LockstepJob& job) {
                   job.edge_second = {2e-9, 1e-9};
               }),
               ContainsSubstring("clock edge at 1e-09"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.edge_second = {-1e-9}; }),
               ContainsSubstring("clock edge at -1e-09"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.edge_second = {kNeverAgain}; }),
               ContainsSubstring("clock edge at inf"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.observed = {"all"}; }),
               ContainsSubstring("'all'"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.observed = {"v(out)+1"}; }),
               ContainsSubstring("v(out)+1"));
    CHECK_THAT(complaint([](LockstepJob& job) {
                   job.job.inputs = {{"v1"}, {{0.0}}};
               }),
               ContainsSubstring("inputs"));
    CHECK_THAT(complaint([](LockstepJob& job) { job.job.timeout_second = 0; }),
               ContainsSubstring("timeout"));
    CHECK(complaint([](LockstepJob&) {}) == "nothing");
}

TEST_CASE("a worker killed in the middle costs a repetition with a new block and no bits") {
    const JobResult expected = run_lockstep(square_job());
    REQUIRE(expected.status == JobStatus::ok);
    int blocks = 0;
    LockstepJob job = square_job();
    job.make_block = [&blocks] {
        ++blocks;
        return [first = blocks == 1, block = square_wave()](const LockstepEvent& event) {
            if (first && event.time_second > 9.5e-9) ::kill(children().front(), SIGKILL);
            return block(event);
        };
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.attempts == 2);
    CHECK(blocks == 2);
    CHECK(same_bits(result.waveforms, expected.waveforms));
}

TEST_CASE("a worker killed every time is a crash") {
    LockstepJob job = square_job();
    job.make_block = [] {
        return [block = square_wave()](const LockstepEvent& event) {
            if (event.time_second > 9.5e-9) ::kill(children().front(), SIGKILL);
            return block(event);
        };
    };
    const JobResult result = run_lockstep(job);
    CHECK(result.status == JobStatus::crashed);
    CHECK(result.attempts == 2);
    CHECK_THAT(result.message, ContainsSubstring("signal 9"));
}

TEST_CASE("a transient without end is stopped at its time limit, which blocks do not use up") {
    LockstepJob job = driven_low_pass("tran 1f 1 0 1f");
    job.job.timeout_second = 0.3;
    job.make_block = [] { return [](const LockstepEvent&) { return LockstepAction{}; }; };
    const JobResult late = run_lockstep(job);
    CHECK(late.status == JobStatus::timed_out);
    CHECK(late.attempts == 2);
    LockstepJob slow = square_job();
    slow.job.timeout_second = 1.5;
    slow.make_block = [] {
        return [block = square_wave()](const LockstepEvent& event) {
            ::usleep(100'000);
            return block(event);
        };
    };
    CHECK(run_lockstep(slow).status == JobStatus::ok);
}

TEST_CASE("a deck that ngspice refuses or cannot solve is told as in any run") {
    LockstepJob job = square_job();
    job.job.netlist = "t\nV1 in 0 external\nR1 in out nomodel\nC1 out 0 1p\n.end\n";
    CHECK(failed(job).status == JobStatus::bad_netlist);
    job.job.netlist = "t\nV1 in 0 external\nI1 0 out dc 1u\nC1 out 0 1p\nR1 in 0 1\n.end\n";
    const JobResult result = failed(job);
    CHECK(result.status == JobStatus::not_converged);
    CHECK(result.attempts == 2);
}
