// SPDX-License-Identifier: Apache-2.0
#include "behavioral/packed_matrix.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

constexpr Index kSamplesAtOnce = 48;  // whose integers stay in the fastest cache

Index panels_for(Index columns) {
    return (columns + kPanelWidth - 1) / kPanelWidth;
}

using Kernel = void (*)(const PanelProduct&);

Kernel best_kernel() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return multiply_panel_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiply_panel_avx2;
#endif
    return multiply_panel_any;
}

using WindowKernel = void (*)(const WindowPanelProduct&);

WindowKernel best_window_kernel() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return multiply_windows_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return multiply_windows_avx2;
    }
#endif
    return multiply_windows_any;
}

MHO_SIMD_CLONES void subtract_as_float(const std::int32_t* sums, const std::int32_t* correction,
                                       Index count, float* out) {
    for (Index s = 0; s < count; ++s) {
        for (Index j = 0; j < kPanelWidth; ++j) {
            out[s * kPanelWidth + j] =
                static_cast<float>(sums[s * kPanelWidth + j] - correction[j]);
        }
    }
}

}  // namespace

Index sample_stride(Index depth, Index bytes_per_number) {
    const Index line = 64 / bytes_per_number;
    return ((depth + line - 1) / line | 1) * line;
}

PackedMatrix::PackedMatrix(const Eigen::Ref<const Eigen::MatrixXd>& matrix)
    : depth_(matrix.rows()),
      columns_(matrix.cols()),
      panels_(panels_for(matrix.cols())),
      values_(static_cast<std::size_t>(panels_ * depth_ * kPanelWidth)) {
    for (Index j = 0; j < matrix.cols(); ++j) {
        float* column = values_.data() + j / kPanelWidth * depth_ * kPanelWidth + j % kPanelWidth;
        for (Index k = 0; k < depth_; ++k) {
            column[k * kPanelWidth] = static_cast<float>(matrix(k, j));
        }
    }
}

void PackedMatrix::multiply(const float* samples, Index stride, Index count, Index panel,
                            float* out) const {
    static const Kernel kernel = best_kernel();
    kernel({samples, stride, count, depth_, values_.data() + panel * depth_ * kPanelWidth, out});
}

void PackedMatrix::multiply_windows(const Windows& windows, Index panel, float* out) const {
    static const WindowKernel kernel = best_window_kernel();
    kernel({windows.x, windows.offset, windows.step, windows.count, depth_,
            values_.data() + panel * depth_ * kPanelWidth, width(panel), out});
}

bool PackedBytes::supported() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
#else
    return false;
#endif
}

PackedBytes::PackedBytes(const Eigen::Ref<const Eigen::MatrixXd>& matrix, std::int32_t bias)
    : quads_((matrix.rows() + 3) / 4),
      values_(static_cast<std::size_t>(panels_for(matrix.cols()) * quads_ * kPanelWidth * 4)),
      correction_(static_cast<std::size_t>(panels_for(matrix.cols()) * kPanelWidth)) {
    for (Index j = 0; j < matrix.cols(); ++j) {
        std::int8_t* column =
            values_.data() + (j / kPanelWidth * quads_ * kPanelWidth + j % kPanelWidth) * 4;
        for (Index k = 0; k < matrix.rows(); ++k) {
            const auto value = static_cast<std::int32_t>(matrix(k, j));
            column[k / 4 * kPanelWidth * 4 + k % 4] = static_cast<std::int8_t>(value);
            correction_.data()[j] += bias * value;
        }
    }
}

void PackedBytes::multiply(const std::uint8_t* samples, Index stride, Index count, Index panel,
                           float* out) const {
#if defined(__x86_64__)
    std::array<std::int32_t, kSamplesAtOnce * kPanelWidth> sums;
    for (Index first = 0; first < count; first += kSamplesAtOnce) {
        const Index part = std::min(kSamplesAtOnce, count - first);
        multiply_panel_vnni({samples + first * stride, stride, part, quads_,
                             values_.data() + panel * quads_ * kPanelWidth * 4, sums.data()});
        subtract_as_float(sums.data(), correction_.data() + panel * kPanelWidth, part,
                          out + first * kPanelWidth);
    }
#else
    static_cast<void>(samples), static_cast<void>(stride), static_cast<void>(count);
    static_cast<void>(panel), static_cast<void>(out);
#endif
}

}  // namespace mho::behavioral
