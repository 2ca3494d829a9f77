// SPDX-License-Identifier: Apache-2.0
// Passes of a quantised multiply over values that are in cache.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>

namespace mho::behavioral {

// sum += scale * values
void add_scaled(const float* values, std::size_t count, float scale, float* sum);

// sum += scale * values^2
void add_scaled_squares(const float* values, Eigen::Index count, float scale, float* sum);

// Integers with what is added to make them positive.
void to_bytes(const float* codes, Eigen::Index count, std::int32_t bias, std::uint8_t* bytes);

// values += sqrt(variance + constant) * normal
void add_noise(const float* normal, const float* variance, std::size_t count, float constant,
               float* values);

// sum += scale * (codes - zero): centred first, so that partial sums stay as small as the results.
void add_decoded(const float* codes, std::size_t count, float zero, float scale, float* sum);

// y = scale * (sum - less)
void finish_row(const float* sum, Eigen::Index count, float less, float scale, float* y);

// y[j * y_stride + s] = scale * sum[s * width + j] for `count` samples s and `columns` columns j.
void finish_transposed(const float* sum, Eigen::Index count, Eigen::Index width,
                       Eigen::Index columns, float scale, float* y, Eigen::Index y_stride);

}  // namespace mho::behavioral
