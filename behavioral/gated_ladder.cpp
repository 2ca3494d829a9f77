// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_ladder.h"

#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

// One column block's share of a pack: as many as fill a vector register of the widest kind.
template <typename Real>
struct PackOf {
    typedef Real type __attribute__((vector_size(64), aligned(sizeof(Real)), may_alias));
};
constexpr int kPacks = 8;

template <typename Real>
[[gnu::always_inline]] inline auto packs(Real* values) {
    return reinterpret_cast<typename PackOf<Real>::type*>(values);
}
template <typename Real>
[[gnu::always_inline]] inline auto packs(const Real* values) {
    return reinterpret_cast<const typename PackOf<Real>::type*>(values);
}

template <typename Real, bool differential>
[[gnu::always_inline]] inline void one_line(const Ladder<Real> ladder) {
    using Pack = typename PackOf<Real>::type;
    Pack* const p_kept = packs(ladder.p);
    Pack* const q_kept = packs(ladder.q);
    Pack* const j_kept = packs(ladder.j);
    Pack p[kPacks], q[kPacks], j[kPacks];
    for (int k = 0; k < kPacks; ++k) {
        p[k] = p_kept[k];
        q[k] = q_kept[k];
        if constexpr (differential) j[k] = j_kept[k];
    }
    if (ladder.rescale) {
        for (int k = 0; k < kPacks; ++k) {
            const Pack scale = Real{1} / q[k];
            p[k] *= scale;
            q[k] = Pack{} + Real{1};
            if constexpr (differential) j[k] *= scale;
        }
    }
    for (const OnRow* on = ladder.begin; on != ladder.end; ++on) {
        const Pack* sum = packs(ladder.sum + on->row * kLadderBlock<Real>);
        const Pack* difference = nullptr;
        if constexpr (differential) {
            difference = packs(ladder.difference + on->row * kLadderBlock<Real>);
        }
        const Real ohm = ladder.ohm * static_cast<Real>(on->gap);
        for (int k = 0; k < kPacks; ++k) {
            if constexpr (differential) j[k] += difference[k] * q[k];
            p[k] += sum[k] * q[k];
            q[k] += ohm * p[k];
        }
    }
    for (int k = 0; k < kPacks; ++k) p_kept[k] = p[k];
    for (int k = 0; k < kPacks; ++k) q_kept[k] = q[k];
    for (int k = 0; differential && k < kPacks; ++k) j_kept[k] = j[k];
}

// As many packs at once as leave registers for both solutions.
template <typename Real>
[[gnu::always_inline]] inline void two_lines(const TwoLines<Real> lines, int first) {
    using Pack = typename PackOf<Real>::type;
    constexpr int n = kPacks / 2;
    Pack* const p_kept = packs(lines.p) + first;
    Pack* const q_kept = packs(lines.q) + first;
    Pack* const p2_kept = packs(lines.p2) + first;
    Pack* const q2_kept = packs(lines.q2) + first;
    Pack p[n], q[n], p2[n], q2[n];
    for (int k = 0; k < n; ++k) {
        p[k] = p_kept[k];
        q[k] = q_kept[k];
        p2[k] = p2_kept[k];
        q2[k] = q2_kept[k];
    }
    if (lines.rescale) {
        for (int k = 0; k < n; ++k) {
            const Pack scale = Real{1} / q[k], before = packs(lines.n)[first + k];
            packs(lines.n)[first + k] = before * scale;
            packs(lines.s)[first + k] += before * before * (q2[k] * scale);
            p[k] *= scale;
            q[k] = p2[k] = Pack{} + Real{1};
            q2[k] = Pack{};
        }
    }
    for (const OnRow* on = lines.begin; on != lines.end; ++on) {
        const Pack* sum = packs(lines.sum + on->row * kLadderBlock<Real>) + first;
        const Real ohm = lines.ohm * static_cast<Real>(on->gap);
        for (int k = 0; k < n; ++k) {
            p[k] += sum[k] * q[k];
            p2[k] += sum[k] * q2[k];
            q[k] += ohm * p[k];
            q2[k] += ohm * p2[k];
        }
    }
    for (int k = 0; k < n; ++k) p_kept[k] = p[k];
    for (int k = 0; k < n; ++k) q_kept[k] = q[k];
    for (int k = 0; k < n; ++k) p2_kept[k] = p2[k];
    for (int k = 0; k < n; ++k) q2_kept[k] = q2[k];
}

MHO_FUSED_CLONES void one_float(const Ladder<float>& ladder) {
    one_line<float, false>(ladder);
}
MHO_FUSED_CLONES void one_double(const Ladder<double>& ladder) {
    one_line<double, false>(ladder);
}
MHO_FUSED_CLONES void one_float_differential(const Ladder<float>& ladder) {
    one_line<float, true>(ladder);
}
MHO_FUSED_CLONES void one_double_differential(const Ladder<double>& ladder) {
    one_line<double, true>(ladder);
}
MHO_FUSED_CLONES void two_float(const TwoLines<float>& lines) {
    two_lines(lines, 0);
    two_lines(lines, kPacks / 2);
}
MHO_FUSED_CLONES void two_double(const TwoLines<double>& lines) {
    two_lines(lines, 0);
    two_lines(lines, kPacks / 2);
}

}  // namespace

void climb(const Ladder<float>& ladder) {
    ladder.difference != nullptr ? one_float_differential(ladder) : one_float(ladder);
}
void climb(const Ladder<double>& ladder) {
    ladder.difference != nullptr ? one_double_differential(ladder) : one_double(ladder);
}
void climb(const TwoLines<float>& lines) {
    two_float(lines);
}
void climb(const TwoLines<double>& lines) {
    two_double(lines);
}

}  // namespace mho::behavioral
