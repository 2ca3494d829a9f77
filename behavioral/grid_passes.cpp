// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_passes.h"

#include <algorithm>
#include <cmath>

#include "behavioral/simd.h"

// Kernels are inlined into one function per number type, compiled for several vector widths.
#define MHO_INLINE [[gnu::always_inline]] inline

namespace mho::behavioral {
namespace {

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

template <bool kVaried, typename Real>
MHO_INLINE void start(const GridCoefficients<Real>& grid, const CgState<Real>& cg, Real unit) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row) * n;
        const Index first = row * grid.width;
        const Pack* g = packs(grid.g + first);
        Pack* r = packs(cg.r + first);
        Pack* line = packs(cg.scratch);
        for (Index e = 0; e < count; ++e) line[e] = unit * r[e];
        solve_rows<kVaried>(grid, row, cg.scratch);
        for (Index e = 0; e < count; ++e) r[e] = -(g[e] * line[e]);
        for (Real* zeroed : {cg.x, cg.p, cg.s, cg.u}) {
            std::fill_n(zeroed + first, count * kPack, Real{0});
        }
    }
}

template <bool kVaried, typename Real>
MHO_INLINE double direction(const GridCoefficients<Real>& grid, const CgState<Real>& cg,
                            Real beta) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    double total = 0;
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row) * n;
        const Index start = row * grid.width;
        const Pack* g = packs(grid.g + start);
        const Pack* r = packs(static_cast<const Real*>(cg.r + start));
        Pack* p = packs(cg.p + start);
        Pack* s = packs(cg.s + start);
        Pack* u = packs(cg.u + start);
        Pack* line = packs(cg.scratch);
        for (Index e = 0; e < count; ++e) {
            p[e] = u[e] + beta * p[e];
            s[e] = r[e] + beta * s[e];
            line[e] = g[e] * p[e];
        }
        solve_rows<kVaried>(grid, row, cg.scratch);
        Pack sum = {};
        for (Index e = 0; e < count; ++e) {
            u[e] = s[e] - g[e] * line[e];
            sum += p[e] * u[e];
        }
        total += sum_of(sum);
    }
    return total;
}

template <bool kVaried, typename Real>
MHO_INLINE double step(const GridCoefficients<Real>& grid, const CgState<Real>& cg, Real alpha) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    for (Index row = 0; row < grid.rows; ++row) {
        const Index start = row * grid.width;
        const Pack* p = packs(static_cast<const Real*>(cg.p + start));
        Pack* x = packs(cg.x + start);
        Pack* r = packs(cg.r + start);
        Pack* u = packs(cg.u + start);
        const Pack* above = row > 0 ? u - n : u;
        const Pack* ratio = packs(grid.column_ratio + (row > 0 ? start - grid.width : 0));
        for (Index e = 0; e < n; ++e) {
            x[e] += alpha * p[e];
            const Pack rest = r[e] - alpha * u[e];
            r[e] = rest;
            u[e] = row > 0 ? rest + ratio[e] * above[e] : rest;
        }
    }
    double total = 0;
    for (Index row = grid.rows - 1; row >= 0; --row) {
        const Index start = row * grid.width;
        const bool last = row + 1 == grid.rows;
        const Real ohm = last ? grid.column_end_ohm : grid.column_ohm;
        const Pack* r = packs(static_cast<const Real*>(cg.r + start));
        const Pack* ratio = packs(grid.column_ratio + start);
        Pack* u = packs(cg.u + start);
        const Pack* below = last ? u : u + n;
        const Pack* ohms = kVaried ? packs(grid.column_ohms + start) : nullptr;
        Pack sum = {};
        for (Index e = 0; e < n; ++e) {
            const Pack fall = kVaried ? ohms[e] * u[e] : ohm * u[e];
            u[e] = ratio[e] * (last ? fall : below[e] + fall);
            sum += r[e] * u[e];
        }
        total += sum_of(sum);
    }
    return total;
}

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
            changed[e] += outer.scale * __builtin_convertvector(x[e], DoublePack);
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

MHO_SIMD_CLONES void start_float(const GridCoefficients<float>& grid, const CgState<float>& cg,
                                 float unit) {
    grid.row_ohms ? start<true>(grid, cg, unit) : start<false>(grid, cg, unit);
}
MHO_SIMD_CLONES void start_double(const GridCoefficients<double>& grid, const CgState<double>& cg,
                                  double unit) {
    grid.row_ohms ? start<true>(grid, cg, unit) : start<false>(grid, cg, unit);
}
MHO_SIMD_CLONES double direction_float(const GridCoefficients<float>& grid,
                                       const CgState<float>& cg, float beta) {
    return grid.row_ohms ? direction<true>(grid, cg, beta) : direction<false>(grid, cg, beta);
}
MHO_SIMD_CLONES double direction_double(const GridCoefficients<double>& grid,
                                        const CgState<double>& cg, double beta) {
    return grid.row_ohms ? direction<true>(grid, cg, beta) : direction<false>(grid, cg, beta);
}
MHO_SIMD_CLONES double step_float(const GridCoefficients<float>& grid, const CgState<float>& cg,
                                  float alpha) {
    return grid.row_ohms ? step<true>(grid, cg, alpha) : step<false>(grid, cg, alpha);
}
MHO_SIMD_CLONES double step_double(const GridCoefficients<double>& grid, const CgState<double>& cg,
                                   double alpha) {
    return grid.row_ohms ? step<true>(grid, cg, alpha) : step<false>(grid, cg, alpha);
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
void cg_start(const GridCoefficients<float>& grid, const CgState<float>& cg, float unit) {
    start_float(grid, cg, unit);
}
template <>
void cg_start(const GridCoefficients<double>& grid, const CgState<double>& cg, double unit) {
    start_double(grid, cg, unit);
}
template <>
double cg_direction(const GridCoefficients<float>& grid, const CgState<float>& cg, float beta) {
    return direction_float(grid, cg, beta);
}
template <>
double cg_direction(const GridCoefficients<double>& grid, const CgState<double>& cg, double beta) {
    return direction_double(grid, cg, beta);
}
template <>
double cg_step(const GridCoefficients<float>& grid, const CgState<float>& cg, float alpha) {
    return step_float(grid, cg, alpha);
}
template <>
double cg_step(const GridCoefficients<double>& grid, const CgState<double>& cg, double alpha) {
    return step_double(grid, cg, alpha);
}
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
