// SPDX-License-Identifier: Apache-2.0
// Every way a job can fail has its status, a message that says why, and harms no other job.
#include <sys/types.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "spice/children.h"
#include "spice/decks.h"
#include "spice/pool.h"
#include "spice/protocol.h"
#include "spice/sanitizer.h"
#include "spice/user_deck.h"
#include "spice/worker_process.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

struct Case {
    std::string name;
    std::string body;  // between title and .end
    std::string analysis;
    JobStatus status;
    std::string message;  // a part of it
    std::vector<std::string> vectors{};
};

std::vector<Case> failing_cases() {
    const std::string load = "V1 1 0 dc 1\nR1 1 0 1k\n";
    return {
        {"unknown model", "V1 1 0 dc 1\nM1 1 1 0 0 nomod w=1u l=1u\n", "op", JobStatus::bad_netlist,
         "nomod"},
        {"unknown subcircuit", "V1 1 0 dc 1\nX1 1 0 nosub\n", "op", JobStatus::bad_netlist,
         "nosub"},
        {"subcircuit with too many nodes",
         "V1 1 0 dc 1\nX1 1 0 3 s\n.subckt s a b\nr1 a b 1\n.ends\n", "op", JobStatus::bad_netlist,
         "oo many"},
        {"missing include", load + ".include /no/such/file.inc\n", "op", JobStatus::bad_netlist,
         "/no/such/file.inc"},
        {"undefined parameter", "V1 1 0 dc {foo}\nR1 1 0 1k\n", "op", JobStatus::bad_netlist,
         "foo"},
        {"unknown model parameter", load + "D1 1 0 dm\n.model dm d is=1e-14 bogus=3\n", "op",
         JobStatus::bad_netlist, "bogus"},
        {"unknown instance parameter", "V1 1 0 dc 1\nR1 1 0 1k bogus=2\n", "op",
         JobStatus::bad_netlist, "bogus"},
        {"device twice", load + "R1 1 0 2k\n", "op", JobStatus::bad_netlist, "exists"},
        {"unknown function", load + "B1 2 0 v=foo(v(1))\nR2 2 0 1\n", "op", JobStatus::bad_netlist,
         "foo"},
        {"resistor too small", load + "R2 1 0 1e-15\n", "op", JobStatus::bad_netlist, "too small"},
        {"garbage line", load + "@@ 3 4\n", "op", JobStatus::bad_netlist, "@@ 3 4"},
        {"garbage words", load + "foo bar\n", "op", JobStatus::bad_netlist, "foo bar"},
        {"resistor without value", load + "R2 1 0\n", "op", JobStatus::bad_netlist, "R2 1 0"},
        {"control block", load + ".control\nquit\n.endc\n", "op", JobStatus::bad_netlist,
         ".control"},
        {"comma as decimal point", "V1 1 0 dc 1\nR1 1 0 1,5\n", "op", JobStatus::bad_netlist,
         "R1 1 0 1,5"},
        {"external source", "V1 a 0 external\nR1 a 0 1k\n", "op", JobStatus::bad_netlist,
         "line 2: 'V1 a 0 external'"},
        {"external source with a dc value", "V1 a 0 dc 0 external\nR1 a 0 1k\n", "op",
         JobStatus::bad_netlist, "line 2: 'V1 a 0 dc 0 external'"},
        {"unknown analysis", load, "frobnicate", JobStatus::bad_netlist, "frobnicate"},
        {"second command", load, "op; shell true", JobStatus::bad_netlist, "op; shell"},
        {"endless command", load, "tran 1n 1" + std::string(1023, ' '), JobStatus::bad_netlist,
         "1023"},
        {"sweep of nothing", load, "dc vz 0 1 0.5", JobStatus::bad_netlist, "vz"},
        {"step larger than stop", load, "tran 1n 10n 20n", JobStatus::bad_netlist, "tran"},
        {"noise without input",
         load,
         "noise v(1) v1 dec 5 1 10",
         JobStatus::bad_netlist,
         "ac input",
         {"onoise_total"}},
        {"model out of range",
         "V1 1 0 dc 1\nM1 1 1 0 0 nm w=1u l=0\n.model nm nmos level=54 version=4.8\n", "op",
         JobStatus::bad_netlist, "model nm"},
        {"loop of sources", "V1 1 0 dc 1\nV2 1 0 dc 2\nR1 1 0 1k\n", "op", JobStatus::not_converged,
         "singular"},
        {"current into a capacitor", "I1 0 1 dc 1u\nC1 1 0 1p\n", "op", JobStatus::not_converged,
         "singular"},
        {"current into a capacitor, KLU", ".option klu\nI1 0 1 dc 1u\nC1 1 0 1p\n", "op",
         JobStatus::not_converged, "singular"},
        {"current into a capacitor, transient", "I1 0 1 dc 1u\nC1 1 0 1p\n", "tran 1p 1n",
         JobStatus::not_converged, "singular"},
        {"contradiction in time",
         "V1 1 0 dc 0 pwl(0 0 1n 1)\nB1 2 0 V=v(1)>0.5 ? (v(2)>0.5 ? 0 : 1) : 0\nR1 2 0 1k\n",
         "tran 10p 2n", JobStatus::not_converged, "too small"},
        {"missing node", load, "op", JobStatus::incomplete, "v(nowhere)", {"v(1)", "v(nowhere)"}},
        {"missing node in a sweep",
         load,
         "dc v1 0 1 0.5",
         JobStatus::incomplete,
         "v(nowhere)",
         {"v(nowhere)", "v(1)"}},
        {"missing source",
         load,
         "tran 1n 5n",
         JobStatus::incomplete,
         "none of the vectors i(v9)",
         {"i(v9)"}},
        {"missing device", load, "tran 1n 5n", JobStatus::incomplete, "@r9[i]", {"@r9[i]"}},
        {"missing half of a difference", load, "op", JobStatus::incomplete, "v(9)", {"v(1,9)"}},
        {"empty sweep", load, "dc v1 0 1 -1", JobStatus::bad_netlist, "goes away", {"v(1)"}},
        {"expression as vector", load, "op", JobStatus::bad_netlist, "v(1)*2", {"v(1)*2"}},
    };
}

