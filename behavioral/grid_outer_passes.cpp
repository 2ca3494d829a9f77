// SPDX-License-Identifier: Apache-2.0
// The sweeps of behavioral/grid_passes.h in double precision, which hold the laws to account.
#include <algorithm>

#include "behavioral/grid_lines.h"
#include "behavioral/grid_passes.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using namespace grid_lines;

// Fills the scratch lines with the drops along `count` packs of rows, driven and with w given.
template <bool kVaried, typename State>
MHO_INLINE void row_drops(const GridCoefficients<double>& grid, const State& outer, Index row,
                          Index count) {
    const Index n = grid.width / kPack;
    const DoublePack* drive = packs(outer.column_volt);
    for (Index l = 0; l < count; ++l) {
        const Index start = (row + l) * grid.width;
        const DoublePack* g = packs(grid.g + start);
        const DoublePack* w = packs(static_cast<const double*>(outer.w + start));
        DoublePack* line = packs(outer.scratch) + l * n;
        const double volt = outer.row_volt[row + l];
        for (Index e = 0; e < n; ++e) line[e] = g[e] * ((volt + drive[e]) - w[e]);
        if (outer.row_source == nullptr) continue;
        const DoublePack* source = packs(outer.row_source + start);
        for (Index e = 0; e < n; ++e) line[e] += source[e];
    }
    solve_rows<kVaried>(grid, row, outer.scratch);
}

template <bool kVaried, typename Real>
MHO_INLINE void outer_rows(const GridCoefficients<double>& grid, const OuterState<Real>& outer) {
    const Index n = grid.width / kPack;
    const DoublePack* drive = packs(outer.column_volt);
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row);
        const auto* x = packs(outer.x + row * grid.width);
        DoublePack* changed = packs(outer.w + row * grid.width);
        for (Index e = 0; e < count * n; ++e) {
            const DoublePack known = outer.from_zero ? DoublePack{} : changed[e];
            changed[e] = known + outer.scale * __builtin_convertvector(x[e], DoublePack);
        }
        row_drops<kVaried>(grid, outer, row, count);
        for (Index l = 0; l < count; ++l) {
            const Index i = row + l, start = i * grid.width;
            const DoublePack* g = packs(grid.g + start);
            const DoublePack* w = packs(static_cast<const double*>(outer.w + start));
            const DoublePack* drop = packs(static_cast<const double*>(outer.scratch)) + l * n;
            const DoublePack* ratio = packs(grid.column_ratio + (i > 0 ? start - grid.width : 0));
            DoublePack* h = packs(outer.h + start);
            const DoublePack* above = i > 0 ? h - n : h;
            const double volt = outer.row_volt[i];
            DoublePack sum = {};
            for (Index e = 0; e < n; ++e) {
                const DoublePack left = (volt + drive[e]) - drop[e];
                const DoublePack injected = g[e] * left;
                sum += g[e] * (left - w[e]);
                h[e] = i > 0 ? injected + ratio[e] * above[e] : injected;
            }
            if (outer.row_source != nullptr) {
                const DoublePack* source = packs(outer.row_source + start);
                for (Index e = 0; e < n; ++e) sum += source[e];
            }
            if (outer.column_source != nullptr) {
                const DoublePack* source = packs(outer.column_source + start);
                for (Index e = 0; e < n; ++e) h[e] += source[e];
            }
            outer.row_ampere[i] = sum_of(sum);
        }
    }
}

template <bool kVaried, typename Real>
MHO_INLINE void outer_columns(const GridCoefficients<double>& grid, OuterState<Real>& outer) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    DoublePack excess = {}, largest = {};
    for (Index row = grid.rows - 1; row >= 0; --row) {
        const Index start = row * grid.width;
        const bool last = row + 1 == grid.rows;
        const double ohm = last ? grid.column_end_ohm : grid.column_ohm;
        const DoublePack* g = packs(grid.g + start);
        const DoublePack* ratio = packs(grid.column_ratio + start);
        const DoublePack* h = packs(static_cast<const double*>(outer.h + start));
        DoublePack* w = packs(outer.w + start);
        const DoublePack* below = last ? w : w + n;
        Pack* r = packs(outer.r + start);
        DoublePack* ampere = packs(outer.column_ampere);
        const DoublePack* ohms = kVaried ? packs(grid.column_ohms + start) : nullptr;
        for (Index e = 0; last && e < n; ++e) ampere[e] = ratio[e] * h[e];
        for (Index e = 0; e < n; ++e) {
            const DoublePack fall = kVaried ? ohms[e] * h[e] : ohm * h[e];
            const DoublePack next = ratio[e] * (last ? fall : below[e] + fall);
            const DoublePack off = g[e] * (w[e] - next);
            const DoublePack size = off < 0 ? -off : off;
            w[e] = next;
            r[e] = __builtin_convertvector(off, Pack);
            excess += size;
            largest = size > largest ? size : largest;
        }
    }
    outer.excess = sum_of(excess);
    outer.largest = 0;
    for (int k = 0; k < kPack; ++k) outer.largest = std::max(outer.largest, largest[k]);
}

template <bool kVaried>
MHO_INLINE void cells(const GridCoefficients<double>& grid, const OuterState<float>& outer) {
    const Index n = grid.width / kPack;
    const DoublePack* drive = packs(outer.column_volt);
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row);
        row_drops<kVaried>(grid, outer, row, count);
        for (Index l = 0; l < count; ++l) {
            const DoublePack* drop = packs(static_cast<const double*>(outer.scratch)) + l * n;
            DoublePack* w = packs(outer.w + (row + l) * grid.width);
            DoublePack* h = packs(outer.h + (row + l) * grid.width);
            const double volt = outer.row_volt[row + l];
            for (Index e = 0; e < n; ++e) {
                const DoublePack wire = (volt + drive[e]) - drop[e];
                h[e] = wire;
                w[e] = wire - w[e];
            }
        }
    }
}

template <bool kVaried, typename Real>
MHO_INLINE void outer_both(const GridCoefficients<double>& grid, OuterState<Real>& outer) {
    outer_rows<kVaried>(grid, outer);
    outer_columns<kVaried>(grid, outer);
}
MHO_SIMD_CLONES void outer_float(const GridCoefficients<double>& grid, OuterState<float>& outer) {
    grid.row_ohms ? outer_both<true>(grid, outer) : outer_both<false>(grid, outer);
}
MHO_SIMD_CLONES void outer_double(const GridCoefficients<double>& grid, OuterState<double>& outer) {
    grid.row_ohms ? outer_both<true>(grid, outer) : outer_both<false>(grid, outer);
}
MHO_SIMD_CLONES void cells_all(const GridCoefficients<double>& grid,
                               const OuterState<float>& outer) {
    grid.row_ohms ? cells<true>(grid, outer) : cells<false>(grid, outer);
}

}  // namespace

template <>
void outer_step(const GridCoefficients<double>& grid, OuterState<float>& outer) {
    outer_float(grid, outer);
}
template <>
void outer_step(const GridCoefficients<double>& grid, OuterState<double>& outer) {
    outer_double(grid, outer);
}

void find_cell_volts(const GridCoefficients<double>& grid, const OuterState<float>& outer) {
    cells_all(grid, outer);
}

}  // namespace mho::behavioral
