// SPDX-License-Identifier: Apache-2.0
// Innermost products of behavioral/packed_matrix.h. Each instruction set has a source file of its
// own, compiled for it (CMakeLists.txt), and the processor at hand decides which one runs. These
// files include nothing with inline functions of others, or the linker might keep a copy that not
// every processor can run.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mho::behavioral {

inline constexpr std::ptrdiff_t kPanelWidth = 32;  // columns of a panel

// out (count x kPanelWidth) = x (count x depth, `stride` apart) * panel (depth x kPanelWidth)
struct PanelProduct {
    const float* x;
    std::ptrdiff_t stride;
    std::ptrdiff_t count;
    std::ptrdiff_t depth;
    const float* panel;
    float* out;
};
void multiply_panel_any(const PanelProduct& product);
void multiply_panel_avx2(const PanelProduct& product);
void multiply_panel_avx512(const PanelProduct& product);

// out (count x width) = windows (count x depth) * the first `width` (16 or 32) columns of the
// panel. Value k of window r stands at x[offset[k] + r step], so that windows of an image need not
// be laid out as rows. The same bits as multiply_panel_* of such rows gives.
struct WindowPanelProduct {
    const float* x;
    const std::int32_t* offset;
    std::ptrdiff_t step;
    std::ptrdiff_t count;
    std::ptrdiff_t depth;
    const float* panel;
    std::ptrdiff_t width;
    float* out;
};
void multiply_windows_any(const WindowPanelProduct& product);
void multiply_windows_avx2(const WindowPanelProduct& product);
void multiply_windows_avx512(const WindowPanelProduct& product);

// multiply_panel_* of integers, four neighbours in depth at a time: x (count x 4 quads), panel
// (quads x kPanelWidth x 4).
struct BytePanelProduct {
    const std::uint8_t* x;
    std::ptrdiff_t stride;
    std::ptrdiff_t count;
    std::ptrdiff_t quads;
    const std::int8_t* panel;
    std::int32_t* out;
};
void multiply_panel_vnni(const BytePanelProduct& product);

}  // namespace mho::behavioral