bool repeated(JobStatus status) {
    return status == JobStatus::not_converged || status == JobStatus::timed_out ||
           status == JobStatus::crashed;
}

// A script in place of the worker. $hello is a file with a greeting; fd 3 is the socket.
fs::path fake_worker(const mho::test::TemporaryFolder& folder, const std::string& script) {
    const fs::path hello = folder / "hello";
    mho::write_file(hello, frame_bytes(FrameKind::hello, encode(SimulatorInfo{"0", {}, {}, {}})));
    const fs::path path = folder / "worker";
    mho::write_file(path, "#!/bin/sh\nhello='" + hello.string() + "'\n" + script);
    fs::permissions(path, fs::perms::owner_all);
    return path;
}

JobResult run_on(const fs::path& worker, double timeout_second) {
    PoolOptions options = with_workers(1);
    options.worker = worker;
    Pool pool(options);
    Job job = make_job(kDivider, "op", {"v(2)"});
    job.timeout_second = timeout_second;
    return pool.run({&job, 1}).front();
}

}  // namespace

TEST_CASE("every defect of a job has its status and message, and the next job is unharmed") {
    std::vector<Job> jobs;
    const std::vector<Case> cases = failing_cases();
    for (const Case& failing : cases) {
        jobs.push_back(
            make_job("t\n" + failing.body + ".end\n", failing.analysis, failing.vectors));
        jobs.push_back(make_job(kDivider, "op", {"v(2)"}));
    }
    jobs.push_back(make_job("no end\nR1 1 0 1\n", "op", {}));
    Pool pool(with_workers(2));
    const std::vector<JobResult> results = pool.run(jobs);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const JobResult& result = results[2 * i];
        INFO(cases[i].name << ": " << to_string(result.status) << ": " << result.message);
        CHECK(result.status == cases[i].status);
        CHECK_THAT(result.message, ContainsSubstring(cases[i].message, Catch::CaseSensitive::No));
        CHECK(result.message.find('\n') == std::string::npos);
        CHECK(result.attempts == (repeated(result.status) ? 2 : 1));
        CHECK(result.waveforms.columns.empty());
        CHECK(results[2 * i + 1].status == JobStatus::ok);
        CHECK(results[2 * i + 1].waveforms["v(2)"].front() == 0.75);
    }
    CHECK(results.back().status == JobStatus::bad_netlist);
    CHECK(pool.summary().failed == cases.size() + 1);
}

