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

// Normals are made four at a time, from the four 32-bit words that Threefry4x32-20 (Salmon et al.,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011) gives for key (seed, its high half,
// readout_noise, tile) and counter (block, sample, 0, 0): rotations and additions only, which every
// vector unit has, where the products of RandomStream's Philox are slow.
//
// Two words v, w make two normals by Box-Muller. The radius is sqrt(-2 ln u) with
// u = ((v >> 1) + 1/2) 2^-31 rounded to single precision, which moves the distribution function by
// less than 1e-7. The top bit of w chooses the axis of the plane and the next its sign, the other
// 30 bits the angle within 1/8 turn of it. Logarithm, sine and cosine are polynomials in single
// precision: numbers are within 5e-7 of the radius from the exact value. Nothing exceeds 6.67, as
// one true normal in 4e10 does. The bits are the same whatever compiler and vector unit.
inline constexpr std::size_t kNormalsPerBlock = 4;

// Adds rms * normal to `values`, which holds one row per sample of blocks_per_sample * 4 values:
// value 4 b + k of a row gets normal k of block first_block + b of its sample. Throws bad_input
// when `values` is not a whole number of rows.
void add_normals(const NoiseStream& stream, std::uint32_t first_block,
                 std::size_t blocks_per_sample, float rms, std::span<float> values);

}  // namespace mho::behavioral
