// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_slices.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_check.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kMostRows = 63;  // of a block, whose end needs a bit of its mask too

struct Kernels {
    void (*masks)(const GateBits&);
    void (*climb)(const GatedPanel&);
};

Kernels best_kernels() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
    if (bits && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) {
        return {gate_masks_avx512, climb_panel_avx512};
    }
    if (bits && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return {gate_masks_any, climb_panel_avx2};
    }
#endif
    return {gate_masks_any, climb_panel_any};
}

const Kernels& kernels() {
    static const Kernels best = best_kernels();
    return best;
}

GateBlocks blocks_of(Index rows) {
    const Index count = (rows + kMostRows - 1) / kMostRows;
    const Index size = (rows + count - 1) / count;
    return {count, size, rows - (count - 1) * size};
}

// The largest q of any bitline, which all gates on give.
double largest_growth(const MatrixXd& level, double segment) {
    double largest = 1;
    for (Index j = 0; j < level.cols(); ++j) {
        double p = 0, q = 1;
        for (Index i = 0; i < level.rows(); ++i) {
            p += level(i, j) * q;
            q += segment * p;
        }
        largest = std::max(largest, q);
    }
    return largest;
}

}  // namespace

bool GatedSlices::serves(const MatrixXd& level, const ArrayModel& model, double siemens_per_level) {
    if (model.row_segment_ohm != 0 || model.driver_ohm != 0) return false;
    const double segment = model.column_segment_ohm * siemens_per_level;
    const double sense = model.sense_ohm * siemens_per_level;
    const double highest = level.colwise().sum().maxCoeff();
    // Products of two ladders stay below the largest number.
    constexpr double kRoom = 1e14;
    const double growth = largest_growth(level, segment);
    return growth < kRoom && growth * (highest + 1) * (1 + sense) < kRoom;
}

GatedSlices::GatedSlices(const MatrixXd& positive, const MatrixXd& negative,
                         const ArrayModel& model, double siemens_per_level)
    : rows_(positive.rows()), columns_(positive.cols()) {
    ArrayModel own = model;
    own.rows = static_cast<int>(rows_);
    own.columns = static_cast<int>(columns_);
    check_array(positive, own);
    if (negative.size() > 0) check_array(negative, own);
    for (const MatrixXd* level : {&positive, &negative}) {
        if (level->size() > 0 && !serves(*level, model, siemens_per_level)) {
            throw bad_input(
                "gated slices: source lines with resistance or a bitline that loses nearly all of "
                "its voltage, expected GatedArray for these");
        }
    }
    blocks_ = blocks_of(rows_);
    sense_ohm_ = static_cast<float>(model.sense_ohm * siemens_per_level);
    for (Index gap = 0; gap <= kMostRows; ++gap) {
        ohm_.push_back(static_cast<float>(static_cast<double>(gap) * model.column_segment_ohm *
                                          siemens_per_level));
    }
    const Index panels = (columns_ + kPanelWidth - 1) / kPanelWidth, depth = rows_ + blocks_.count;
    cells_ = AlignedArray<float>(static_cast<std::size_t>(panels * depth * 2 * kPanelWidth));
    for (Index j = 0; j < columns_; ++j) {
        const Index panel = j / kPanelWidth;
        float* column = cells_.data() + panel * depth * 2 * kPanelWidth + j % kPanelWidth;
        for (Index i = 0; i < rows_; ++i) {
            float* cell = column + (i + i / blocks_.rows) * 2 * width(panel);
            cell[0] = static_cast<float>(positive(i, j));
            if (negative.size() > 0) cell[width(panel)] = static_cast<float>(negative(i, j));
        }
    }
}

void GatedSlices::find_masks(const std::uint8_t* codes, int slices, std::uint64_t* masks) const {
    kernels().masks({codes, blocks_, slices, masks});
}

void GatedSlices::multiply(const Samples& samples, Index panel, float* out,
                           Index out_stride) const {
    const Index depth = rows_ + blocks_.count;
    kernels().climb({samples.masks + samples.first_slice * blocks_.count, samples.masks_per_sample,
                     samples.count, static_cast<int>(samples.weight.size()), samples.weight.data(),
                     blocks_, cells_.data() + panel * depth * 2 * kPanelWidth, width(panel),
                     ohm_.data(), sense_ohm_, out, out_stride});
}

}  // namespace mho::behavioral
