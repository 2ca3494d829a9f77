// SPDX-License-Identifier: Apache-2.0
// A matrix laid out once for many products from the right, in panels of kPanelWidth columns, so
// that a panel's result is still in the fastest cache when the next step takes it.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>

#include "behavioral/aligned_array.h"
#include "behavioral/panel_kernel.h"

namespace mho::behavioral {

// Numbers from one row of a matrix of samples to the next: at least `depth`, on whole cache lines,
// and never such that rows fall onto the same lines of a cache.
Eigen::Index sample_stride(Eigen::Index depth, Eigen::Index bytes_per_number);

class PackedMatrix {
  public:
    explicit PackedMatrix(const Eigen::Ref<const Eigen::MatrixXd>& matrix);

    Eigen::Index depth() const { return depth_; }
    Eigen::Index panels() const { return panels_; }

    // out (count x kPanelWidth) = samples (count x depth, `stride` apart) * the panel's columns;
    // columns beyond the matrix's are 0. Exact for integers while sums stay below 2^24.
    void multiply(const float* samples, Eigen::Index stride, Eigen::Index count, Eigen::Index panel,
                  float* out) const;

    // Where the windows of an image stand: value k of window r at x[offset[k] + r step].
    struct Windows {
        const float* x;
        const std::int32_t* offset;
        Eigen::Index step;
        Eigen::Index count;
    };
    // out (count x width, the panel's) = windows * the panel's first columns; the bits of multiply.
    void multiply_windows(const Windows& windows, Eigen::Index panel, float* out) const;
    Eigen::Index width(Eigen::Index panel) const { return width(columns_, panel); }

    // 16 where that is enough for what is left of `columns`, else kPanelWidth.
    static Eigen::Index width(Eigen::Index columns, Eigen::Index panel) {
        return columns - panel * kPanelWidth <= kPanelWidth / 2 ? kPanelWidth / 2 : kPanelWidth;
    }

  private:
    Eigen::Index depth_;
    Eigen::Index columns_;
    Eigen::Index panels_;
    AlignedArray<float> values_;
};

// The same of integers in bytes, by the processor's dot products of bytes. Results are exact.
class PackedBytes {
  public:
    // Whether this processor has them. Where it has not, PackedMatrix serves.
    static bool supported();

    // `matrix` holds integers -128 .. 127. `bias` (0 or 128) is what samples carry on top, so that
    // they are not negative.
    PackedBytes(const Eigen::Ref<const Eigen::MatrixXd>& matrix, std::int32_t bias);

    Eigen::Index depth() const { return 4 * quads_; }  // rows of the matrix, filled up

    // out (count x kPanelWidth) = (samples - bias) * the panel's columns. Samples beyond the
    // matrix's rows may be anything.
    void multiply(const std::uint8_t* samples, Eigen::Index stride, Eigen::Index count,
                  Eigen::Index panel, float* out) const;

  private:
    Eigen::Index quads_;
    AlignedArray<std::int8_t> values_;
    AlignedArray<std::int32_t> correction_;  // bias times the columns' sums
};

}  // namespace mho::behavioral
