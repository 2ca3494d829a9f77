// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_multiply.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

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
    OnRow* begin = nullptr;
    OnRow* end = nullptr;
    std::vector<const OnRow*> group;
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

// Packs for the columns from `first` on: a power of two, kPacks at most.
template <typename Real>
Index packs_from(Index first, Index columns) {
    const Index packs = (columns - first + PackOf<Real>::kSize - 1) / PackOf<Real>::kSize;
    return std::min<Index>(kPacks,
                           static_cast<Index>(std::bit_ceil(static_cast<std::size_t>(packs))));
}

// State of one gate vector in a block of columns, `packs` packs each.
template <typename Real>
struct Ladder {
    const OnRow* begin;
    const OnRow* end;
    Real* p;
    Real* q;
    Real* j;
};

// Several at once, so that one's next step need not wait for its last.
template <typename Real>
struct Ladders {
    const Real* sum;
    const Real* difference;
    Real ohm;
    const Ladder<Real>* each;
    Index count;
    Index packs;
};

template <typename Real, int packs>
struct Rungs {
    using Pack = typename PackOf<Real>::type;
    Pack p[packs], q[packs], j[packs];
};

template <typename Real, bool differential, int packs>
[[gnu::always_inline]] inline void start_rungs(const Ladder<Real>& ladder, Rungs<Real, packs>& at) {
    using Pack = typename PackOf<Real>::type;
    for (int k = 0; k < packs; ++k) {
        const Pack scale = Real{1} / reinterpret_cast<const Pack*>(ladder.q)[k];
        at.p[k] = reinterpret_cast<const Pack*>(ladder.p)[k] * scale;
        at.q[k] = Pack{} + Real{1};
        if constexpr (differential) at.j[k] = reinterpret_cast<const Pack*>(ladder.j)[k] * scale;
    }
}

template <typename Real, bool differential, int packs>
[[gnu::always_inline]] inline void step_rungs(const Ladders<Real>& all, const OnRow& on,
                                              Rungs<Real, packs>& at) {
    using Pack = typename PackOf<Real>::type;
    constexpr Index width = packs * PackOf<Real>::kSize;
    const Pack* sum = reinterpret_cast<const Pack*>(all.sum + on.row * width);
    const Pack* difference = nullptr;
    if constexpr (differential) {
        difference = reinterpret_cast<const Pack*>(all.difference + on.row * width);
    }
    const Real ohm = all.ohm * static_cast<Real>(on.gap);
    for (int k = 0; k < packs; ++k) {
        if constexpr (differential) at.j[k] += difference[k] * at.q[k];
        at.p[k] += sum[k] * at.q[k];
        at.q[k] += ohm * at.p[k];
    }
}

template <typename Real, bool differential, int packs>
[[gnu::always_inline]] inline void end_rungs(const Ladder<Real>& ladder,
                                             const Rungs<Real, packs>& at) {
    using Pack = typename PackOf<Real>::type;
    for (int k = 0; k < packs; ++k) {
        reinterpret_cast<Pack*>(ladder.p)[k] = at.p[k];
        reinterpret_cast<Pack*>(ladder.q)[k] = at.q[k];
        if constexpr (differential) reinterpret_cast<Pack*>(ladder.j)[k] = at.j[k];
    }
}

// Over the rows begin .. end that are on, from q = any to q = any, with p / q and j / q kept.
template <typename Real, bool differential, int packs, int streams>
[[gnu::always_inline]] inline void climb_streams(const Ladders<Real>& all, Index first) {
    Rungs<Real, packs> at[streams];
    const Ladder<Real>* const ladder = all.each + first;
    std::ptrdiff_t together = ladder[0].end - ladder[0].begin;
    for (int s = 0; s < streams; ++s) {
        start_rungs<Real, differential, packs>(ladder[s], at[s]);
        together = std::min(together, ladder[s].end - ladder[s].begin);
    }
    for (std::ptrdiff_t n = 0; n < together; ++n) {
        for (int s = 0; s < streams; ++s) {
            step_rungs<Real, differential, packs>(all, ladder[s].begin[n], at[s]);
        }
    }
    for (int s = 0; s < streams; ++s) {
        for (const OnRow* on = ladder[s].begin + together; on != ladder[s].end; ++on) {
            step_rungs<Real, differential, packs>(all, *on, at[s]);
        }
        end_rungs<Real, differential, packs>(ladder[s], at[s]);
    }
}

