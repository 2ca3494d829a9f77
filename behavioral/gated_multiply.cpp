// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_multiply.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/simd.h"

namespace mho::behavioral {

// A row that is on: where its cells are, and the segments from it to the next row that is on, or to
// the last row.
struct OnRow {
    Eigen::Index row;
    Eigen::Index gap;
};

// The rows of a gate vector that are on, and where among them each group of rows starts.
struct OnRows {
    std::vector<OnRow> rows;
    std::vector<std::size_t> group;
};

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kBlockBytes = 512;  // of neighbouring columns worked on at once

template <typename Real>
constexpr Index kBlock = kBlockBytes / static_cast<Index>(sizeof(Real));

// One column block's share of a pack: as many as fill a vector register of the widest kind.
template <typename Real>
struct PackOf {
    typedef Real type __attribute__((vector_size(64), aligned(sizeof(Real)), may_alias));
    static constexpr Index kSize = 64 / static_cast<Index>(sizeof(Real));
};
constexpr int kPacks = kBlockBytes / 64;

// State of one gate vector in a block of columns, kBlock values each.
template <typename Real>
struct Ladder {
    const Real* sum;
    const Real* difference;
    const OnRow* begin;
    const OnRow* end;
    Real ohm;
    Real* p;
    Real* q;
    Real* j;
};

// Over the rows begin .. end that are on, from q = any to q = any, with p / q and j / q kept.
template <typename Real, bool differential>
[[gnu::always_inline]] inline void climb(const Ladder<Real>& ladder) {
    using Pack = typename PackOf<Real>::type;
    Pack p[kPacks], q[kPacks], j[kPacks];
    for (int k = 0; k < kPacks; ++k) {
        const Pack scale = Real{1} / reinterpret_cast<const Pack*>(ladder.q)[k];
        p[k] = reinterpret_cast<const Pack*>(ladder.p)[k] * scale;
        q[k] = Pack{} + Real{1};
        if constexpr (differential) j[k] = reinterpret_cast<const Pack*>(ladder.j)[k] * scale;
    }
    for (const OnRow* on = ladder.begin; on != ladder.end; ++on) {
        const Pack* sum = reinterpret_cast<const Pack*>(ladder.sum + on->row * kBlock<Real>);
        const Pack* difference = nullptr;
        if constexpr (differential) {
            difference = reinterpret_cast<const Pack*>(ladder.difference + on->row * kBlock<Real>);
        }
        const Real ohm = ladder.ohm * static_cast<Real>(on->gap);
        for (int k = 0; k < kPacks; ++k) {
            if constexpr (differential) j[k] += difference[k] * q[k];
            p[k] += sum[k] * q[k];
            q[k] += ohm * p[k];
        }
    }
    for (int k = 0; k < kPacks; ++k) {
        reinterpret_cast<Pack*>(ladder.p)[k] = p[k];
        reinterpret_cast<Pack*>(ladder.q)[k] = q[k];
        if constexpr (differential) reinterpret_cast<Pack*>(ladder.j)[k] = j[k];
    }
}

MHO_SIMD_CLONES void climb_float(const Ladder<float>& ladder) {
    climb<float, false>(ladder);
}
MHO_SIMD_CLONES void climb_double(const Ladder<double>& ladder) {
    climb<double, false>(ladder);
}
MHO_SIMD_CLONES void climb_float_differential(const Ladder<float>& ladder) {
    climb<float, true>(ladder);
}
MHO_SIMD_CLONES void climb_double_differential(const Ladder<double>& ladder) {
    climb<double, true>(ladder);
}

void climb_block(const Ladder<float>& ladder, bool differential) {
    differential ? climb_float_differential(ladder) : climb_float(ladder);
}
void climb_block(const Ladder<double>& ladder, bool differential) {
    differential ? climb_double_differential(ladder) : climb_double(ladder);
}

// Topology B with resistance in the source lines: P, M and Y of a block of columns.
template <typename Real>
struct TwoLines {
    const Real* sum;
    const OnRow* begin;
    const OnRow* end;
    Real source_ohm;
    Real column_ohm;
    Real* p;
    Real* m;
    Real* y;
};

template <typename Real>
[[gnu::always_inline]] inline void climb_two_lines(const TwoLines<Real>& lines) {
    using Pack = typename PackOf<Real>::type;
    Pack p[kPacks] = {}, m[kPacks], y[kPacks] = {};
    for (Pack& value : m) value = Pack{} + Real{1};
    for (const OnRow* on = lines.begin; on != lines.end; ++on) {
        const Pack* g = reinterpret_cast<const Pack*>(lines.sum + on->row * kBlock<Real>);
        const Real rs = lines.source_ohm * static_cast<Real>(on->gap);
        const Real ro = lines.column_ohm * static_cast<Real>(on->gap);
        for (int k = 0; k < kPacks; ++k) {
            p[k] += g[k];
            const Pack share = Real{1} / (Real{1} + (rs + ro) * p[k]);
            const Pack other = Real{1} - m[k];
            y[k] += (rs * m[k] * m[k] + ro * other * other + rs * ro * p[k]) * share;
            m[k] = (m[k] + ro * p[k]) * share;
            p[k] *= share;
        }
    }
    for (int k = 0; k < kPacks; ++k) {
        reinterpret_cast<Pack*>(lines.p)[k] = p[k];
        reinterpret_cast<Pack*>(lines.m)[k] = m[k];
        reinterpret_cast<Pack*>(lines.y)[k] = y[k];
    }
}

MHO_SIMD_CLONES void two_lines_float(const TwoLines<float>& lines) {
    climb_two_lines(lines);
}
MHO_SIMD_CLONES void two_lines_double(const TwoLines<double>& lines) {
    climb_two_lines(lines);
}

void two_lines(const TwoLines<float>& lines) {
    two_lines_float(lines);
}
void two_lines(const TwoLines<double>& lines) {
    two_lines_double(lines);
}

OnRows find_on_rows(const Eigen::Ref<const GateMatrix>& gates, Index vector, Index at_once) {
    OnRows on;
    for (Index i = 0; i < gates.cols(); ++i) {
        if (i % at_once == 0) on.group.push_back(on.rows.size());
        if (gates(vector, i) == 0) continue;
        if (!on.rows.empty()) on.rows.back().gap = i - on.rows.back().row;
        on.rows.push_back({i, gates.cols() - 1 - i});
    }
    on.group.push_back(on.rows.size());
    return on;
}

template <typename Real>
std::vector<Real> in_blocks(const MatrixXd& values, double unit, Index width) {
    std::vector<Real> blocks(static_cast<std::size_t>(values.rows() * width), Real{0});
    for (Index j = 0; j < values.cols(); ++j) {
        const Index start = j / kBlock<Real> * kBlock<Real> * values.rows() + j % kBlock<Real>;
        for (Index i = 0; i < values.rows(); ++i) {
            blocks[static_cast<std::size_t>(start + i * kBlock<Real>)] =
                static_cast<Real>(values(i, j) / unit);
        }
    }
    return blocks;
}

}  // namespace

