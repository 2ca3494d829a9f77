// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sliced_conversion.h"

#include <algorithm>

#include "behavioral/sliced_loops.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

constexpr auto kBlocksPerPanel =
    static_cast<std::uint32_t>(kPanelWidth) / static_cast<std::uint32_t>(kNormalsPerBlock);

std::size_t tile_size(Index samples) {
    return static_cast<std::size_t>(samples * kPanelWidth);
}

// Rows of `width` to rows of kPanelWidth.
void widen(const float* rows, const PanelPlace& place, float* wide) {
    for (Index s = 0; s < place.count; ++s) {
        std::copy_n(rows + s * place.width, place.width, wide + s * kPanelWidth);
    }
}

}  // namespace

std::vector<InputStep> steps_of(const InputCoding& coding) {
    const int slices = input_slices(coding);
    if (coding.sum == SliceSum::analog) return {{0, slices, 1}};
    std::vector<InputStep> steps;
    for (int s = 0; s < slices; ++s) steps.push_back({s, 1, slice_weight(coding, s)});
    return steps;
}

std::vector<float> slice_shares(const InputCoding& coding, const InputStep& step) {
    std::vector<float> shares;
    for (int k = step.first_slice; k < step.first_slice + step.slices; ++k) {
        shares.push_back(static_cast<float>(slice_weight(coding, k) / step.weight));
    }
    return shares;
}

SlicedMultiply::Conversions::Conversions(const Compiled& compiled,
                                         const std::optional<NoiseStream>& noise,
                                         const ConversionObserver& observer, Index room)
    : c_(compiled),
      noise_(noise),
      observer_(observer),
      panels_(static_cast<std::uint32_t>((compiled.columns + kPanelWidth - 1) / kPanelWidth)),
      tile_(tile_size(room)),
      before_(observer ? tile_size(room) : 0),
      wide_(observer ? tile_size(room) : 0),
      normal_(noise ? tile_size(room) : 0),
      variance_(noise ? tile_size(room) : 0) {}

void SlicedMultiply::Conversions::add(const Plane& plane, const InputStep& step,
                                      const PanelPlace& place, float* sums) {
    const Converter& converter = c_.converters[plane.converter];
    const double weight = plane.weight * step.weight * converter.lsb();
    const auto zero = static_cast<float>(-converter.low() / converter.lsb());
    const std::span<float> tile{tile_.data(), static_cast<std::size_t>(place.count * place.width)};
    if (noise_) add_noise_to(tile, plane, place);
    if (observer_) widen(tile.data(), place, before_.data());
    converter.convert(tile, place.panel * kPanelWidth, place.width);
    if (observer_) show(place);
    add_decoded(tile.data(), tile.size(), zero, static_cast<float>(weight), sums);
}

void SlicedMultiply::Conversions::show(const PanelPlace& place) {
    ConversionPlace where = place.where;
    where.first_column = place.panel * kPanelWidth;
    widen(tile_.data(), place, wide_.data());
    const std::size_t size = tile_size(place.count);
    observer_(where, {before_.data(), size}, {wide_.data(), size});
}

void SlicedMultiply::Conversions::add_noise_to(std::span<float> tile, const Plane& plane,
                                               const PanelPlace& place) {
    const auto rms = static_cast<float>(c_.options.readout_noise);
    NoiseStream stream = *noise_;
    stream.first_sample += static_cast<std::uint32_t>(place.where.first_sample);
    const std::uint32_t number =
        place.conversion * panels_ + static_cast<std::uint32_t>(place.panel);
    const std::uint32_t block = number * kBlocksPerPanel;
    const std::size_t blocks = static_cast<std::size_t>(place.width) / kNormalsPerBlock;
    if (!plane.variance) {
        if (rms > 0) add_normals(stream, block, blocks, rms, tile);
        return;
    }
    std::fill_n(normal_.data(), tile.size(), 0.0f);
    add_normals(stream, block, blocks, 1.0f, {normal_.data(), tile.size()});
    add_noise(normal_.data(), variance_.data(), tile.size(), rms * rms, tile.data());
}

}  // namespace mho::behavioral
