// SPDX-License-Identifier: Apache-2.0
// The sweeps of behavioral/grid_passes.h that conjugate gradients are made of.
#include <algorithm>
#include <cmath>

#include "behavioral/grid_lines.h"
#include "behavioral/grid_passes.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using namespace grid_lines;

enum class Kind { varied, plain, coarse };  // of the coefficients

template <typename Real>
Kind kind_of(const GridCoefficients<Real>& grid) {
    if (grid.row_ohms != nullptr) return Kind::varied;
    return grid.coarse_row != nullptr ? Kind::coarse : Kind::plain;
}

template <bool kVaried, typename Real>
MHO_INLINE void begin(const GridCoefficients<Real>& grid, const CgState<Real>& cg,
                      const Drive& drive) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    const DoublePack* column = packs(drive.column_volt);
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row);
        const Pack* g = packs(grid.g + row * grid.width);
        Pack* r = packs(cg.r + row * grid.width);
        Pack* line = packs(cg.scratch);
        for (Index l = 0; l < count; ++l) {
            const double volt = drive.row_volt[row + l];
            for (Index e = 0; e < n; ++e) {
                const Pack source = __builtin_convertvector(drive.unit * (volt + column[e]), Pack);
                line[l * n + e] = g[l * n + e] * source;
            }
        }
        solve_rows<kVaried>(grid, row, cg.scratch);
        for (Index l = 0; l < count; ++l) {
            const double volt = drive.row_volt[row + l];
            Pack sum = {};
            for (Index e = 0; e < n; ++e) {
                const Pack source = __builtin_convertvector(drive.unit * (volt + column[e]), Pack);
                const Pack ampere = g[l * n + e] * (source - line[l * n + e]);
                r[l * n + e] = ampere;
                sum += ampere;
            }
            cg.row_ampere[row + l] = sum_of(sum);
        }
    }
}

template <bool kVaried, typename Real>
MHO_INLINE void start(const GridCoefficients<Real>& grid, const CgState<Real>& cg, Real unit) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row) * n;
        const Pack* g = packs(grid.g + row * grid.width);
        Pack* r = packs(cg.r + row * grid.width);
        Pack* line = packs(cg.scratch);
        for (Index e = 0; e < count; ++e) line[e] = unit * r[e];
        solve_rows<kVaried>(grid, row, cg.scratch);
        for (Index e = 0; e < count; ++e) r[e] = -(g[e] * line[e]);
    }
}

// One row of the coarse functions: the correction itself, and what the wires carry of it.
template <typename Real>
struct CoarseRow {
    Real volt[kCoarse], wire[kCoarse];  // factors of the functions along a row
};

template <typename Real>
MHO_INLINE CoarseRow<Real> weighted(const GridCoefficients<Real>& grid, const double* coarse,
                                    Index row) {
    CoarseRow<Real> out;
    for (Index l = 0; l < kCoarse; ++l) {
        double volt = 0, wire = 0;
        for (Index k = 0; k < kCoarse; ++k) {
            volt += coarse[k * kCoarse + l] * grid.coarse_column[row * kCoarse + k];
            wire += coarse[k * kCoarse + l] * grid.coarse_wire[row * kCoarse + k];
        }
        out.volt[l] = static_cast<Real>(volt);
        out.wire[l] = static_cast<Real>(wire);
    }
    return out;
}

// Of one row: the preconditioned residual becomes part of p, and A_col times it of s.
template <bool kCoarseToo, bool kFirst, typename Real>
MHO_INLINE void direction_row(const GridCoefficients<Real>& grid, const CgState<Real>& cg,
                              Index row, Real beta, Real* scratch_line) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack, start = row * grid.width;
    const Pack* g = packs(grid.g + start);
    const Pack* r = packs(static_cast<const Real*>(cg.r + start));
    const Pack* u = packs(static_cast<const Real*>(cg.u + start));
    Pack* p = packs(cg.p + start);
    Pack* s = packs(cg.s + start);
    Pack* line = packs(scratch_line);
    const Pack* along = kCoarseToo ? packs(grid.coarse_row) : nullptr;
    CoarseRow<Real> factor{};
    if constexpr (kCoarseToo) factor = weighted(grid, cg.coarse, row);
    for (Index e = 0; e < n; ++e) {
        Pack ahead = u[e], wired = r[e];
        if constexpr (kCoarseToo) {
            Pack volt = factor.volt[0] * along[e], wire = factor.wire[0] * along[e];
            for (Index l = 1; l < kCoarse; ++l) {
                volt += factor.volt[l] * along[l * n + e];
                wire += factor.wire[l] * along[l * n + e];
            }
            ahead += volt;
            wired += wire + g[e] * volt;
        }
        if constexpr (!kFirst) {
            ahead += beta * p[e];
            wired += beta * s[e];
        }
        p[e] = ahead;
        s[e] = wired;
        line[e] = g[e] * ahead;
    }
}