template <typename Real>
GatedArray<Real>::GatedArray(const MatrixXd& sum, const ArrayModel& model, double read_volt)
    : rows_(model.rows),
      columns_(model.columns),
      width_((model.columns + kBlock<Real> - 1) / kBlock<Real> * kBlock<Real>),
      stiff_(model.row_segment_ohm == 0 && model.driver_ohm == 0),
      model_(model),
      read_volt_(read_volt) {
    if (!std::isfinite(read_volt)) {
        throw bad_input("read voltage: {}, expected a finite number of volts", read_volt);
    }
    const double largest = sum.maxCoeff();
    siemens_ = largest > 0 ? largest : 1;
    for (double* ohm : {&model_.row_segment_ohm, &model_.column_segment_ohm, &model_.driver_ohm,
                        &model_.sense_ohm}) {
        *ohm *= siemens_;
    }
    // A cell and a segment raise q by a factor of at most 2 + r g, or gap + 1 + gap r g with a gap.
    const double factor = std::log10(2 + model_.column_segment_ohm);
    const double room = (sizeof(Real) == 4 ? 30 : 280) - std::log10(static_cast<double>(rows_));
    if (stiff_ && factor > room) {
        throw bad_input(
            "gated array: conductance times segment resistance is {}, expected at most {}",
            model_.column_segment_ohm, std::pow(10.0, room));
    }
    constexpr Index kInCache = 64;  // rows of a block of columns that fit the fastest cache
    rows_at_once_ = std::clamp(static_cast<Index>(room / factor), Index{1}, kInCache);
    sum_ = in_blocks<Real>(sum, siemens_, width_);
}

template <typename Real>
GatedArray<Real> GatedArray<Real>::gated(const MatrixXd& g_siemens, const ArrayModel& model,
                                         double read_volt) {
    check_array(g_siemens, model);
    return GatedArray(g_siemens, model, read_volt);
}

template <typename Real>
GatedArray<Real> GatedArray<Real>::interleaved(const MatrixXd& positive_siemens,
                                               const MatrixXd& negative_siemens,
                                               const ArrayModel& model, double read_volt) {
    check_array(positive_siemens, model);
    check_array(negative_siemens, model);
    if (model.row_segment_ohm != 0 || model.driver_ohm != 0) {
        throw bad_input(
            "gated array: source lines of {} ohm per segment with {} ohm supplies, the fast "
            "multiply "
            "of interleaved cells expects 0",
            model.row_segment_ohm, model.driver_ohm);
    }
    GatedArray array(positive_siemens + negative_siemens, model, read_volt);
    array.difference_ =
        in_blocks<Real>(positive_siemens - negative_siemens, array.siemens_, array.width_);
    return array;
}

