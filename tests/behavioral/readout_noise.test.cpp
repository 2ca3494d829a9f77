// SPDX-License-Identifier: Apache-2.0
#include "behavioral/readout_noise.h"

#include <Random123/threefry.h>

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/error.h"
#include "base/random.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using namespace mho::behavioral;

namespace {

std::vector<float> normals(const NoiseStream& stream, std::size_t samples, std::size_t blocks,
                           std::uint32_t first_block = 0) {
    std::vector<float> drawn(samples * blocks * kNormalsPerBlock);
    add_normals(stream, first_block, blocks, 1.0f, drawn);
    return drawn;
}

struct ReferencePair {
    double value, radius;
};

// Normals 0 and 1 of a pair of words, in double precision from the definition in the header.
std::array<ReferencePair, 2> box_muller(std::uint32_t v, std::uint32_t w) {
    const float u = (static_cast<float>(v >> 1) + 0.5f) * 0x1p-31f;
    const double radius = std::sqrt(-2 * std::log(static_cast<double>(u)));
    const auto eighths = static_cast<double>(static_cast<std::int32_t>(w << 2)) * 0x1p-31;
    const double angle = eighths * std::numbers::pi / 4;
    const double along = (w >> 30 & 1) != 0 ? -std::cos(angle) : std::cos(angle);
    const double beside = std::sin(angle);
    const bool first = w >> 31 == 0;
    return {
        {{radius * (first ? along : beside), radius}, {radius * (first ? beside : along), radius}}};
}

// Correlation of two series of unit variance and zero mean.
template <typename Value>
double correlation(std::size_t count, Value value) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto [a, b] = value(i);
        sum += static_cast<double>(a) * static_cast<double>(b);
    }
    return sum / static_cast<double>(count);
}

double normal_cdf(double x) {
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

}  // namespace

TEST_CASE("noise is the Box-Muller transform of Threefry's words for the stream's name") {
    const NoiseStream stream{0x123456789ABCDEFull, 77, 4000000000u};
    const std::size_t samples = 3000, blocks = 7;
    const std::uint32_t first_block = 5;
    const std::vector<float> drawn = normals(stream, samples, blocks, first_block);
    const r123::Threefry4x32::key_type key{
        {0x89ABCDEFu, 0x1234567u, static_cast<std::uint32_t>(mho::RandomPurpose::readout_noise),
         77}};
    double worst = 0;
    for (std::size_t i = 0; i < samples * blocks; ++i) {
        const r123::Threefry4x32::ctr_type counter{
            {first_block + static_cast<std::uint32_t>(i % blocks),
             stream.first_sample + static_cast<std::uint32_t>(i / blocks), 0, 0}};
        const auto words = r123::Threefry4x32{}(counter, key);
        for (std::size_t pair = 0; pair < 2; ++pair) {
            const auto expected = box_muller(words[2 * pair], words[2 * pair + 1]);
            for (std::size_t k = 0; k < 2; ++k) {
                const auto found = static_cast<double>(drawn[4 * i + 2 * pair + k]);
                const double error = std::abs(found - expected[k].value);
                if (error > 0) worst = std::max(worst, error / expected[k].radius);
            }
        }
    }
    CHECK(worst < 5e-7);
}

TEST_CASE("noise has the same bits with every compiler and vector unit") {
    const std::vector<float> drawn = normals({2026, 3, 14}, 1000, 5);
    std::uint32_t hash = 0;
    for (const float x : drawn) hash = 31 * hash + std::bit_cast<std::uint32_t>(x);
    CHECK(hash == 0x1466DD97u);
}

TEST_CASE("a sample's noise does not depend on the batch or on the columns around it") {
    const NoiseStream stream{1, 2, 1000};
    const std::size_t samples = 150, blocks = 3, row = blocks * kNormalsPerBlock;
    const std::vector<float> whole = normals(stream, samples, blocks);
    for (const std::size_t part : {1u, 7u, 64u, 149u}) {
        std::vector<float> pieces(whole.size());
        for (std::size_t begin = 0; begin < samples; begin += part) {
            const std::size_t count = std::min(part, samples - begin);
            add_normals({1, 2, 1000 + static_cast<std::uint32_t>(begin)}, 0, blocks, 1.0f,
                        std::span(pieces).subspan(begin * row, count * row));
        }
        CHECK(pieces == whole);
    }
    const std::vector<float> narrow = normals(stream, samples, 1);
    const std::vector<float> rest = normals(stream, samples, 2, 1);
    for (std::size_t s = 0; s < samples; ++s) {
        for (std::size_t j = 0; j < row; ++j) {
            REQUIRE(whole[s * row + j] == (j < 4 ? narrow[s * 4 + j] : rest[s * 8 + j - 4]));
        }
    }
}

