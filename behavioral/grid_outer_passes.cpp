// SPDX-License-Identifier: Apache-2.0
// The sweeps of behavioral/grid_passes.h in double precision, which hold the laws to account.
#include <algorithm>
#include <type_traits>

#include "behavioral/grid_lines.h"
#include "behavioral/grid_passes.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using namespace grid_lines;

// The drops along the column wires that a step starts from: those in memory, or, from zero, the
// correction alone, which is read twice rather than written and read.
struct Known {
    const DoublePack* w;
    MHO_INLINE void read(Index k, DoublePack& drop) const { drop = w[k]; }
};
template <typename Real>
struct Corrected {
    const typename PackOf<Real>::type* x;
    double scale;
    MHO_INLINE void read(Index k, DoublePack& drop) const {
        drop = scale * __builtin_convertvector(x[k], DoublePack);
    }
};

// Fills the scratch lines with the drops along `count` packs of rows, driven and with w given.
template <bool kVaried, typename State, typename Drops>
MHO_INLINE void row_drops(const GridCoefficients<double>& grid, const State& outer,
                          const Drops& drops, Index row, Index count) {
    const Index n = grid.width / kPack;
    const DoublePack* drive = packs(outer.column_volt);
    for (Index l = 0; l < count; ++l) {
        const Index start = (row + l) * grid.width;
        const DoublePack* g = packs(grid.g + start);
        const Index at = (row + l) * n;
        DoublePack* line = packs(outer.scratch) + l * n;
        const double volt = outer.row_volt[row + l];
        for (Index e = 0; e < n; ++e) {
            DoublePack w;
            drops.read(at + e, w);
            line[e] = g[e] * ((volt + drive[e]) - w);
        }
        if (outer.row_source == nullptr) continue;
        const DoublePack* source = packs(outer.row_source + start);
        for (Index e = 0; e < n; ++e) line[e] += source[e];
    }
    solve_rows<kVaried>(grid, row, outer.scratch);
}

template <bool kVaried, typename Real, typename Drops>
MHO_INLINE void outer_rows(const GridCoefficients<double>& grid, const OuterState<Real>& outer,
                           const Drops& drops) {
    const Index n = grid.width / kPack;
    const DoublePack* drive = packs(outer.column_volt);
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row);
        if constexpr (std::is_same_v<Drops, Known>) {
            const auto* x = packs(outer.x + row * grid.width);
            DoublePack* changed = packs(outer.w + row * grid.width);
            for (Index e = 0; e < count * n; ++e) {
                changed[e] += outer.scale * __builtin_convertvector(x[e], DoublePack);
            }
        }
        row_drops<kVaried>(grid, outer, drops, row, count);
        for (Index l = 0; l < count; ++l) {
            const Index i = row + l, start = i * grid.width;
            const DoublePack* g = packs(grid.g + start);
            const DoublePack* drop = packs(static_cast<const double*>(outer.scratch)) + l * n;
            const DoublePack* ratio = packs(grid.column_ratio + (i > 0 ? start - grid.width : 0));
            DoublePack* h = packs(outer.h + start);
            const DoublePack* above = i > 0 ? h - n : h;
            const double volt = outer.row_volt[i];
            DoublePack sum = {};
            for (Index e = 0; e < n; ++e) {
                const DoublePack left = (volt + drive[e]) - drop[e];
                const DoublePack injected = g[e] * left;
                DoublePack w;
                drops.read(i * n + e, w);
                sum += g[e] * (left - w);
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

template <bool kVaried, typename Real, typename Drops>
MHO_INLINE void outer_columns(const GridCoefficients<double>& grid, OuterState<Real>& outer,
                              const Drops& drops) {
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
            DoublePack before;
            drops.read(row * n + e, before);
            const DoublePack off = g[e] * (before - next);
            const DoublePack size = off < 0 ? -off : off;
            w[e] = next;
            if constexpr (std::is_same_v<Drops, Known>) r[e] = __builtin_convertvector(off, Pack);
            excess += size;
            largest = size > largest ? size : largest;
        }
    }
    outer.excess = sum_of(excess);
    outer.largest = 0;
    for (int k = 0; k < kPack; ++k) outer.largest = std::max(outer.largest, largest[k]);
}

