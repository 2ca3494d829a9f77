// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_multiply.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/gated_ladder.h"

namespace mho::behavioral {

// The rows of a gate vector that are on, and where among them each group of rows starts.
struct OnRows {
    std::vector<OnRow> rows;
    std::vector<std::size_t> group;
};

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

template <typename Real>
constexpr Index kBlock = kLadderBlock<Real>;

// Without branches on the gates, which no processor could foresee.
OnRows find_on_rows(const Eigen::Ref<const GateMatrix>& gates, Index vector,
                    const std::vector<RowGroup>& groups) {
    const auto rows = static_cast<std::int32_t>(gates.cols());
    OnRows on;
    on.rows.resize(static_cast<std::size_t>(rows) + 1);
    OnRow* const begin = on.rows.data();
    OnRow* next = begin;
    const std::uint8_t* gate = gates.data() + vector * gates.outerStride();
    for (std::size_t k = 0; k < groups.size(); ++k) {
        const auto last =
            k + 1 < groups.size() ? static_cast<std::int32_t>(groups[k + 1].first) : rows;
        on.group.push_back(static_cast<std::size_t>(next - begin));
        for (auto i = static_cast<std::int32_t>(groups[k].first); i < last; ++i) {
            next->row = i;
            next += gate[i] != 0 ? 1 : 0;
        }
    }
    on.group.push_back(static_cast<std::size_t>(next - begin));
    next->row = rows - 1;
    for (OnRow* row = begin; row != next; ++row) row->gap = row[1].row - row->row;
    on.rows.resize(static_cast<std::size_t>(next - begin));
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
    sum_ = in_blocks<Real>(sum, siemens_, width_);
    plan_groups();
}

// q grows most with all cells on, row by row; a row that is on and those off behind it let it grow
// by less than `reserve` besides.
template <typename Real>
void GatedArray<Real>::plan_groups() {
    constexpr Index kInCache = 64;  // rows of a block of columns that fit the fastest cache
    const double ohm = model_.column_segment_ohm + model_.row_segment_ohm;
    const auto rows = static_cast<double>(rows_);
    const double reserve = std::log10(rows * (2 + ohm)) + (stiff_ ? 0 : std::log10(1 + rows * ohm));
    const double room = (sizeof(Real) == 4 ? 37 : 300) - reserve;
    if (!(std::log10(2 + ohm) < room)) {
        throw bad_input(
            "gated array: conductance times segment resistance is {}, too much for {} rows", ohm,
            rows_);
    }
    std::vector<double> beyond(static_cast<std::size_t>(width_), 0);  // p/q
    double grown = 0;
    for (Index i = 0; i < rows_; ++i) {
        double most = 1;
        for (Index block = 0; block < width_; block += kBlock<Real>) {
            const Real* g = sum_.data() + block * rows_ + i * kBlock<Real>;
            double* known = beyond.data() + block;
            for (Index c = 0; c < kBlock<Real>; ++c) {
                const double here = known[c] + static_cast<double>(g[c]);
                known[c] = here / (1 + ohm * here);
                most = std::max(most, 1 + ohm * here);
            }
        }
        const double growth = std::log10(most);
        const bool rescale = grown + growth > room;
        if (groups_.empty() || rescale || i - groups_.back().first == kInCache) {
            groups_.push_back({i, rescale});
        }
        grown = rescale ? growth : grown + growth;
    }
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
        on.push_back(find_on_rows(gates, b, groups_));
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
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        ladder.rescale = groups_[group].rescale;
        for (std::size_t b = 0; b < on.size(); ++b) {
            ladder.begin = on[b].rows.data() + on[b].group[group];
            ladder.end = on[b].rows.data() + on[b].group[group + 1];
            ladder.p = p.data() + b * n;
            ladder.q = q.data() + b * n;
            ladder.j = j.data() + b * n;
            if (ladder.rescale || ladder.begin != ladder.end) climb(ladder);
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
    const double rs = model_.row_segment_ohm, ro = model_.column_segment_ohm;
    const double even_share = rs + ro > 0 ? ro / (rs + ro) : 0;  // of a current in both lines
    const auto size = on.size() * static_cast<std::size_t>(n);
    std::vector<Real> p(size, Real{0}), q(size, Real{1}), p2(size, Real{1}), q2(size, Real{0});
    std::vector<Real> s(size, Real{0});
    std::vector<Real> rest(size, static_cast<Real>(rs + ro > 0 ? rs / (rs + ro) : 1));
    TwoLines<Real> lines;
    lines.sum = sum_.data() + first * rows_;
    lines.ohm = static_cast<Real>(rs + ro);
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        lines.rescale = groups_[group].rescale;
        for (std::size_t b = 0; b < on.size(); ++b) {
            lines.begin = on[b].rows.data() + on[b].group[group];
            lines.end = on[b].rows.data() + on[b].group[group + 1];
            lines.p = p.data() + b * n;
            lines.q = q.data() + b * n;
            lines.p2 = p2.data() + b * n;
            lines.q2 = q2.data() + b * n;
            lines.n = rest.data() + b * n;
            lines.s = s.data() + b * n;
            if (lines.rescale || lines.begin != lines.end) climb(lines);
        }
    }
    const double end = ro + model_.sense_ohm;
    const double scale = read_volt_ * siemens_;
    for (Index b = 0; b < ampere.rows(); ++b) {
        const std::vector<OnRow>& rows = on[static_cast<std::size_t>(b)].rows;
        const auto first_on = static_cast<double>(rows.empty() ? 0 : rows.front().row);
        const double feed = model_.driver_ohm + rs * (first_on + 1);
        const double in_both = rs * even_share * (static_cast<double>(rows_ - 1) - first_on);
        for (Index c = 0; c < std::min(n, columns_ - first); ++c) {
            const auto at = static_cast<std::size_t>(b * n + c);
            const double in_q = q[at], before = rest[at], last = before / in_q;
            const double between = static_cast<double>(p[at]) / in_q, stays = even_share + last;
            const double through = feed + end + in_both + static_cast<double>(s[at]) +
                                   before * before * static_cast<double>(q2[at]) / in_q;
            // V / (feed + Y + M^2 / P + end) without dividing by a P of 0.
            ampere(b, first + c) =
                static_cast<Real>(scale * between / (through * between + stays * stays));
        }
    }
}

template class GatedArray<float>;
template class GatedArray<double>;

}  // namespace mho::behavioral