TEST_CASE("an endless transient is stopped at its time limit") {
    Pool pool(with_workers(2));
    std::vector<Job> jobs(3, make_job(kDivider, "op", {"v(2)"}));
    jobs[1] = make_job(kLowPass, "tran 1f 1 0 1f", {"v(out)"});
    jobs[1].timeout_second = 0.3;
    const std::vector<JobResult> results = pool.run(jobs);
    CHECK(results[1].status == JobStatus::timed_out);
    CHECK(results[1].attempts == 2);
    CHECK_THAT(results[1].message, ContainsSubstring("0.3 s"));
    CHECK(results[0].status == JobStatus::ok);
    CHECK(results[2].status == JobStatus::ok);
    CHECK(pool.summary().repeated == 1);
}

TEST_CASE("a circuit that needs more iterations is solved on the next rung") {
    // Newton's iteration comes down the exponential from 10 V by 20 mV each time.
    const std::string netlist =
        "steep\n.option gminsteps=0 srcsteps=0\nI1 0 1 1\nR1 1 0 10\n"
        "B1 1 0 i=1e-12*exp(v(1)/0.02)\n.end\n";
    const JobResult result = run_one(make_job(netlist, "op", {"v(1)"}));
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.attempts == 2);
    const double volt = result.waveforms["v(1)"].front();
    CHECK(std::abs(volt / 10 + 1e-12 * std::exp(volt / 0.02) - 1) < 1e-3);
}

TEST_CASE("a worker that exceeds its memory is a crash") {
    if (kAddressSanitizer) SKIP("no memory limit under AddressSanitizer");
    PoolOptions options = with_workers(1);
    options.memory_limit_mib = 300;
    Pool pool(options);
    std::vector<Job> jobs(2, make_job(kDivider, "op", {"v(2)"}));
    jobs[0] = make_job(kLowPass, "tran 10p 300u 0 10p", {"v(out)", "v(in)"});
    const std::vector<JobResult> results = pool.run(jobs);
    INFO(results[0].message);
    CHECK(results[0].status == JobStatus::crashed);
    CHECK(results[0].attempts == 2);
    CHECK(results[1].status == JobStatus::ok);
}

TEST_CASE("a worker that dies on a job is a crash, told after the second time") {
    const mho::test::TemporaryFolder folder;
    const fs::path worker =
        fake_worker(folder, "cat \"$hello\" >&3\nhead -c 1 <&3 >/dev/null\nkill -SEGV $$\n");
    const JobResult result = run_on(worker, 60);
    CHECK(result.status == JobStatus::crashed);
    CHECK(result.attempts == 2);
    CHECK_THAT(result.message, ContainsSubstring("signal 11"));
}

TEST_CASE("a worker that dies once costs a repetition and no bits") {
    const mho::test::TemporaryFolder folder;
    const std::string real = find_worker({}).string();
    const fs::path worker =
        fake_worker(folder,
                    "if mkdir \"$hello.seen\" 2>/dev/null; then\ncat \"$hello\" >&3\n"
                    "head -c 1 <&3 >/dev/null\nexit 9\nfi\nexec '" +
                        real + "' \"$@\"\n");
    const JobResult result = run_on(worker, 60);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.attempts == 2);
    CHECK(result.waveforms["v(2)"].front() == 0.75);
}

TEST_CASE("a worker that hangs is killed at the time limit") {
    const mho::test::TemporaryFolder folder;
    const fs::path worker = fake_worker(folder, "cat \"$hello\" >&3\nexec sleep 1000\n");
    const JobResult result = run_on(worker, 0.2);
    CHECK(result.status == JobStatus::timed_out);
    CHECK(result.attempts == 2);
    CHECK(children().empty());
}