template <bool kVaried, bool kCoarseToo, bool kFirst, typename Real>
MHO_INLINE double direction(const GridCoefficients<Real>& grid, const CgState<Real>& cg,
                            Real beta) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    double total = 0;
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        const Index count = std::min(kRowsTogether, grid.rows - row);
        for (Index l = 0; l < count; ++l) {
            direction_row<kCoarseToo, kFirst>(grid, cg, row + l, beta, cg.scratch + l * grid.width);
        }
        solve_rows<kVaried>(grid, row, cg.scratch);
        for (Index l = 0; l < count; ++l) {
            const Index start = (row + l) * grid.width;
            const Pack* g = packs(grid.g + start);
            const Pack* p = packs(static_cast<const Real*>(cg.p + start));
            const Pack* s = packs(static_cast<const Real*>(cg.s + start));
            const Pack* line = packs(static_cast<const Real*>(cg.scratch)) + l * n;
            Pack* u = packs(cg.u + start);
            Pack sum = {}, current = {};
            for (Index e = 0; e < n; ++e) {
                const Pack dropped = g[e] * line[e];
                const Pack applied = s[e] - dropped;
                u[e] = applied;
                sum += p[e] * applied;
                current += g[e] * p[e] - dropped;
            }
            total += sum_of(sum);
            cg.row_change[row + l] = sum_of(current);
        }
    }
    return total;
}

// x += alpha p and r -= alpha u, and the elimination of r along the columns into u.
template <bool kCoarseToo, CgStep kStep, typename Real>
MHO_INLINE void step_down(const GridCoefficients<Real>& grid, const CgState<Real>& cg, Real alpha) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    if constexpr (kCoarseToo) std::fill_n(cg.coarse, kCoarse * kCoarse, 0.0);
    const Pack* along = kCoarseToo ? packs(grid.coarse_row) : nullptr;
    for (Index row = 0; row < grid.rows; ++row) {
        const Index start = row * grid.width;
        const Pack* p = packs(static_cast<const Real*>(cg.p + start));
        Pack* x = packs(cg.x + start);
        Pack* r = packs(cg.r + start);
        Pack* u = packs(cg.u + start);
        const Pack* above = row > 0 ? u - n : u;
        const Pack* ratio = packs(grid.column_ratio + (row > 0 ? start - grid.width : 0));
        Pack part[kCoarse] = {};
        for (Index e = 0; e < n; ++e) {
            Pack rest = r[e];
            if constexpr (kStep == CgStep::first) x[e] = alpha * p[e];
            if constexpr (kStep == CgStep::later) x[e] += alpha * p[e];
            if constexpr (kStep != CgStep::none) {
                rest -= alpha * u[e];
                r[e] = rest;
            }
            u[e] = row > 0 ? rest + ratio[e] * above[e] : rest;
            for (Index l = 0; kCoarseToo && l < kCoarse; ++l) part[l] += along[l * n + e] * rest;
        }
        for (Index l = 0; kCoarseToo && l < kCoarse; ++l) {
            const double sum = sum_of(part[l]);
            for (Index k = 0; k < kCoarse; ++k) {
                cg.coarse[k * kCoarse + l] += grid.coarse_column[row * kCoarse + k] * sum;
            }
        }
    }
}

// The substitution that follows.
template <bool kVaried, typename Real>
MHO_INLINE CgNorm step_up(const GridCoefficients<Real>& grid, const CgState<Real>& cg) {
    using Pack = typename PackOf<Real>::type;
    const Index n = grid.width / kPack;
    CgNorm norm;
    for (Index row = grid.rows - 1; row >= 0; --row) {
        const Index start = row * grid.width;
        const bool last = row + 1 == grid.rows;
        const Real ohm = last ? grid.column_end_ohm : grid.column_ohm;
        const Pack* g = packs(grid.g + start);
        const Pack* r = packs(static_cast<const Real*>(cg.r + start));
        const Pack* ratio = packs(grid.column_ratio + start);
        Pack* u = packs(cg.u + start);
        const Pack* below = last ? u : u + n;
        const Pack* ohms = kVaried ? packs(grid.column_ohms + start) : nullptr;
        Pack sum = {}, excess = {};
        for (Index e = 0; e < n; ++e) {
            const Pack fall = kVaried ? ohms[e] * u[e] : ohm * u[e];
            const Pack found = ratio[e] * (last ? fall : below[e] + fall);
            u[e] = found;
            sum += r[e] * found;
            excess += g[e] * (found < 0 ? -found : found);
        }
        norm.square += sum_of(sum);
        norm.excess += sum_of(excess);
    }
    return norm;
}

template <bool kVaried, bool kCoarseToo, typename Real>
MHO_INLINE double direction_of(const GridCoefficients<Real>& grid, const CgState<Real>& cg,
                               Real beta) {
    return beta == 0 ? direction<kVaried, kCoarseToo, true>(grid, cg, beta)
                     : direction<kVaried, kCoarseToo, false>(grid, cg, beta);
}

