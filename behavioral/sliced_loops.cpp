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

namespace {

// 4 x 4 numbers at a time, whose rows become columns.
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

[[gnu::always_inline]] inline void transpose_four(const float* from, Eigen::Index from_stride,
                                                  float scale, float* to, Eigen::Index to_stride) {
    const auto row = [&](Eigen::Index r) {
        return *reinterpret_cast<const Four*>(from + r * from_stride) * scale;
    };
    const Four a = row(0), b = row(1), c = row(2), d = row(3);
    const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const auto put = [&](Eigen::Index r, const Four& value) {
        *reinterpret_cast<Four*>(to + r * to_stride) = value;
    };
    put(0, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
    put(1, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
    put(2, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
    put(3, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

}  // namespace

void finish_transposed(const float* sum, Eigen::Index count, Eigen::Index width,
                       Eigen::Index columns, float scale, float* y, Eigen::Index y_stride) {
    const Eigen::Index whole_samples = count / 4 * 4, whole_columns = columns / 4 * 4;
    for (Eigen::Index j = 0; j < whole_columns; j += 4) {
        for (Eigen::Index s = 0; s < whole_samples; s += 4) {
            transpose_four(sum + s * width + j, width, scale, y + j * y_stride + s, y_stride);
        }
    }
    for (Eigen::Index s = 0; s < count; ++s) {
        const Eigen::Index first = s < whole_samples ? whole_columns : 0;
        for (Eigen::Index j = first; j < columns; ++j) {
            y[j * y_stride + s] = scale * sum[s * width + j];
        }
    }
}

}  // namespace mho::behavioral
