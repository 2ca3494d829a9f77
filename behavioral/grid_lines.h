// SPDX-License-Identifier: Apache-2.0
// What the sweeps of behavioral/grid_passes.h have in common: packs of columns and the solution of
// row wires. For their source files only.
#pragma once

#include "behavioral/grid_passes.h"
#include "behavioral/simd.h"

// Kernels are inlined into one function per number type, compiled for several vector widths.
#define MHO_INLINE [[gnu::always_inline]] inline

namespace mho::behavioral::grid_lines {

using Eigen::Index;

template <typename Real>
struct PackOf {
    typedef Real type __attribute__((vector_size(kPack * sizeof(Real)), may_alias));
};
using DoublePack = PackOf<double>::type;

template <typename Real>
MHO_INLINE auto packs(Real* values) {
    return reinterpret_cast<typename PackOf<Real>::type*>(values);
}
template <typename Real>
MHO_INLINE auto packs(const Real* values) {
    return reinterpret_cast<const typename PackOf<Real>::type*>(values);
}

// Turns eight packs, read as the rows of a square.
template <typename Pack>
MHO_INLINE void turn(Pack* t) {
    // Exchange neighbours, then pairs, then halves.
    for (int i = 0; i < 8; i += 2) {
        const Pack a = t[i], b = t[i + 1];
        t[i] = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
        t[i + 1] = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (const int i : {0, 1, 4, 5}) {
        const Pack a = t[i], b = t[i + 2];
        t[i] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
        t[i + 2] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (int i = 0; i < 4; ++i) {
        const Pack a = t[i], b = t[i + 4];
        t[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
        t[i + 4] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

// Drops along kRowsTogether rows from `row` on in place of the currents injected into them. What
// stands in lines of rows that the array does not have is of no account.
template <bool kVaried, typename Real>
MHO_INLINE void solve_rows(const GridCoefficients<Real>& grid, Index row, Real* lines) {
    using Pack = typename PackOf<Real>::type;
    constexpr Index groups = kRowsTogether / kPack;
    const Index n = grid.width / kPack;
    Pack* line = packs(lines);
    Pack* turned = line + kRowsTogether * n;
    const Pack* ratio = packs(grid.row_ratio + row * grid.width);
    const Pack* ohms = kVaried ? packs(grid.row_ohms + row * grid.width) : nullptr;
    Pack x[groups] = {};
    for (Index e = n - 1; e >= 0; --e) {
        for (Index k = 0; k < groups; ++k) {
            Pack tile[kPack];
            for (Index l = 0; l < kPack; ++l) tile[l] = line[(k * kPack + l) * n + e];
            turn(tile);
            const Index at = k * grid.width + e * kPack;
            for (Index c = kPack - 1; c >= 0; --c) {
                // x holds the current that comes over the next segment.
                x[k] = tile[c] + x[k];
                turned[at + c] = x[k];
                x[k] *= ratio[at + c];
            }
        }
    }
    for (Index k = 0; k < groups; ++k) x[k] = Pack{};
    Real ohm = grid.row_end_ohm;
    for (Index e = 0; e < n; ++e) {
        for (Index k = 0; k < groups; ++k) {
            Pack tile[kPack];
            const Index at = k * grid.width + e * kPack;
            for (Index c = 0; c < kPack; ++c) {
                if constexpr (kVaried) {
                    x[k] = (x[k] + ohms[at + c] * turned[at + c]) * ratio[at + c];
                } else {
                    const Real segment = c == 0 ? ohm : grid.row_ohm;
                    x[k] = (x[k] + segment * turned[at + c]) * ratio[at + c];
                }
                tile[c] = x[k];
            }
            turn(tile);
            for (Index l = 0; l < kPack; ++l) line[(k * kPack + l) * n + e] = tile[l];
        }
        ohm = grid.row_ohm;
    }
}

template <typename Pack>
MHO_INLINE double sum_of(const Pack& pack) {
    double sum = 0;
    for (int k = 0; k < kPack; ++k) sum += static_cast<double>(pack[k]);
    return sum;
}

}  // namespace mho::behavioral::grid_lines
