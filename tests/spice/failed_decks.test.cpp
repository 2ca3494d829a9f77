// SPDX-License-Identifier: Apache-2.0
#include "spice/failed_decks.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "spice/decks.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

TEST_CASE("the deck of a failed job is kept once and fails in stock ngspice as well") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(1);
    options.failed_folder = folder / "failed";
    Pool pool(options);
    std::vector<Job> jobs(2, make_job(kDivider, "op", {"v(2)"}));
    jobs[1] =
        make_job("no way out\nI1 0 1 dc 1u\nC1 1 0 1p\n.end\n", "tran 1n 5n", {"v(1)", "i(v9)"});
    jobs[1].label = "array 3";
    for (int repeat = 0; repeat < 2; ++repeat) {
        const std::vector<JobResult> results = pool.run(jobs);
        CHECK(results[0].kept_deck.empty());
        REQUIRE(fs::path(results[1].kept_deck).parent_path() == options.failed_folder);
        const std::string deck = mho::read_file(results[1].kept_deck);
        CHECK_THAT(deck, ContainsSubstring("no way out\n* SPICE job 'array 3': not converged"));
        CHECK_THAT(deck, ContainsSubstring("C1 1 0 1p\n.save v(1)\n.print tran v(1)\n.save i(v9)\n"
                                           ".print tran i(v9)\n.tran 1n 5n\n.end"));
        const auto ran = mho::test::run_shell("ngspice -b '" + results[1].kept_deck + "'");
        CHECK_THAT(ran.out + ran.err, ContainsSubstring("singular"));
    }
    CHECK(std::distance(fs::directory_iterator(options.failed_folder), {}) == 1);
    CHECK_THROWS_WITH(run_all(pool, jobs), ContainsSubstring("array 3") &&
                                               ContainsSubstring((folder / "failed").string()));
}

TEST_CASE("failed decks go beside the cache, and nowhere without one") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(1);
    const Job bad = make_job("t\nR1 1 0\n.end\n", "op", {});
    CHECK(Pool(options).run({&bad, 1}).front().kept_deck.empty());
    options.cache_folder = folder / "cache";
    const JobResult result = Pool(options).run({&bad, 1}).front();
    CHECK(fs::path(result.kept_deck).parent_path() == options.cache_folder / "failed");
}

TEST_CASE("any job makes a deck") {
    const JobResult result{JobStatus::bad_netlist, {}, "line\nbreak", 1, false, {}};
    CHECK(failed_deck(Job{}, result) == "\n* SPICE job '': bad netlist: line break\n.end\n");
    CHECK(failed_deck(make_job("title", "", {}), result) ==
          "title\n* SPICE job '': bad netlist: line break\n.end\n");
    Job job = make_job(".end", ".op", {"v(a)*2", "v(a,0)"});
    job.alterations = {{"r1"}, {{1.0}, {2.0}}};
    job.osdi_models = {"/x.osdi"};
    CHECK(failed_deck(job, result) ==
          "\n* SPICE job '': bad netlist: line break\n* loads /x.osdi\n"
          "* 2 runs with altered parameters\n* save v(a)*2\n.save v(a)\n.op\n.end\n");
}
