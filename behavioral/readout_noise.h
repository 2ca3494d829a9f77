// SPDX-License-Identifier: Apache-2.0
// Normal numbers for the read-out noise, many at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mho::behavioral {

// Names the read-out noise: sample s of a batch draws from stream (seed, readout_noise, tile,
// first_sample + s), whatever the batch it is in.
struct NoiseStream {
    std::uint64_t seed = 0;
    std::uint32_t tile = 0;
    std::uint32_t first_sample = 0;
};

// Normals are made four at a time: by Box-Muller, one pair from words 0 and 1 and one from words 2
// and 3 of one Philox block of the stream (base/random.h; the word is what RandomStream::bits()
// gives there). A pair of words v, w gives radius sqrt(-2 ln u), u = ((v >> 1) + 1/2) / 2^31, and
// an angle within an eighth of a turn of one axis: the top bits of w choose the axis and its sign,
// the other 30 the angle. Logarithm, sine and cosine are polynomials in single precision, unfused:
// every number is within 5e-7 of the exact value of these words, relative to its radius, and has
// the same bits on every machine. The largest possible magnitude is 6.66, which a true normal
// exceeds once in 4e10 draws.
inline constexpr std::size_t kNormalsPerBlock = 4;

// Adds rms * normal to all of `values`: rows of `blocks` * 4 values, one row per sample, where
// value 4 b + k of a row gets normal k of block first_block + b of the sample's stream. Throws
// bad_input when `values` does not hold whole rows.
void add_normals(const NoiseStream& stream, std::uint32_t first_block, std::size_t blocks,
                 float rms, std::span<float> values);

}  // namespace mho::behavioral
