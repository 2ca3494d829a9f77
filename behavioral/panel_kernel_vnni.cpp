// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "behavioral/panel_kernel.h"

namespace mho::behavioral {
namespace {

template <int rows>
void multiply_rectangle(const BytePanelProduct& p, std::ptrdiff_t row) {
    __m512i sum[rows][2];
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) sum[r][0] = sum[r][1] = _mm512_setzero_si512();
    const std::uint8_t* x = p.x + row * p.stride;
    const std::int8_t* panel = p.panel;
    for (std::ptrdiff_t q = 0; q < p.quads; ++q, panel += kPanelWidth * 4) {
        const __m512i left = _mm512_loadu_si512(panel);
        const __m512i right = _mm512_loadu_si512(panel + 64);
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
            std::int32_t four;
            __builtin_memcpy(&four, x + r * p.stride + 4 * q, sizeof(four));
            const __m512i a = _mm512_set1_epi32(four);
            sum[r][0] = _mm512_dpbusd_epi32(sum[r][0], a, left);
            sum[r][1] = _mm512_dpbusd_epi32(sum[r][1], a, right);
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
        std::int32_t* out = p.out + (row + r) * kPanelWidth;
        _mm512_storeu_si512(out, sum[r][0]);
        _mm512_storeu_si512(out + 16, sum[r][1]);
    }
}

template <int rows>
void multiply_rows(const BytePanelProduct& p, std::ptrdiff_t first) {
    std::ptrdiff_t row = first;
    for (; row + rows <= p.count; row += rows) multiply_rectangle<rows>(p, row);
    if constexpr (rows > 1) {
        if (row < p.count) multiply_rows<rows / 2>(p, row);
    }
}

}  // namespace

void multiply_panel_vnni(const BytePanelProduct& product) {
    multiply_rows<12>(product, 0);
}

}  // namespace mho::behavioral
