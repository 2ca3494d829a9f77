// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "behavioral/gated_kernel_body.h"

namespace mho::behavioral {

void gate_masks_avx512(const GateBits& bits) {
    for (std::ptrdiff_t b = 0; b < bits.blocks.count; ++b) {
        const bool last = b + 1 == bits.blocks.count;
        const std::ptrdiff_t rows = last ? bits.blocks.last_rows : bits.blocks.rows;
        const std::uint64_t used = (std::uint64_t{1} << rows) - 1;
        const __m512i codes = _mm512_loadu_si512(bits.codes + b * bits.blocks.rows);
        for (int slice = 0; slice < bits.slices; ++slice) {
            const __m512i bit = _mm512_set1_epi8(static_cast<char>(1u << slice));
            bits.masks[slice * bits.blocks.count + b] = _mm512_test_epi8_mask(codes, bit) & used;
        }
    }
}

void climb_panel_avx512(const GatedPanel& panel) {
    if (panel.width == 16) {
        climb_panel<16, 1, 4, 16, RowsByBits>(panel, 0);
    } else {
        climb_panel<16, 2, 2, 32, RowsByBits>(panel, 0);
    }
}

}  // namespace mho::behavioral
