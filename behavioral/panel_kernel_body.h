// SPDX-License-Identifier: Apache-2.0
// The product as every instruction set compiles it. Each number of the result is one chain of
// multiply-adds in the order of depth, so that it depends neither on the width of vectors nor on
// the place in the batch; processors with fused multiply-add all give the same bits.
#pragma once

#include "behavioral/panel_kernel.h"

namespace {

using mho::behavioral::kPanelWidth;
using mho::behavioral::PanelProduct;

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

}  // namespace
