// SPDX-License-Identifier: Apache-2.0
// Exact multiply of arrays whose inputs drive gates (behavioral/gated_nodes.h): every bitline is a
// ladder, so its current costs a few operations per cell and no system is ever solved.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

using GateMatrix = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Rows that are worked on together for all inputs, up to the first of the next group.
struct RowGroup {
    Eigen::Index first;
    bool rescale;  // q is brought back to 1 before
};

struct OnRows;  // a gate vector as the inner loops read it

// An array compiled for batches of gate vectors; immutable, for any number of threads. Real is
// float or double.
//
// Method with stiff source lines, from the far end of a bitline to its read-out: let p/q be the
// conductance towards the sources of all that was passed, and j/q the current that it would send
// into a short. A cell of conductance g that is on adds g q to p and, with its sign, to j; a
// segment of r ohm adds r p to q. So a cell costs two multiplications and two additions for
// topology B, and three of each for C, no division, and cells that are off nothing. p and q are
// sums of positive terms; q, which is largest where all cells are on, is brought back to 1 before
// it can overflow.
//
// With resistance in the source lines (topology B only) the columns' voltage and current depend on
// P (conductance between both lines), M (share of a current between source and read-out that stays
// in the source line) and Y (resistance from source to read-out). Kirchhoff's laws at one cut after
// the other give, with rs and ro the segments, R = rs + ro and D = 1 + R P, over a segment P' = P /
// D, M' = (M + ro P) / D, Y' = Y + (rs M^2 + ro (1 - M)^2 + rs ro P) / D, and P' = P + g over a
// cell. At the read-out the current is V / (Y + M^2 / P + end). With M = ro/R + N this becomes N' =
// N / D and Y' = Y + rs ro/R + R N^2 / D. So P = p/q as above with R for r, N is its first value
// rs/R over q, and the sum of R / (q q') over the segments is the quotient q2/q of two solutions of
// the one recurrence (reduction of order: q p2 - p q2 keeps its value 1): S = N^2 q2/q, from p2 = 1
// and q2 = 0. Again nothing is divided per cell, and all terms are positive.
template <typename Real>
class GatedArray {
  public:
    using Output = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    Eigen::Index rows() const { return rows_; }
    Eigen::Index columns() const { return columns_; }

    // ampere (batch x columns) of the gates (batch x rows, 0 = off, anything else = on). Throws
    // bad_input on other shapes.
    void multiply(const Eigen::Ref<const GateMatrix>& gates, Eigen::Ref<Output> ampere) const;

    // Topology B: `g_siemens` rows x columns. Throws bad_input on wrong shapes, negative or
    // non-finite values.
    static GatedArray gated(const Eigen::MatrixXd& g_siemens, const ArrayModel& model,
                            double read_volt);

    // Topology C. Throws bad_input as above, and when the source lines have resistance.
    static GatedArray interleaved(const Eigen::MatrixXd& positive_siemens,
                                  const Eigen::MatrixXd& negative_siemens, const ArrayModel& model,
                                  double read_volt);

  private:
    GatedArray(const Eigen::MatrixXd& sum, const ArrayModel& model, double read_volt);
    void plan_groups();
    void stiff_block(const std::vector<OnRows>& on, Eigen::Index first,
                     Eigen::Ref<Output> ampere) const;
    void two_line_block(const std::vector<OnRows>& on, Eigen::Index first,
                        Eigen::Ref<Output> ampere) const;

    Eigen::Index rows_ = 0;
    Eigen::Index columns_ = 0;
    Eigen::Index width_ = 0;  // columns filled up to whole blocks
    std::vector<RowGroup> groups_;
    bool stiff_ = true;
    ArrayModel model_;    // resistances in units of 1 / siemens_
    double siemens_ = 1;  // unit of conductance
    double read_volt_ = 0;
    // rows x width, the blocks of columns one after the other.
    std::vector<Real> sum_;         // conductance of each crossing
    std::vector<Real> difference_;  // positive minus negative; empty for topology B
};

extern template class GatedArray<float>;
extern template class GatedArray<double>;

}  // namespace mho::behavioral
