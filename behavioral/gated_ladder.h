// SPDX-License-Identifier: Apache-2.0
// The inner loops of behavioral/gated_multiply.h: a block of neighbouring bitlines, cell after cell
// that is on. Private to the behavioural layer.
//
// With p/q the conductance towards the sources of all that was passed, a cell adds g q to p and a
// segment of r ohm adds r p to q: no division, and nothing is subtracted. Multiplications and
// additions are fused where the processor can; all that can give the same bits.
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace mho::behavioral {

// A row that is on: where its cells are, and the segments from it to the next row that is on, or to
// the last row.
struct OnRow {
    std::int32_t row;
    std::int32_t gap;
};

template <typename Real>
constexpr Eigen::Index kLadderBlock = 512 / static_cast<Eigen::Index>(sizeof(Real));

// State of one gate vector in a block of columns, kLadderBlock values each.
template <typename Real>
struct Ladder {
    const Real* sum = nullptr;         // conductances of the block's rows
    const Real* difference = nullptr;  // with their signs, or null
    const OnRow* begin = nullptr;
    const OnRow* end = nullptr;
    Real ohm = 0;          // of a segment
    bool rescale = false;  // q to 1 first
    Real* p = nullptr;
    Real* q = nullptr;
    Real* j = nullptr;  // with `difference`: j/q is the current into a short
};

// Over the rows begin .. end.
void climb(const Ladder<float>& ladder);
void climb(const Ladder<double>& ladder);

// The same where source lines have resistance: both solutions, and N and S of
// behavioral/gated_multiply.h, which change when q is brought back to 1.
template <typename Real>
struct TwoLines {
    const Real* sum = nullptr;
    const OnRow* begin = nullptr;
    const OnRow* end = nullptr;
    Real ohm = 0;  // of a segment of both lines
    bool rescale = false;
    Real* p = nullptr;
    Real* q = nullptr;
    Real* p2 = nullptr;
    Real* q2 = nullptr;
    Real* n = nullptr;
    Real* s = nullptr;
};

void climb(const TwoLines<float>& lines);
void climb(const TwoLines<double>& lines);

}  // namespace mho::behavioral
