// SPDX-License-Identifier: Apache-2.0
#include "behavioral/readout_noise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

constexpr std::size_t kLanes = 64;  // blocks made at a time; all of it stays in the first cache

using Lanes = std::array<std::uint32_t, kLanes>;

// Counters (block, sample, 0, 0) on the way in, random words on the way out.
struct Words {
    Lanes a, b, c, d;
};

// Four key words and their parity word, as Threefry injects them after every four rounds.
using Key = std::array<std::uint32_t, 5>;

Key key_of(const NoiseStream& stream) {
    Key key{static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32),
            static_cast<std::uint32_t>(RandomPurpose::readout_noise), stream.tile, 0x1BD11BDAu};
    for (std::size_t i = 0; i < 4; ++i) key[4] ^= key[i];
    return key;
}

inline void mix(std::uint32_t& x, std::uint32_t& y, int rotation) {
    x += y;
    y = std::rotl(y, rotation) ^ x;
}

MHO_SIMD_CLONES void threefry(Words& words, const Key& key) {
    const Key k = key;
    for (std::size_t i = 0; i < kLanes; ++i) {
        std::uint32_t a = words.a[i] + k[0], b = words.b[i] + k[1];
        std::uint32_t c = k[2], d = k[3];
        const auto inject = [&](std::size_t n) {
            a += k[n % 5];
            b += k[(n + 1) % 5];
            c += k[(n + 2) % 5];
            d += k[(n + 3) % 5] + static_cast<std::uint32_t>(n);
        };
        const auto two_rounds = [&](int ab, int cd, int ad, int cb) {
            mix(a, b, ab);
            mix(c, d, cd);
            mix(a, d, ad);
            mix(c, b, cb);
        };
        const auto odd_rounds = [&](std::size_t n) {
            two_rounds(10, 26, 11, 21);
            two_rounds(13, 27, 23, 5);
            inject(n);
        };
        const auto even_rounds = [&](std::size_t n) {
            two_rounds(6, 20, 17, 11);
            two_rounds(25, 10, 18, 20);
            inject(n);
        };
        odd_rounds(1);
        even_rounds(2);
        odd_rounds(3);
        even_rounds(4);
        odd_rounds(5);
        words.a[i] = a;
        words.b[i] = b;
        words.c[i] = c;
        words.d[i] = d;
    }
}

// sqrt(-2 ln u). The coefficients here and in `beside_axis` are minimax fits.
inline float radius_of(std::uint32_t word) {
    constexpr std::int32_t kSqrtHalf = 0x3F3504F3;
    const float u = (static_cast<float>(static_cast<std::int32_t>(word >> 1)) + 0.5f) * 0x1p-31f;
    // u = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
    const auto bits = std::bit_cast<std::int32_t>(u);
    const std::int32_t e = (bits - kSqrtHalf) >> 23;
    const float f = std::bit_cast<float>(bits - e * (1 << 23)) - 1.0f;
    float p = 0.08979510857f;
    p = p * f - 0.144268657f;
    p = p * f + 0.1488368281f;
    p = p * f - 0.1655178976f;
    p = p * f + 0.1996347738f;
    p = p * f - 0.2500258364f;
    p = p * f + 0.3333393328f;
    p = p * f - 0.499999831f;
    const float log_u = static_cast<float>(e) * 0.693147181f + (f + f * f * p);
    return std::sqrt(-2.0f * log_u);
}

struct Pair {
    float x, y;
};

// A point on the unit circle.
inline Pair direction_of(std::uint32_t word) {
    // Part of a quarter turn, -1/2 .. 1/2.
    const float t = static_cast<float>(static_cast<std::int32_t>(word << 2 | 2)) * 0x1p-32f;
    const float z = t * t;
    const float along = 1.0f + z * (-1.233697954f + z * (0.2536063619f + z * -0.0204262503f));
    const float beside =
        t * (1.570796322f + z * (-0.6459634786f + z * (0.07968022807f + z * -0.004602176997f)));
    const float signed_along =
        std::bit_cast<float>(std::bit_cast<std::uint32_t>(along) ^ (word << 1 & 0x80000000u));
    const bool first_axis = static_cast<std::int32_t>(word) >= 0;
    return {first_axis ? signed_along : beside, first_axis ? beside : signed_along};
}

// values (4 per lane) += rms * normal
MHO_SIMD_CLONES void add_box_muller(const Words& words, std::size_t lanes, float rms,
                                    float* values) {
    for (std::size_t i = 0; i < lanes; ++i) {
        const float first = rms * radius_of(words.a[i]), second = rms * radius_of(words.c[i]);
        const Pair p = direction_of(words.b[i]), q = direction_of(words.d[i]);
        values[4 * i] += first * p.x;
        values[4 * i + 1] += first * p.y;
        values[4 * i + 2] += second * q.x;
        values[4 * i + 3] += second * q.y;
    }
}

}  // namespace

void add_normals(const NoiseStream& stream, std::uint32_t first_block,
                 std::size_t blocks_per_sample, float rms, std::span<float> values) {
    const std::size_t row = blocks_per_sample * kNormalsPerBlock;
    if (row == 0 ? !values.empty() : values.size() % row != 0) {
        throw bad_input("read-out noise: {} values are not whole rows of {}", values.size(), row);
    }
    const Key key = key_of(stream);
    Words words{};
    std::uint32_t block = 0, sample = stream.first_sample;
    for (std::size_t done = 0; done < values.size(); done += kLanes * kNormalsPerBlock) {
        const std::size_t lanes = std::min(kLanes, (values.size() - done) / kNormalsPerBlock);
        for (std::size_t i = 0; i < lanes; ++i) {
            words.a[i] = first_block + block;
            words.b[i] = sample;
            if (++block == blocks_per_sample) {
                block = 0;
                ++sample;
            }
        }
        threefry(words, key);
        add_box_muller(words, lanes, rms, values.data() + done);
    }
}

}  // namespace mho::behavioral
