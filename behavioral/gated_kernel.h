// SPDX-License-Identifier: Apache-2.0
// Innermost loops of behavioral/gated_slices.h. As with behavioral/panel_kernel.h each instruction
// set has a source file of its own, which includes nothing with inline functions of others.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mho::behavioral {

// Rows in blocks of at most 63, all of `rows` but the last.
struct GateBlocks {
    std::ptrdiff_t count;
    std::ptrdiff_t rows;
    std::ptrdiff_t last_rows;
};

// masks[slice * blocks.count + block]: bit i is bit `slice` of codes[block * blocks.rows + i]. 64
// codes from any block's first one on must be readable.
struct GateBits {
    const std::uint8_t* codes;
    GateBlocks blocks;
    int slices;
    std::uint64_t* masks;
};
void gate_masks_any(const GateBits& bits);
void gate_masks_avx512(const GateBits& bits);

// out (count x width, `out_stride` apart) = sum over slices of weight * (current of the positive
// minus current of the negative bitline). `panel` holds, for each row of a block and then once
// zeros, the conductances of `width` (16 or 32) positive and as many negative cells.
struct GatedPanel {
    const std::uint64_t* masks;  // of the first sample's first slice: slices x blocks
    std::ptrdiff_t mask_stride;  // from sample to sample
    std::ptrdiff_t count;        // samples
    int slices;
    const float* weight;  // of each slice
    GateBlocks blocks;
    const float* panel;
    std::ptrdiff_t width;
    const float* ohm;  // of 0 .. blocks.rows segments
    float sense_ohm;
    float* out;
    std::ptrdiff_t out_stride;
};
void climb_panel_any(const GatedPanel& panel);
void climb_panel_avx2(const GatedPanel& panel);
void climb_panel_avx512(const GatedPanel& panel);

}  // namespace mho::behavioral