TEST_CASE("a worker that sends garbage counts as crashed") {
    const mho::test::TemporaryFolder folder;
    const fs::path worker = fake_worker(folder,
                                        "cat \"$hello\" >&3\nhead -c 1 <&3 >/dev/null\n"
                                        "echo garbage garbage garbage >&3\nexec sleep 1000\n");
    const JobResult result = run_on(worker, 60);
    CHECK(result.status == JobStatus::crashed);
    CHECK_THAT(result.message, ContainsSubstring("malformed"));
}

TEST_CASE("an ngspice without KLU is known by its greeting, and a deck that asks for KLU is told") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(1);
    options.worker = fake_worker(folder, "cat \"$hello\" >&3\nexec sleep 1000\n");
    const Pool pool(options);
    CHECK_FALSE(pool.simulator().klu);
    const UserDeck deck = read_user_deck("t\nR1 1 0 1\n.option klu\n.op\n", "deck.cir");
    CHECK(missing_klu_note(deck, pool.simulator()) ==
          "deck.cir:3: option klu is not used: this ngspice (0) has no KLU, Sparse solves");
    CHECK(missing_klu_note(deck, {"46", true, true, true}).empty());
    const UserDeck plain = read_user_deck("t\nR1 1 0 1\n.op\n", "deck.cir");
    CHECK(missing_klu_note(plain, pool.simulator()).empty());
}

TEST_CASE("a worker that greets twice counts as crashed") {
    const mho::test::TemporaryFolder folder;
    const fs::path worker =
        fake_worker(folder,
                    "cat \"$hello\" >&3\nhead -c 1 <&3 >/dev/null\ncat \"$hello\" >&3\n"
                    "exec sleep 1000\n");
    const JobResult result = run_on(worker, 60);
    CHECK(result.status == JobStatus::crashed);
    CHECK_THAT(result.message, ContainsSubstring("no result"));
}

TEST_CASE("a worker that was killed while idle is replaced without a word") {
    Pool pool(with_workers(1));
    const Job job = make_job(kDivider, "op", {"v(2)"});
    REQUIRE(pool.run({&job, 1}).front().status == JobStatus::ok);
    const std::vector<pid_t> before = children();
    REQUIRE(before.size() == 1);
    ::kill(before.front(), SIGKILL);
    // Gone at the latest when its working memory is.
    for (std::string state = "?"; state != "Z";) {
        std::ifstream stat("/proc/" + std::to_string(before.front()) + "/stat");
        std::string pid;
        std::string name;
        stat >> pid >> name >> state;
    }
    const JobResult result = pool.run({&job, 1}).front();
    CHECK(result.status == JobStatus::ok);
    CHECK(result.attempts == 1);
    CHECK(children() != before);
}

TEST_CASE("a worker that cannot start is one clear error") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(1);
    options.worker = folder / "absent";
    CHECK_THROWS_WITH(Pool(options), ContainsSubstring("absent"));
    options.worker = fake_worker(folder, "echo 'no libngspice here' >&2\nexit 7\n");
    CHECK_THROWS_WITH(Pool(options),
                      ContainsSubstring("status 7") && ContainsSubstring("no libngspice here"));
    options.worker = fake_worker(folder, "echo garbage garbage garbage >&3\nexec sleep 1000\n");
    CHECK_THROWS_WITH(Pool(options), ContainsSubstring("malformed"));
    mho::write_file(folder / "text", "not a program\n");
    fs::permissions(folder / "text", fs::perms::owner_all);
    options.worker = folder / "text";
    CHECK_THROWS_AS(Pool(options), mho::Error);
}

TEST_CASE("workers that stop starting in the middle of a run end it with an error") {
    const mho::test::TemporaryFolder folder;
    const fs::path worker =
        fake_worker(folder,
                    "mkdir \"$hello.seen\" 2>/dev/null || exit 5\ncat \"$hello\" >&3\n"
                    "head -c 1 <&3 >/dev/null\nexit 1\n");
    PoolOptions options = with_workers(1);
    options.worker = worker;
    Pool pool(options);
    const Job job = make_job(kDivider, "op", {"v(2)"});
    CHECK_THROWS_WITH(pool.run({&job, 1}), ContainsSubstring("status 5"));
}