template <typename Real>
MHO_INLINE double any_direction(const GridCoefficients<Real>& grid, const CgState<Real>& cg,
                                Real beta) {
    switch (kind_of(grid)) {
        case Kind::varied:
            return direction_of<true, false>(grid, cg, beta);
        case Kind::coarse:
            return direction_of<false, true>(grid, cg, beta);
        default:
            return direction_of<false, false>(grid, cg, beta);
    }
}

template <bool kVaried, bool kCoarseToo, typename Real>
MHO_INLINE CgNorm step_of(const GridCoefficients<Real>& grid, const CgState<Real>& cg, CgStep kind,
                          Real alpha) {
    switch (kind) {
        case CgStep::none:
            step_down<kCoarseToo, CgStep::none>(grid, cg, alpha);
            break;
        case CgStep::first:
            step_down<kCoarseToo, CgStep::first>(grid, cg, alpha);
            break;
        case CgStep::later:
            step_down<kCoarseToo, CgStep::later>(grid, cg, alpha);
            break;
    }
    return step_up<kVaried>(grid, cg);
}

template <typename Real>
MHO_INLINE CgNorm any_step(const GridCoefficients<Real>& grid, const CgState<Real>& cg, CgStep kind,
                           Real alpha) {
    switch (kind_of(grid)) {
        case Kind::varied:
            return step_of<true, false>(grid, cg, kind, alpha);
        case Kind::coarse:
            return step_of<false, true>(grid, cg, kind, alpha);
        default:
            return step_of<false, false>(grid, cg, kind, alpha);
    }
}

// Of a group of rows, for each of the coarse functions along them.
template <typename Real>
MHO_INLINE void coarse_group(const GridCoefficients<Real>& grid, Real* scratch, Index row,
                             double* cells, double* through_rows) {
    using Pack = typename PackOf<Real>::type;
    constexpr Index square = kCoarse * kCoarse;
    const Index n = grid.width / kPack;
    const Index count = std::min(kRowsTogether, grid.rows - row);
    const Pack* along = packs(grid.coarse_row);
    Pack* line = packs(scratch);
    for (Index l = 0; l < kCoarse; ++l) {
        for (Index i = 0; i < count; ++i) {
            const Pack* g = packs(grid.g + (row + i) * grid.width);
            for (Index e = 0; e < n; ++e) line[i * n + e] = g[e] * along[l * n + e];
        }
        solve_rows<false>(grid, row, scratch);
        for (Index i = 0; i < count; ++i) {
            const Pack* g = packs(grid.g + (row + i) * grid.width);
            Pack cell[kCoarse] = {}, through[kCoarse] = {};
            for (Index e = 0; e < n; ++e) {
                const Pack direct = g[e] * along[l * n + e], solved = g[e] * line[i * n + e];
                for (Index m = 0; m < kCoarse; ++m) {
                    cell[m] += along[m * n + e] * direct;
                    through[m] += along[m * n + e] * solved;
                }
            }
            for (Index m = 0; m < kCoarse; ++m) {
                cells[(row + i) * square + m * kCoarse + l] = sum_of(cell[m]);
                through_rows[(row + i) * square + m * kCoarse + l] = sum_of(through[m]);
            }
        }
    }
}

MHO_SIMD_CLONES void begin_float(const GridCoefficients<float>& grid, const CgState<float>& cg,
                                 const Drive& drive) {
    grid.row_ohms ? begin<true>(grid, cg, drive) : begin<false>(grid, cg, drive);
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
    return any_direction(grid, cg, beta);
}
MHO_SIMD_CLONES double direction_double(const GridCoefficients<double>& grid,
                                        const CgState<double>& cg, double beta) {
    return any_direction(grid, cg, beta);
}
MHO_SIMD_CLONES CgNorm step_float(const GridCoefficients<float>& grid, const CgState<float>& cg,
                                  CgStep kind, float alpha) {
    return any_step(grid, cg, kind, alpha);
}
MHO_SIMD_CLONES CgNorm step_double(const GridCoefficients<double>& grid, const CgState<double>& cg,
                                   CgStep kind, double alpha) {
    return any_step(grid, cg, kind, alpha);
}
MHO_SIMD_CLONES void coarse_float(const GridCoefficients<float>& grid, float* scratch,
                                  double* cells, double* through_rows) {
    for (Index row = 0; row < grid.rows; row += kRowsTogether) {
        coarse_group(grid, scratch, row, cells, through_rows);
    }
}

}  // namespace

void cg_begin(const GridCoefficients<float>& grid, const CgState<float>& cg, const Drive& drive) {
    begin_float(grid, cg, drive);
}
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
CgNorm cg_step(const GridCoefficients<float>& grid, const CgState<float>& cg, CgStep kind,
               float alpha) {
    return step_float(grid, cg, kind, alpha);
}
template <>
CgNorm cg_step(const GridCoefficients<double>& grid, const CgState<double>& cg, CgStep kind,
               double alpha) {
    return step_double(grid, cg, kind, alpha);
}

void coarse_products(const GridCoefficients<float>& grid, float* scratch, double* cells,
                     double* through_rows) {
    coarse_float(grid, scratch, cells, through_rows);
}

}  // namespace mho::behavioral
