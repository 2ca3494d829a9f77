// SPDX-License-Identifier: Apache-2.0
// Small versions of what docs/spice.md measures at length (mho_bench_spice).
#include <signal.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/file.h"
#include "spice/batch_ngspice.h"
#include "spice/children.h"
#include "spice/crossbars.h"
#include "spice/decks.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::WithinRel;

TEST_CASE("an array's operating point in a worker is that of ngspice -b") {
    const mho::test::TemporaryFolder folder;
    for (const std::size_t n : {1U, 2U, 16U, 40U}) {
        const Job job = array_job(n, 5);
        const JobResult result = run_one(job);
        REQUIRE(result.status == JobStatus::ok);
        mho::write_file(folder / "array.cir", batch_deck(job));
        run_batch(folder / "array.cir");
        const std::map<std::string, double> batch = raw_point(folder / "array.cir.raw");
        for (const std::string& name : job.vectors) {
            INFO(n << ' ' << name);
            CHECK_THAT(result.waveforms[name].front(), WithinRel(batch.at(name), 1e-9));
        }
    }
}

TEST_CASE("many input vectors on one array agree with one op each and with superposition") {
    constexpr std::size_t kSize = 12;
    ArrayOptions external;
    external.external_inputs = true;
    Job table = array_job(kSize, 7, external);
    Job units = table;
    std::vector<Job> jobs;
    for (std::size_t r = 0; r < kSize; ++r) {
        table.inputs.names.push_back(fmt::format("vin{}", r));
        std::vector<double> unit(kSize, 0.0);
        unit[r] = 1;
        units.inputs.rows.push_back(unit);
    }
    units.inputs.names = table.inputs.names;
    for (std::uint32_t v = 0; v < 20; ++v) table.inputs.rows.push_back(random_inputs(kSize, v));
    jobs = {table, units};
    for (const std::vector<double>& row : table.inputs.rows) {
        Job one = array_job(kSize, 7);
        one.alterations = {table.inputs.names, {row}};
        jobs.push_back(one);
    }
    Pool pool(with_workers(2));
    const std::vector<Waveforms> results = run_all(pool, jobs);
    for (std::size_t v = 0; v < table.inputs.rows.size(); ++v) {
        for (std::size_t c = 0; c < kSize; ++c) {
            const std::string name = fmt::format("i(vsense{})", c);
            double superposed = 0;
            for (std::size_t r = 0; r < kSize; ++r) {
                superposed += table.inputs.rows[v][r] * results[1][name][r];
            }
            CHECK_THAT(results[0][name][v], WithinRel(results[2 + v][name].front(), 1e-9));
            CHECK_THAT(superposed, WithinRel(results[2 + v][name].front(), 1e-9));
        }
    }
}

TEST_CASE("a campaign whose workers are killed again and again has every result, bit by bit") {
    const std::vector<Job> jobs = transient_array_jobs(8, 60);
    Pool pool(with_workers(2));
    const std::vector<JobResult> expected = pool.run(jobs);
    Pool troubled(with_workers(2));
    std::size_t killed = 0;
    const std::vector<JobResult> results =
        troubled.run(jobs, [&killed](std::size_t done, std::size_t, const std::string&) {
            if (done % 10 != 0) return;
            const std::vector<pid_t> workers = children();
            if (workers.empty()) return;
            ::kill(workers[killed % workers.size()], SIGKILL);
            ++killed;
        });
    CHECK(killed >= 5);
    REQUIRE(results.size() == jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        INFO(i << ' ' << results[i].message);
        REQUIRE(expected[i].status == JobStatus::ok);
        REQUIRE(results[i].status == JobStatus::ok);
        CHECK(same_bits(results[i].waveforms, expected[i].waveforms));
        CHECK(results[i].waveforms.points() > 10);
    }
}
