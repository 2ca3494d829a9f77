// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

using Catch::Matchers::WithinAbs;
using mho::RandomPurpose;
using mho::RandomStream;

TEST_CASE("a stream depends on all parts of its name and on nothing else") {
    const auto first = [](std::uint64_t seed, RandomPurpose purpose, std::uint32_t a,
                          std::uint32_t b) { return RandomStream(seed, purpose, a, b).bits(); };
    const std::uint32_t base = first(1, RandomPurpose::test, 2, 3);
    CHECK(first(1, RandomPurpose::test, 2, 3) == base);
    CHECK(first(2, RandomPurpose::test, 2, 3) != base);
    CHECK(first(1ull << 40, RandomPurpose::test, 2, 3) != first(0, RandomPurpose::test, 2, 3));
    CHECK(first(1, RandomPurpose::digits, 2, 3) != base);
    CHECK(first(1, RandomPurpose::test, 3, 3) != base);
    CHECK(first(1, RandomPurpose::test, 2, 4) != base);
}

TEST_CASE("moments of the uniform and normal draws") {
    // Standard errors at n = 200,000: mean of uniform 6.5e-4, of normal 2.2e-3; the bounds are
    // five of them.
    constexpr int kCount = 200000;
    RandomStream random(7, RandomPurpose::test);
    double uniform = 0, normal = 0, square = 0, fourth = 0;
    for (int i = 0; i < kCount; ++i) {
        uniform += random.uniform();
        const double x = random.normal();
        normal += x;
        square += x * x;
        fourth += x * x * x * x;
    }
    CHECK_THAT(uniform / kCount, WithinAbs(0.5, 3.3e-3));
    CHECK_THAT(normal / kCount, WithinAbs(0.0, 1.2e-2));
    CHECK_THAT(square / kCount, WithinAbs(1.0, 1.6e-2));
    CHECK_THAT(fourth / kCount, WithinAbs(3.0, 0.11));
}

TEST_CASE("below is uniform over small ranges") {
    RandomStream random(7, RandomPurpose::test, 1);
    std::vector<int> counts(10);
    for (int i = 0; i < 100000; ++i) ++counts[random.below(10)];
    for (const int count : counts) CHECK(std::abs(count - 10000) < 500);  // five sigma
}