template <typename Real, bool differential, int packs>
[[gnu::always_inline]] inline void climb_packs(const Ladders<Real>& all) {
    constexpr int streams = packs >= 8 ? 1 : packs == 4 ? 2 : 4;
    Index first = 0;
    for (; first + streams <= all.count; first += streams) {
        climb_streams<Real, differential, packs, streams>(all, first);
    }
    for (; first < all.count; ++first) climb_streams<Real, differential, packs, 1>(all, first);
}

template <typename Real, bool differential>
[[gnu::always_inline]] inline void climb(const Ladders<Real>& all) {
    switch (all.packs) {
        case 1:
            return climb_packs<Real, differential, 1>(all);
        case 2:
            return climb_packs<Real, differential, 2>(all);
        case 4:
            return climb_packs<Real, differential, 4>(all);
        default:
            return climb_packs<Real, differential, kPacks>(all);
    }
}

MHO_SIMD_CLONES void climb_float(const Ladders<float>& ladders) {
    climb<float, false>(ladders);
}
MHO_SIMD_CLONES void climb_double(const Ladders<double>& ladders) {
    climb<double, false>(ladders);
}
MHO_SIMD_CLONES void climb_float_differential(const Ladders<float>& ladders) {
    climb<float, true>(ladders);
}
MHO_SIMD_CLONES void climb_double_differential(const Ladders<double>& ladders) {
    climb<double, true>(ladders);
}

void climb_block(const Ladders<float>& ladders, bool differential) {
    differential ? climb_float_differential(ladders) : climb_float(ladders);
}
void climb_block(const Ladders<double>& ladders, bool differential) {
    differential ? climb_double_differential(ladders) : climb_double(ladders);
}

// out = scale * driven / (q + end * p)
template <typename Real>
[[gnu::always_inline]] inline void currents(const Real* driven, const Real* p, const Real* q,
                                            Index count, double end, double scale, Real* out) {
    for (Index c = 0; c < count; ++c) {
        const double in_all = static_cast<double>(q[c]) + end * static_cast<double>(p[c]);
        out[c] = static_cast<Real>(scale * static_cast<double>(driven[c]) / in_all);
    }
}
MHO_SIMD_CLONES void currents_of(const float* driven, const float* p, const float* q, Index count,
                                 double end, double scale, float* out) {
    currents(driven, p, q, count, end, scale, out);
}
MHO_SIMD_CLONES void currents_of(const double* driven, const double* p, const double* q,
                                 Index count, double end, double scale, double* out) {
    currents(driven, p, q, count, end, scale, out);
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

// Calls use(i) for every byte that is not 0.
template <typename Use>
[[gnu::always_inline]] inline void each_nonzero(const std::uint8_t* bytes, Index count, Use use) {
    Index i = 0;
    if constexpr (std::endian::native == std::endian::little) {
        constexpr std::uint64_t kLow = 0x7f7f7f7f7f7f7f7fu;
        for (; i + 8 <= count; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, bytes + i, sizeof(word));
            // The top bit of every byte that is not 0.
            for (word = (((word & kLow) + kLow) | word) & ~kLow; word != 0; word &= word - 1) {
                use(i + std::countr_zero(word) / 8);
            }
        }
    }
    for (; i < count; ++i) {
        if (bytes[i] != 0) use(i);
    }
}

