// SPDX-License-Identifier: Apache-2.0
// The product as every instruction set compiles it. Each number of the result is one chain of
// multiply-adds in the order of depth, so that it depends neither on the width of vectors nor on
// the place in the batch; processors with fused multiply-add all give the same bits.
#pragma once

#include "behavioral/panel_kernel.h"

namespace {

using mho::behavioral::kPanelWidth;
using mho::behavioral::PanelProduct;
using mho::behavioral::WindowPanelProduct;

template <int lanes>
struct FloatsOf {
    typedef float type __attribute__((vector_size(lanes * 4), aligned(4), may_alias));
};

// `rows` samples by `vectors` vectors of columns, all in registers.
template <int lanes, int vectors, int rows>
void multiply_rectangle(const PanelProduct& p, std::ptrdiff_t row, std::ptrdiff_t column) {
    using Floats = typename FloatsOf<lanes>::type;
    Floats sum[rows][vectors] = {};
    const float* x = p.x + row * p.stride;
    const float* panel = p.panel + column;
    for (std::ptrdiff_t k = 0; k < p.depth; ++k, panel += kPanelWidth) {
        const Floats* b = reinterpret_cast<const Floats*>(panel);
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
            const float a = x[r * p.stride + k];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) sum[r][v] += a * b[v];
        }
    }
    for (int r = 0; r < rows; ++r) {
        Floats* out = reinterpret_cast<Floats*>(p.out + (row + r) * kPanelWidth + column);
        for (int v = 0; v < vectors; ++v) out[v] = sum[r][v];
    }
}

template <int lanes, int vectors, int rows>
void multiply_rows(const PanelProduct& p, std::ptrdiff_t first) {
    std::ptrdiff_t row = first;
    for (; row + rows <= p.count; row += rows) {
        for (std::ptrdiff_t column = 0; column < kPanelWidth; column += lanes * vectors) {
            multiply_rectangle<lanes, vectors, rows>(p, row, column);
        }
    }
    if constexpr (rows > 1) {
        if (row < p.count) multiply_rows<lanes, vectors, rows / 2>(p, row);
    }
}

// `rows` windows, `step` (0: any) apart, by `vectors` vectors of columns.
template <int lanes, int vectors, int rows, int step>
void multiply_window_rectangle(const WindowPanelProduct& p, std::ptrdiff_t row,
                               std::ptrdiff_t column) {
    using Floats = typename FloatsOf<lanes>::type;
    Floats sum[rows][vectors] = {};
    const std::ptrdiff_t apart = step > 0 ? step : p.step;
    const float* x = p.x + row * apart;
    const float* panel = p.panel + column;
    for (std::ptrdiff_t k = 0; k < p.depth; ++k, panel += kPanelWidth) {
        const Floats* b = reinterpret_cast<const Floats*>(panel);
        const float* at = x + p.offset[k];
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
            const float a = at[r * apart];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) sum[r][v] += a * b[v];
        }
    }
    for (int r = 0; r < rows; ++r) {
        Floats* out = reinterpret_cast<Floats*>(p.out + (row + r) * p.width + column);
        for (int v = 0; v < vectors; ++v) out[v] = sum[r][v];
    }
}

// `count` of them, `rows` at most.
template <int lanes, int vectors, int rows, int step>
void multiply_some_windows(const WindowPanelProduct& p, std::ptrdiff_t row, std::ptrdiff_t count,
                           std::ptrdiff_t column) {
    if (count == rows) {
        multiply_window_rectangle<lanes, vectors, rows, step>(p, row, column);
    } else if constexpr (rows > 1) {
        multiply_some_windows<lanes, vectors, rows - 1, step>(p, row, count, column);
    }
}

// In rectangles of as equal numbers of windows as can be, at most `rows`.
template <int lanes, int vectors, int rows, int step>
void multiply_window_rows(const WindowPanelProduct& p) {
    const std::ptrdiff_t rectangles = (p.count + rows - 1) / rows;
    std::ptrdiff_t row = 0;
    for (std::ptrdiff_t left = rectangles; left > 0; --left) {
        const std::ptrdiff_t count = (p.count - row + left - 1) / left;
        for (std::ptrdiff_t column = 0; column < p.width; column += lanes * vectors) {
            multiply_some_windows<lanes, vectors, rows, step>(p, row, count, column);
        }
        row += count;
    }
}

template <int lanes, int vectors, int rows>
void multiply_windows(const WindowPanelProduct& p) {
    if (p.step == 1) {
        multiply_window_rows<lanes, vectors, rows, 1>(p);
    } else if (p.step == 2) {
        multiply_window_rows<lanes, vectors, rows, 2>(p);
    } else {
        multiply_window_rows<lanes, vectors, rows, 0>(p);
    }
}

}  // namespace