// What is done with v - d and w of the pack of cells at `at`.
struct Replace {
    DoublePack* w;
    DoublePack* h;
    MHO_INLINE void use(Index at, const DoublePack& wire, const DoublePack& drop) const {
        h[at] = wire;
        w[at] = wire - drop;
    }
};
struct Copy {
    DoublePack* volt;
    MHO_INLINE void use(Index at, const DoublePack& wire, const DoublePack& drop) const {
        volt[at] = wire - drop;
    }
};
struct AddProduct {
    const DoublePack* factor;
    DoublePack* product;
    MHO_INLINE void use(Index at, const DoublePack& wire, const DoublePack& drop) const {
        product[at] += factor[at] * (wire - drop);
    }
};

template <bool kVaried, typename Cells>
MHO_INLINE void each_cell(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                          const Cells& cells) {
    const Index n = grid.width / kPack;
    const DoublePack* drive = packs(outer.column_volt);
    const DoublePack* w = packs(static_cast<const double*>(outer.w));
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row);
        row_drops<kVaried>(grid, outer, Known{w}, row, count);
        for (Index l = 0; l < count; ++l) {
            const DoublePack* drop = packs(static_cast<const double*>(outer.scratch)) + l * n;
            const Index start = (row + l) * n;
            const double volt = outer.row_volt[row + l];
            for (Index e = 0; e < n; ++e) {
                cells.use(start + e, (volt + drive[e]) - drop[e], w[start + e]);
            }
        }
    }
}

template <typename Cells>
MHO_INLINE void each_cell(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                          const Cells& cells) {
    grid.row_ohms ? each_cell<true>(grid, outer, cells) : each_cell<false>(grid, outer, cells);
}

template <bool kVaried, typename Real>
MHO_INLINE void outer_both(const GridCoefficients<double>& grid, OuterState<Real>& outer) {
    if (outer.from_zero) {
        const Corrected<Real> drops{packs(outer.x), outer.scale};
        outer_rows<kVaried>(grid, outer, drops);
        outer_columns<kVaried>(grid, outer, drops);
    } else {
        const Known drops{packs(static_cast<const double*>(outer.w))};
        outer_rows<kVaried>(grid, outer, drops);
        outer_columns<kVaried>(grid, outer, drops);
    }
}
MHO_SIMD_CLONES void outer_float(const GridCoefficients<double>& grid, OuterState<float>& outer) {
    grid.row_ohms ? outer_both<true>(grid, outer) : outer_both<false>(grid, outer);
}
MHO_SIMD_CLONES void outer_double(const GridCoefficients<double>& grid, OuterState<double>& outer) {
    grid.row_ohms ? outer_both<true>(grid, outer) : outer_both<false>(grid, outer);
}
MHO_SIMD_CLONES void cells_all(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                               const Replace& replace) {
    each_cell(grid, outer, replace);
}
MHO_SIMD_CLONES void cells_copied(const GridCoefficients<double>& grid,
                                  const OuterState<float>& outer, const Copy& copy) {
    each_cell(grid, outer, copy);
}
MHO_SIMD_CLONES void cells_multiplied(const GridCoefficients<double>& grid,
                                      const OuterState<float>& outer, const AddProduct& add) {
    each_cell(grid, outer, add);
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
    cells_all(grid, outer, {packs(outer.w), packs(outer.h)});
}

void copy_cell_volts(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                     double* volt) {
    cells_copied(grid, outer, {packs(volt)});
}

void add_cell_products(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                       const double* factor, double* product) {
    cells_multiplied(grid, outer, {packs(factor), packs(product)});
}

}  // namespace mho::behavioral