TEST_CASE("noise is scaled and added to what is there") {
    const std::vector<float> unit = normals({5, 6, 7}, 40, 2);
    std::vector<float> values(unit.size(), 3.0f);
    add_normals({5, 6, 7}, 0, 2, 0.25f, values);
    for (std::size_t i = 0; i < unit.size(); ++i) REQUIRE(values[i] == 3.0f + 0.25f * unit[i]);
    std::vector<float> none;
    add_normals({}, 0, 0, 1.0f, none);
    add_normals({}, 0, 3, 1.0f, none);
}

TEST_CASE("noise refuses values that are not whole rows") {
    std::vector<float> values(12);
    CHECK_THROWS_WITH(add_normals({}, 0, 2, 1.0f, values),
                      ContainsSubstring("12 values are not whole rows of 8"));
    CHECK_THROWS_AS(add_normals({}, 0, 0, 1.0f, values), mho::Error);
}

TEST_CASE("moments and tails of the noise are those of a normal distribution") {
    const std::size_t count = std::size_t{1} << 23;
    const std::vector<float> drawn = normals({11, 0, 0}, count / 64, 16);
    std::array<double, 9> moment{};
    std::array<double, 3> beyond{};  // |x| > 3, 4, 5
    for (const float x : drawn) {
        double power = 1;
        for (double& sum : moment) {
            sum += power;
            power *= static_cast<double>(x);
        }
        for (std::size_t k = 0; k < 3; ++k) beyond[k] += std::abs(x) > static_cast<float>(k + 3);
    }
    const auto n = static_cast<double>(count);
    // E x^k = 1, 0, 1, 0, 3, 0, 15, 0, 105, ..., and Var x^k = E x^2k - (E x^k)^2.
    const auto expected = [](std::size_t k) {
        double product = k % 2 == 0 ? 1 : 0;
        for (std::size_t i = 1; i < k; i += 2) product *= static_cast<double>(i);
        return product;
    };
    for (std::size_t k = 1; k < moment.size(); ++k) {
        INFO("moment " << k);
        const double deviation = std::sqrt((expected(2 * k) - expected(k) * expected(k)) / n);
        CHECK_THAT(moment[k] / n, WithinAbs(expected(k), 4.5 * deviation));
    }
    for (std::size_t k = 0; k < 3; ++k) {
        INFO("beyond " << k + 3);
        const double mean = 2 * n * normal_cdf(-static_cast<double>(k + 3));
        CHECK_THAT(beyond[k], WithinAbs(mean, 4.5 * std::sqrt(mean)));
    }
}

TEST_CASE("the noise's distribution function is the normal one, for each place in a block") {
    const std::size_t place = GENERATE(0u, 1u, 2u, 3u);
    const std::size_t count = 400000;
    const std::vector<float> drawn = normals({12, 1, 0}, count / 10, 10);
    std::vector<float> sorted(count);
    for (std::size_t i = 0; i < count; ++i) sorted[i] = drawn[4 * i + place];
    std::sort(sorted.begin(), sorted.end());
    double distance = 0;  // Kolmogorov-Smirnov
    for (std::size_t i = 0; i < count; ++i) {
        const double cdf = normal_cdf(static_cast<double>(sorted[i]));
        const auto below = static_cast<double>(i) / static_cast<double>(count);
        distance = std::max({distance, cdf - below, below + 1.0 / count - cdf});
    }
    // Exceeded by chance once in 10,000 times.
    CHECK(distance < std::sqrt(0.5 * std::log(2e4) / static_cast<double>(count)));
}

TEST_CASE("neighbouring draws, samples, tiles and seeds are uncorrelated") {
    const std::size_t columns = 64, samples = 4000, count = (samples - 1) * columns;
    const NoiseStream stream{21, 5, 0};
    const std::vector<float> drawn = normals(stream, samples, columns / 4);
    const double bound = 4.5 / std::sqrt(static_cast<double>(count));
    for (const std::size_t lag : {1u, 2u, 3u, 4u, 5u, 8u, 63u, 64u}) {
        INFO("lag " << lag);
        const auto pair = [&](std::size_t i) { return std::pair(drawn[i], drawn[i + lag]); };
        CHECK(std::abs(correlation(count, pair)) < bound);
        // Box-Muller pairs share a radius: magnitudes must be independent too.
        const auto squares = [&](std::size_t i) {
            const auto [a, b] = pair(i);
            return std::pair((a * a - 1) * std::numbers::sqrt2_v<float> / 2,
                             (b * b - 1) * std::numbers::sqrt2_v<float> / 2);
        };
        CHECK(std::abs(correlation(count, squares)) < bound);
    }
    for (const NoiseStream& other :
         {NoiseStream{21, 6, 0}, NoiseStream{22, 5, 0}, NoiseStream{21 + (1ull << 32), 5, 0},
          NoiseStream{21, 5, 1u << 31}, NoiseStream{5, 21, 0}}) {
        const std::vector<float> against = normals(other, samples, columns / 4);
        CHECK(std::abs(correlation(
                  count, [&](std::size_t i) { return std::pair(drawn[i], against[i]); })) < bound);
    }
}