// Of all vectors, each with room for all rows.
std::vector<OnRows> find_on_rows(const Eigen::Ref<const GateMatrix>& gates, Index at_once,
                                 std::vector<OnRow>& storage) {
    const Index rows = gates.cols();
    storage.resize(static_cast<std::size_t>(gates.rows() * rows) + 1);
    std::vector<OnRows> all(static_cast<std::size_t>(gates.rows()));
    OnRow* next = storage.data();
    for (Index b = 0; b < gates.rows(); ++b) {
        OnRows& on = all[static_cast<std::size_t>(b)];
        const std::uint8_t* gate = gates.data() + b * gates.outerStride();
        on.begin = next;
        for (Index first = 0; first < rows; first += at_once) {
            on.group.push_back(next);
            each_nonzero(gate + first, std::min(at_once, rows - first),
                         [&](Index i) { (next++)->row = first + i; });
        }
        on.group.push_back(next);
        on.end = next;
        for (OnRow* row = on.begin; row != next; ++row) {
            row->gap = (row + 1 == next ? rows - 1 : row[1].row) - row->row;
        }
    }
    return all;
}

// The blocks of columns one after the other, each with its rows; `narrow`: the last one only as
// wide as it must be.
template <typename Real>
std::vector<Real> in_blocks(const MatrixXd& values, double unit, Index width, bool narrow) {
    std::vector<Real> blocks(static_cast<std::size_t>(values.rows() * width), Real{0});
    for (Index j = 0; j < values.cols(); ++j) {
        const Index first = j / kBlock<Real> * kBlock<Real>;
        const Index stride =
            narrow ? packs_from<Real>(first, values.cols()) * PackOf<Real>::kSize : kBlock<Real>;
        const Index start = first * values.rows() + j % kBlock<Real>;
        for (Index i = 0; i < values.rows(); ++i) {
            blocks[static_cast<std::size_t>(start + i * stride)] =
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
    sum_ = in_blocks<Real>(sum, siemens_, width_, stiff_);
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
        in_blocks<Real>(positive_siemens - negative_siemens, array.siemens_, array.width_, true);
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
    std::vector<OnRow> storage;
    const std::vector<OnRows> on = find_on_rows(gates, stiff_ ? rows_at_once_ : rows_, storage);
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
    const Index packs = packs_from<Real>(first, columns_);
    const Index n = packs * PackOf<Real>::kSize;
    const auto size = on.size() * static_cast<std::size_t>(n);
    std::vector<Real> p(size, Real{0}), q(size, Real{1}), j(size, Real{0});
    const bool differential = !difference_.empty();
    std::vector<Ladder<Real>> each(on.size());
    const Ladders<Real> ladders{sum_.data() + first * rows_,
                                differential ? difference_.data() + first * rows_ : nullptr,
                                static_cast<Real>(model_.column_segment_ohm),
                                each.data(),
                                static_cast<Index>(on.size()),
                                packs};
    const std::size_t groups = on.empty() ? 0 : on[0].group.size() - 1;
    for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t b = 0; b < on.size(); ++b) {
            const std::size_t at = b * static_cast<std::size_t>(n);
            each[b] = {on[b].group[group], on[b].group[group + 1], p.data() + at, q.data() + at,
                       j.data() + at};
        }
        climb_block(ladders, differential);
    }
    const double end = model_.column_segment_ohm + model_.sense_ohm;
    const double scale = read_volt_ * siemens_;
    const std::vector<Real>& driven = differential ? j : p;
    for (Index b = 0; b < ampere.rows(); ++b) {
        const auto at = static_cast<std::size_t>(b * n);
        currents_of(driven.data() + at, p.data() + at, q.data() + at, std::min(n, columns_ - first),
                    end, scale, &ampere(b, first));
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
        const OnRows& rows = on[static_cast<std::size_t>(b)];
        if (rows.begin == rows.end) {
            ampere.row(b).segment(first, std::min(n, columns_ - first)).setZero();
            continue;
        }
        lines.begin = rows.begin;
        lines.end = rows.end;
        two_lines(lines);
        const double feed =
            model_.driver_ohm + model_.row_segment_ohm * static_cast<double>(rows.begin->row + 1);
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
