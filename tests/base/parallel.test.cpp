// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <stdexcept>
#include <vector>

TEST_CASE("every index is visited once") {
    for (const std::size_t threads : {1u, 2u, 7u}) {
        std::vector<std::atomic<int>> visits(1000);
        mho::parallel_for(visits.size(), threads, [&](std::size_t i) { ++visits[i]; });
        for (const std::atomic<int>& count : visits) REQUIRE(count == 1);
    }
    mho::parallel_for(0, 2, [](std::size_t) { FAIL("nothing to do"); });
}

TEST_CASE("an exception reaches the caller and stops the loop") {
    std::atomic<int> calls{0};
    CHECK_THROWS_AS(mho::parallel_for(100000, 2,
                                      [&](std::size_t i) {
                                          ++calls;
                                          if (i == 5) throw std::runtime_error("five");
                                      }),
                    std::runtime_error);
    CHECK(calls < 100000);
}
