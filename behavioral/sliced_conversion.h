// SPDX-License-Identifier: Apache-2.0
// What stands behind the products of a SlicedMultiply, for one panel at a time: noise, converter,
// shift and add.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "behavioral/aligned_array.h"
#include "behavioral/sliced_planes.h"

namespace mho::behavioral {

// Slices of the inputs that are converted together.
struct InputStep {
    int first_slice;
    int slices;
    double weight;  // of the conversion
};
std::vector<InputStep> steps_of(const InputCoding& coding);

// Of each of the step's slices in what is converted.
std::vector<float> slice_shares(const InputCoding& coding, const InputStep& step);

// Where the results of one panel belong.
struct PanelPlace {
    Eigen::Index panel;
    Eigen::Index width;        // of the tile's rows: columns of the panel that are computed
    Eigen::Index count;        // samples
    std::uint32_t conversion;  // number among the conversions of a sample
    ConversionPlace where;     // but for the column
};

class SlicedMultiply::Conversions {
  public:
    // For at most `room` samples at once. All arguments must live as long as the object.
    Conversions(const Compiled& compiled, const std::optional<NoiseStream>& noise,
                const ConversionObserver& observer, Eigen::Index room);

    float* tile() { return tile_.data(); }          // the product, samples x width
    float* variance() { return variance_.data(); }  // of the cells' noise, the same
    bool has_noise() const { return noise_.has_value(); }
    bool needs_variance(const Plane& plane) const { return noise_ && plane.variance; }

    // sums += decoded codes of the tile; sums are samples x width.
    void add(const Plane& plane, const InputStep& step, const PanelPlace& place, float* sums);

  private:
    void add_noise_to(std::span<float> tile, const Plane& plane, const PanelPlace& place);
    void show(const PanelPlace& place);

    const Compiled& c_;
    const std::optional<NoiseStream>& noise_;
    const ConversionObserver& observer_;
    std::uint32_t panels_;
    AlignedArray<float> tile_, before_, wide_, normal_, variance_;
};

}  // namespace mho::behavioral
