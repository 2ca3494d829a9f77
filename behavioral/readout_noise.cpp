// SPDX-License-Identifier: Apache-2.0
#include "behavioral/readout_noise.h"

#include <Random123/philox.h>

#include <array>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

constexpr std::size_t kLanes = 64;  // blocks made at a time; their words stay in the first cache

struct Words {
    // Counter words 0 and 3 of each block, then its four random words.
    std::array<std::uint32_t, kLanes> block, sample;
    std::array<std::array<std::uint32_t, kLanes>, 4> random;
};

struct Key {
    std::uint32_t low, high, purpose, tile;
};

MHO_SIMD_CLONES void draw_words(Words& words, const Key& of_stream) {
    const Key k = of_stream;
    for (std::size_t i = 0; i < kLanes; ++i) {
        const r123::Philox4x32::ctr_type counter{{words.block[i], k.purpose, k.tile, words.sample[i]}};
        const auto out = r123::Philox4x32{}(counter, r123::Philox4x32::key_type{{k.low, k.high}});
        words.random[0][i] = out.v[0];
        words.random[1][i] = out.v[1];
        words.random[2][i] = out.v[2];
        words.random[3][i] = out.v[3];
    }
}

}  // namespace
void probe(Words* w, Key* k) { draw_words(*w, *k); }
}