template <typename Real>
void GatedArray<Real>::multiply(const Eigen::Ref<const GateMatrix>& gates,
                                Eigen::Ref<Output> ampere) const {
    if (gates.cols() != rows_) {
        throw bad_input("gates: {} columns, expected one per row of the array ({})", gates.cols(),
                        rows_);
    }
    if (ampere.rows() != gates.rows() || ampere.cols() != columns_) {
        throw bad_input("currents: {} x {}, expected {} x {}", ampere.rows(), ampere.cols(),
                        gates.rows(), columns_);
    }
    std::vector<OnRows> on;
    for (Index b = 0; b < gates.rows(); ++b) {
        on.push_back(find_on_rows(gates, b, stiff_ ? rows_at_once_ : rows_));
    }
    for (Index first = 0; first < columns_; first += kBlock<Real>) {
        if (stiff_) {
            stiff_block(on, first, ampere);
        } else {
            two_line_block(on, first, ampere);
        }
    }
}

template <typename Real>
void GatedArray<Real>::stiff_block(const std::vector<OnRows>& on, Index first,
                                   Eigen::Ref<Output> ampere) const {
    constexpr Index n = kBlock<Real>;
    const auto size = on.size() * static_cast<std::size_t>(n);
    std::vector<Real> p(size, Real{0}), q(size, Real{1}), j(size, Real{0});
    const bool differential = !difference_.empty();
    Ladder<Real> ladder{};
    ladder.sum = sum_.data() + first * rows_;
    ladder.difference = differential ? difference_.data() + first * rows_ : nullptr;
    ladder.ohm = static_cast<Real>(model_.column_segment_ohm);
    const std::size_t groups = on.empty() ? 0 : on[0].group.size() - 1;
    for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t b = 0; b < on.size(); ++b) {
            ladder.begin = on[b].rows.data() + on[b].group[group];
            ladder.end = on[b].rows.data() + on[b].group[group + 1];
            ladder.p = p.data() + b * n;
            ladder.q = q.data() + b * n;
            ladder.j = j.data() + b * n;
            if (ladder.begin != ladder.end) climb_block(ladder, differential);
        }
    }
    const double end = model_.column_segment_ohm + model_.sense_ohm;
    const double scale = read_volt_ * siemens_;
    const std::vector<Real>& driven = differential ? j : p;
    for (Index b = 0; b < ampere.rows(); ++b) {
        for (Index c = 0; c < std::min(n, columns_ - first); ++c) {
            const auto at = static_cast<std::size_t>(b * n + c);
            const double in_all = static_cast<double>(q[at]) + end * static_cast<double>(p[at]);
            ampere(b, first + c) =
                static_cast<Real>(scale * static_cast<double>(driven[at]) / in_all);
        }
    }
}

template <typename Real>
void GatedArray<Real>::two_line_block(const std::vector<OnRows>& on, Index first,
                                      Eigen::Ref<Output> ampere) const {
    constexpr Index n = kBlock<Real>;
    std::vector<Real> p(n), m(n), y(n);
    TwoLines<Real> lines{};
    lines.sum = sum_.data() + first * rows_;
    lines.source_ohm = static_cast<Real>(model_.row_segment_ohm);
    lines.column_ohm = static_cast<Real>(model_.column_segment_ohm);
    lines.p = p.data();
    lines.m = m.data();
    lines.y = y.data();
    const double end = model_.column_segment_ohm + model_.sense_ohm;
    const double scale = read_volt_ * siemens_;
    for (Index b = 0; b < ampere.rows(); ++b) {
        const std::vector<OnRow>& rows = on[static_cast<std::size_t>(b)].rows;
        if (rows.empty()) {
            ampere.row(b).segment(first, std::min(n, columns_ - first)).setZero();
            continue;
        }
        lines.begin = rows.data();
        lines.end = rows.data() + rows.size();
        two_lines(lines);
        const double feed =
            model_.driver_ohm + model_.row_segment_ohm * static_cast<double>(rows.front().row + 1);
        for (Index c = 0; c < std::min(n, columns_ - first); ++c) {
            const auto at = static_cast<std::size_t>(c);
            // V / (feed + Y + M^2 / P + end) without dividing by a P of 0.
            const double between = p[at], stays = m[at], through = feed + end + y[at];
            ampere(b, first + c) =
                static_cast<Real>(scale * between / (through * between + stays * stays));
        }
    }
}

template class GatedArray<float>;
template class GatedArray<double>;

}  // namespace mho::behavioral
