// SPDX-License-Identifier: Apache-2.0
// Exact multiply of topology B (behavioral/gated_nodes.h) where the bits of whole codes drive gates
// one slice after the other: the ladders of behavioral/gated_multiply.h for pairs of bitlines, with
// the slices added up while they are in registers. Cells whose gate is off cost nothing, and slices
// without any gate that is on neither.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "behavioral/aligned_array.h"
#include "behavioral/card.h"
#include "behavioral/gated_kernel.h"
#include "behavioral/packed_matrix.h"

namespace mho::behavioral {

// Immutable, for any number of threads.
class GatedSlices {
  public:
    static constexpr int kMostSlices = 8;  // of one bit

    // Whether source lines have no resistance and no bitline's drop is so strong that a ladder
    // would leave the range of single precision. `level` and `siemens_per_level` as below.
    static bool serves(const Eigen::MatrixXd& level, const ArrayModel& model,
                       double siemens_per_level);

    // Cells rows x columns; `negative` may be empty. Of `model` only resistances are used. Throws
    // bad_input on wrong shapes, negative or non-finite values and arrays that it does not serve.
    GatedSlices(const Eigen::MatrixXd& positive, const Eigen::MatrixXd& negative,
                const ArrayModel& model, double siemens_per_level);

    Eigen::Index rows() const { return rows_; }

    // Bytes that a sample's codes must be readable for, and masks of a sample with `slices` slices.
    Eigen::Index readable() const { return (blocks_.count - 1) * blocks_.rows + 64; }
    Eigen::Index mask_count(int slices) const { return slices * blocks_.count; }

    // Which gates are on: of one sample's codes, at most kMostSlices slices from bit 0 on.
    void find_masks(const std::uint8_t* codes, int slices, std::uint64_t* masks) const;

    // Samples `masks_per_sample` masks apart; slice first + k of each counts weight[k].
    struct Samples {
        const std::uint64_t* masks;
        Eigen::Index masks_per_sample;
        Eigen::Index count;
        int first_slice;
        std::span<const float> weight;
    };

    // out (count x width(panel), `out_stride` apart): currents of the panel's columns, positive
    // minus negative cells, in levels. Columns beyond the matrix's are 0.
    void multiply(const Samples& samples, Eigen::Index panel, float* out,
                  Eigen::Index out_stride) const;
    Eigen::Index width(Eigen::Index panel) const { return PackedMatrix::width(columns_, panel); }

  private:
    Eigen::Index rows_ = 0;
    Eigen::Index columns_ = 0;
    GateBlocks blocks_{};
    float sense_ohm_ = 0;     // in units of 1 / level
    std::vector<float> ohm_;  // of 0 .. 63 segments
    AlignedArray<float> cells_;
};

}  // namespace mho::behavioral
