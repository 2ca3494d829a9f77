// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_kernel_body.h"

namespace mho::behavioral {

// Eight codes at a time: the product gathers one bit of each byte in its highest byte.
void gate_masks_any(const GateBits& bits) {
    std::uint64_t* mask = bits.masks;
    for (int slice = 0; slice < bits.slices; ++slice) {
        for (std::ptrdiff_t b = 0; b < bits.blocks.count; ++b) {
            const bool last = b + 1 == bits.blocks.count;
            const std::ptrdiff_t rows = last ? bits.blocks.last_rows : bits.blocks.rows;
            const std::uint8_t* codes = bits.codes + b * bits.blocks.rows;
            std::uint64_t all = 0;
            for (std::ptrdiff_t i = 0; i < rows; i += 8) {
                std::uint64_t eight = 0;
                for (std::ptrdiff_t k = 0; k < 8; ++k) {
                    eight |= std::uint64_t{codes[i + k]} << 8 * k;
                }
                const std::uint64_t ones = eight >> slice & 0x0101010101010101u;
                all |= (ones * 0x0102040810204080u >> 56) << i;
            }
            *mask++ = all & ((std::uint64_t{1} << rows) - 1);
        }
    }
}

void climb_panel_any(const GatedPanel& panel) {
    climb_panel<4, 1, 2>(panel);
}

}  // namespace mho::behavioral
