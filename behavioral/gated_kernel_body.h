// SPDX-License-Identifier: Apache-2.0
// The ladders as every instruction set compiles them: p/q is the conductance towards the sources of
// all that was passed (behavioral/gated_multiply.h). Neither the width of vectors nor the samples
// beside one change its bits; processors with fused multiply-add all give the same.
#pragma once

#include "behavioral/gated_kernel.h"

namespace {

using mho::behavioral::GatedPanel;

template <int lanes>
struct GatedFloatsOf {
    typedef float type __attribute__((vector_size(lanes * 4), aligned(4), may_alias));
};

// The rows of one slice and block for `streams` samples at once, whose ladders do not wait for each
// other. A sample that has no rows left stays at the block's end, where a row of zeros is.
template <int lanes, int vectors, int streams, typename Floats>
[[gnu::always_inline]] inline void climb_block(const GatedPanel& job, const float* cells,
                                               const std::uint64_t* masks, std::ptrdiff_t rows,
                                               Floats (&p)[streams][2 * vectors],
                                               Floats (&q)[streams][2 * vectors]) {
    const std::uint64_t end = rows < 64 ? std::uint64_t{1} << rows : 0;
    std::uint64_t left[streams];
    std::ptrdiff_t at[streams];
    int steps = 0;
#pragma GCC unroll 4
    for (int s = 0; s < streams; ++s) {
        left[s] = masks[s * job.mask_stride];
        at[s] = 0;
        const int on = __builtin_popcountll(left[s]);
        steps = on > steps ? on : steps;
    }
    for (; steps > 0; --steps) {
#pragma GCC unroll 4
        for (int s = 0; s < streams; ++s) {
            const std::uint64_t next = left[s] | end;
            const std::ptrdiff_t row = next != 0 ? __builtin_ctzll(next) : 64;
            left[s] &= left[s] - 1;
            const float ohm = job.ohm[row - at[s]];
            at[s] = row;
            const float* g = cells + row * 2 * job.width;
#pragma GCC unroll 4
            for (int v = 0; v < 2 * vectors; ++v) {
                const float* sign = v < vectors ? g : g + job.width;
                q[s][v] += ohm * p[s][v];
                p[s][v] += reinterpret_cast<const Floats*>(sign)[v % vectors] * q[s][v];
            }
        }
    }
#pragma GCC unroll 4
    for (int s = 0; s < streams; ++s) {
        const float ohm = job.ohm[rows - at[s]];
#pragma GCC unroll 4
        for (int v = 0; v < 2 * vectors; ++v) q[s][v] += ohm * p[s][v];
    }
}

template <int lanes, int vectors, int streams>
void climb_samples(const GatedPanel& job, std::ptrdiff_t first, std::ptrdiff_t column) {
    using Floats = typename GatedFloatsOf<lanes>::type;
    Floats sum[streams][vectors] = {};
    for (int slice = 0; slice < job.slices; ++slice) {
        const std::uint64_t* masks =
            job.masks + first * job.mask_stride + slice * job.blocks.count;
        std::uint64_t any = 0;
        for (int s = 0; s < streams; ++s) {
            for (std::ptrdiff_t b = 0; b < job.blocks.count; ++b) {
                any |= masks[s * job.mask_stride + b];
            }
        }
        if (any == 0) continue;
        Floats p[streams][2 * vectors] = {}, q[streams][2 * vectors];
#pragma GCC unroll 4
        for (int s = 0; s < streams; ++s) {
#pragma GCC unroll 4
            for (int v = 0; v < 2 * vectors; ++v) q[s][v] = Floats{} + 1.0f;
        }
        const float* cells = job.panel + column;
        for (std::ptrdiff_t b = 0; b < job.blocks.count; ++b) {
            const bool last = b + 1 == job.blocks.count;
            const std::ptrdiff_t rows = last ? job.blocks.last_rows : job.blocks.rows;
            climb_block<lanes, vectors, streams>(job, cells, masks + b, rows, p, q);
            cells += (rows + 1) * 2 * job.width;
        }
        const float weight = job.weight[slice], sense = job.sense_ohm;
#pragma GCC unroll 4
        for (int s = 0; s < streams; ++s) {
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) {
                const Floats positive = q[s][v] + sense * p[s][v];
                const Floats negative = q[s][v + vectors] + sense * p[s][v + vectors];
                const Floats both = p[s][v] * negative - p[s][v + vectors] * positive;
                sum[s][v] += weight * (both / (positive * negative));
            }
        }
    }
    for (int s = 0; s < streams; ++s) {
        Floats* out = reinterpret_cast<Floats*>(job.out + (first + s) * job.out_stride + column);
        for (int v = 0; v < vectors; ++v) out[v] = sum[s][v];
    }
}

template <int lanes, int vectors, int streams>
void climb_panel(const GatedPanel& job, std::ptrdiff_t first) {
    std::ptrdiff_t sample = first;
    for (; sample + streams <= job.count; sample += streams) {
        for (std::ptrdiff_t column = 0; column < job.width; column += lanes * vectors) {
            climb_samples<lanes, vectors, streams>(job, sample, column);
        }
    }
    if constexpr (streams > 1) {
        if (sample < job.count) climb_panel<lanes, vectors, streams / 2>(job, sample);
    }
}

}  // namespace
