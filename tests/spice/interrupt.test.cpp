// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <filesystem>

#include "base/error.h"
#include "spice/decks.h"
#include "spice/pool.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;

TEST_CASE("an interrupt ends the run, and what is finished stays in the cache") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(2);
    options.cache_folder = folder / "cache";
    Pool pool(options);
    std::vector<Job> jobs(4, make_job(kLowPass, "tran 1f 1 0 1f", {"v(out)"}));
    jobs[0] = make_job(kDivider, "op", {"v(2)"});
    for (Job& job : jobs) job.timeout_second = 1000;
    mho::catch_interrupts();
    std::size_t finished = 0;
    try {
        pool.run(jobs, [&finished](std::size_t done, std::size_t, const std::string&) {
            finished = done;
            std::raise(SIGINT);
        });
        FAIL("the run must end");
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::interrupted);
    }
    CHECK(finished == 1);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options.cache_folder)) {
        files += entry.is_regular_file() ? 1U : 0U;
    }
    CHECK(files == 1);
    CHECK_THROWS_AS(Pool(with_workers(1)), mho::Error);
}
