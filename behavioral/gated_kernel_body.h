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

// The rows of a block that are on, of `streams` samples side by side, one after the other; behind
// them again and again the block's end. next() gives a row and how far it is from the one before.
struct RowStep {
    std::ptrdiff_t row, gap;
};

template <int streams>
class RowsByBits {
  public:
    // Returns how many the longest has.
    int open(const std::uint64_t* masks, std::ptrdiff_t stride, std::ptrdiff_t end) {
        end_ = std::uint64_t{1} << end;
        int most = 0;
#pragma GCC unroll 4
        for (int s = 0; s < streams; ++s) {
            left_[s] = masks[s * stride];
            at_[s] = 0;
            const int on = __builtin_popcountll(left_[s]);
            most = on > most ? on : most;
        }
        return most;
    }

    RowStep next(int s, std::ptrdiff_t) {
        const std::ptrdiff_t row = __builtin_ctzll(left_[s] | end_), gap = row - at_[s];
        left_[s] &= left_[s] - 1;
        at_[s] = row;
        return {row, gap};
    }

  private:
    std::uint64_t left_[streams];
    std::ptrdiff_t at_[streams];
    std::uint64_t end_ = 0;
};

// One slice and block; the samples' ladders do not wait for each other.
template <int lanes, int vectors, int streams, int width, typename Rows>
[[gnu::always_inline]] inline void climb_block(
    const GatedPanel& job, const float* cells, const std::uint64_t* masks, std::ptrdiff_t end,
    typename GatedFloatsOf<lanes>::type (&p)[streams][2 * vectors],
    typename GatedFloatsOf<lanes>::type (&q)[streams][2 * vectors]) {
    using Floats = typename GatedFloatsOf<lanes>::type;
    Rows rows;
    const std::ptrdiff_t steps = rows.open(masks, job.mask_stride, end);
    for (std::ptrdiff_t t = 0; t <= steps; ++t) {
#pragma GCC unroll 4
        for (int s = 0; s < streams; ++s) {
            const RowStep step = rows.next(s, t);
            const float ohm = job.ohm[step.gap];
            const float* g = cells + step.row * 2 * width;
#pragma GCC unroll 4
            for (int v = 0; v < 2 * vectors; ++v) {
                const float* sign = v < vectors ? g : g + width;
                q[s][v] += ohm * p[s][v];
                p[s][v] += reinterpret_cast<const Floats*>(sign)[v % vectors] * q[s][v];
            }
        }
    }
}

template <int lanes, int vectors, int streams, int width, template <int> typename Rows>
void climb_samples(const GatedPanel& job, std::ptrdiff_t first, std::ptrdiff_t column) {
    using Floats = typename GatedFloatsOf<lanes>::type;
    // On the stack where whole registers are: references to vectors take that for granted.
    alignas(4 * lanes) Floats sum[streams][vectors] = {};
    for (int slice = 0; slice < job.slices; ++slice) {
        const std::uint64_t* masks = job.masks + first * job.mask_stride + slice * job.blocks.count;
        std::uint64_t any = 0;
        for (int s = 0; s < streams; ++s) {
            for (std::ptrdiff_t b = 0; b < job.blocks.count; ++b) {
                any |= masks[s * job.mask_stride + b];
            }
        }
        if (any == 0) continue;
        alignas(4 * lanes) Floats p[streams][2 * vectors] = {};
        alignas(4 * lanes) Floats q[streams][2 * vectors];
#pragma GCC unroll 4
        for (int s = 0; s < streams; ++s) {
#pragma GCC unroll 4
            for (int v = 0; v < 2 * vectors; ++v) q[s][v] = Floats{} + 1.0f;
        }
        const float* cells = job.panel + column;
        for (std::ptrdiff_t b = 0; b < job.blocks.count; ++b) {
            const bool last = b + 1 == job.blocks.count;
            const std::ptrdiff_t rows = last ? job.blocks.last_rows : job.blocks.rows;
            climb_block<lanes, vectors, streams, width, Rows<streams>>(job, cells, masks + b, rows,
                                                                       p, q);
            cells += (rows + 1) * 2 * width;
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

template <int lanes, int vectors, int streams, int width, template <int> typename Rows>
void climb_panel(const GatedPanel& job, std::ptrdiff_t first) {
    std::ptrdiff_t sample = first;
    for (; sample + streams <= job.count; sample += streams) {
        for (std::ptrdiff_t column = 0; column < width; column += lanes * vectors) {
            climb_samples<lanes, vectors, streams, width, Rows>(job, sample, column);
        }
    }
    if constexpr (streams > 1) {
        if (sample < job.count) climb_panel<lanes, vectors, streams / 2, width, Rows>(job, sample);
    }
}

template <int lanes, int vectors, int streams>
void climb_panel(const GatedPanel& job) {
    if (job.width == 16) {
        climb_panel<lanes, vectors, streams, 16, RowsByBits>(job, 0);
    } else {
        climb_panel<lanes, vectors, streams, 32, RowsByBits>(job, 0);
    }
}

}  // namespace
