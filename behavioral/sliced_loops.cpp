// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sliced_loops.h"

#include <cmath>

#include "behavioral/simd.h"

namespace mho::behavioral {

MHO_SIMD_CLONES void add_scaled(const float* values, std::size_t count, float scale, float* sum) {
    for (std::size_t i = 0; i < count; ++i) sum[i] += scale * values[i];
}

MHO_SIMD_CLONES void add_scaled_squares(const float* values, Eigen::Index count, float scale,
                                        float* sum) {
    for (Eigen::Index i = 0; i < count; ++i) sum[i] += scale * (values[i] * values[i]);
}

MHO_SIMD_CLONES void to_bytes(const float* codes, Eigen::Index count, std::int32_t bias,
                              std::uint8_t* bytes) {
    for (Eigen::Index i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(codes[i]) + bias);
    }
}

MHO_SIMD_CLONES void add_noise(const float* normal, const float* variance, std::size_t count,
                               float constant, float* values) {
    for (std::size_t i = 0; i < count; ++i) {
        values[i] += std::sqrt(variance[i] + constant) * normal[i];
    }
}

MHO_SIMD_CLONES void add_decoded(const float* codes, std::size_t count, float zero, float scale,
                                 float* sum) {
    for (std::size_t i = 0; i < count; ++i) sum[i] += scale * (codes[i] - zero);
}

MHO_SIMD_CLONES void finish_row(const float* sum, Eigen::Index count, float less, float scale,
                                float* y) {
    for (Eigen::Index j = 0; j < count; ++j) y[j] = scale * (sum[j] - less);
}

}  // namespace mho::behavioral
