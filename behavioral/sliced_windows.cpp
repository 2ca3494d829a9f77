// SPDX-License-Identifier: Apache-2.0
// SlicedMultiply::run_windows: values become codes once, however many windows see them, and no row
// of a window's values is ever laid out.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/error.h"
#include "behavioral/sliced_conversion.h"
#include "behavioral/sliced_loops.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

constexpr Index kBlock = 96;  // windows taken through all steps together, but for a longer row

// Windows [first_row, first_row + rows) x [first_column, first_column + columns) of an image.
struct Block {
    Index first_row, rows, first_column, columns;

    Index count() const { return rows * columns; }
};

std::vector<Block> blocks_of(const Windows& windows) {
    const Index rows = std::max<Index>(1, kBlock / windows.columns);
    const Index pieces = (windows.columns + kBlock - 1) / kBlock;
    std::vector<Block> blocks;
    for (Index row = 0; row < windows.rows; row += rows) {
        for (Index piece = 0; piece < pieces; ++piece) {
            const Index first = windows.columns * piece / pieces;
            const Index end = windows.columns * (piece + 1) / pieces;
            blocks.push_back({row, std::min(rows, windows.rows - row), first, end - first});
        }
    }
    return blocks;
}

}  // namespace

class SlicedMultiply::WindowRun {
  public:
    WindowRun(const Compiled& compiled, const Windows& windows,
              const std::optional<NoiseStream>& noise, const ConversionObserver& observer)
        : c_(compiled),
          w_(windows),
          steps_(steps_of(compiled.options.input)),
          panels_((compiled.columns + kPanelWidth - 1) / kPanelWidth),
          blocks_(blocks_of(windows)),
          codes_(numbers(windows.image_size)),
          sums_(numbers(kBlock * panels_ * kPanelWidth)),
          conversions_(compiled, noise, observer, kBlock) {
        for (const InputStep& step : steps_) {
            sliced_.emplace_back(numbers(step.slices < all_slices() ? w_.image_size : 0));
            squares_.emplace_back(numbers(noise && has_variance() ? w_.image_size : 0));
        }
        if (noise && has_variance() && all_slices() > 1) {
            scratch_ = AlignedArray<float>(numbers(w_.image_size));
        }
    }

    // Image number `number` of the batch.
    void image(const float* x, Index number, float* y) {
        if (!input_codes(x, w_.image_size, c_.options.input, codes_.data())) {
            throw bad_input("inputs of image {}: not all are finite", number);
        }
        for (std::size_t k = 0; k < steps_.size(); ++k) load(k);
        for (const Block& block : blocks_) {
            block_ = &block;
            first_sample_ =
                number * w_.rows * w_.columns + block.first_row * w_.columns + block.first_column;
            run_block();
            finish(y + block.first_row * w_.columns + block.first_column);
        }
    }

  private:
    static std::size_t numbers(Index count) { return static_cast<std::size_t>(count); }
    int all_slices() const { return input_slices(c_.options.input); }
    bool has_variance() const { return c_.parts[0].planes[0].variance.has_value(); }

    // The image as step k drives it, and its squares.
    void load(std::size_t k) {
        const InputStep& step = steps_[k];
        const InputCoding& input = c_.options.input;
        if (step.slices < all_slices()) {
            input_slice(codes_.data(), w_.image_size, input, step.first_slice, sliced_[k].data());
        }
        if (conversions_.has_noise() && has_variance()) load_squares(step, squares_[k].data());
    }

    void load_squares(const InputStep& step, float* squares) {
        const InputCoding& input = c_.options.input;
        std::fill_n(squares, w_.image_size, 0.0f);
        for (int s = step.first_slice; s < step.first_slice + step.slices; ++s) {
            const float* slice = codes_.data();
            if (all_slices() > 1) {
                input_slice(codes_.data(), w_.image_size, input, s, scratch_.data());
                slice = scratch_.data();
            }
            const double share = slice_weight(input, s) / step.weight;
            add_scaled_squares(slice, w_.image_size, static_cast<float>(share * share), squares);
        }
    }

    void run_block() {
        std::fill_n(sums_.data(), block_->count() * panels_ * kPanelWidth, 0.0f);
        std::uint32_t conversion = 0;
        for (std::size_t p = 0; p < c_.parts.size(); ++p) {
            for (std::size_t k = 0; k < steps_.size(); ++k) {
                for (const Plane& plane : c_.parts[p].planes) convert(p, plane, k, conversion++);
            }
        }
    }

    void convert(std::size_t p, const Plane& plane, std::size_t k, std::uint32_t conversion) {
        const auto& matrix = std::get<PackedMatrix>(plane.product);
        const Part& part = c_.parts[p];
        const InputStep& step = steps_[k];
        const float* image = step.slices < all_slices() ? sliced_[k].data() : codes_.data();
        const ConversionPlace where{static_cast<Index>(p), plane.weight_slice, plane.negative,
                                    step.first_slice,      first_sample_,      0};
        for (Index panel = 0; panel < panels_; ++panel) {
            multiply(matrix, image, part, panel, conversions_.tile());
            if (conversions_.needs_variance(plane)) {
                multiply(*plane.variance, squares_[k].data(), part, panel, conversions_.variance());
            }
            conversions_.add(plane, step,
                             {panel, matrix.width(panel), block_->count(), conversion, where},
                             panel_sums(panel));
        }
    }

    void multiply(const PackedMatrix& matrix, const float* image, const Part& part, Index panel,
                  float* out) const {
        const Index row_size = block_->columns * matrix.width(panel);
        for (Index row = 0; row < block_->rows; ++row) {
            const float* first = image + (block_->first_row + row) * w_.row_step +
                                 block_->first_column * w_.column_step;
            matrix.multiply_windows(
                {first, w_.offset.data() + part.first_input, w_.column_step, block_->columns},
                panel, out + row * row_size);
        }
    }

    float* panel_sums(Index panel) { return sums_.data() + panel * block_->count() * kPanelWidth; }

    void finish(float* y) {
        const auto scale = static_cast<float>(c_.options.output_step * c_.options.input.step);
        const Index windows = w_.rows * w_.columns;
        const auto& matrix = std::get<PackedMatrix>(c_.parts[0].planes[0].product);
        for (Index panel = 0; panel < panels_; ++panel) {
            const Index first = panel * kPanelWidth;
            finish_transposed(panel_sums(panel), block_->count(), matrix.width(panel),
                              std::min<Index>(kPanelWidth, c_.columns - first), scale,
                              y + first * windows, windows);
        }
    }

    const Compiled& c_;
    const Windows& w_;
    std::vector<InputStep> steps_;
    Index panels_;
    std::vector<Block> blocks_;
    const Block* block_ = nullptr;
    Index first_sample_ = 0;
    AlignedArray<float> codes_;                          // of the image
    std::vector<AlignedArray<float>> sliced_, squares_;  // by step
    AlignedArray<float> scratch_;
    AlignedArray<float> sums_;  // panels x windows x width
    Conversions conversions_;
};

bool SlicedMultiply::takes_windows() const {
    const Compiled& c = *compiled_;
    return !c.powers && c.options.weight.sign == WeightSign::differential &&
           std::holds_alternative<PackedMatrix>(c.parts[0].planes[0].product);
}

void SlicedMultiply::run_windows(const Windows& windows, const float* images, Index count, float* y,
                                 Index y_image_size, const std::optional<NoiseStream>& noise,
                                 const ConversionObserver& observer) const {
    if (!takes_windows()) throw bad_input("windows: expected pairs of cells with linear currents");
    if (static_cast<Index>(windows.offset.size()) != inputs()) {
        throw bad_input("windows of {} values, expected {}", windows.offset.size(), inputs());
    }
    if (windows.rows < 1 || windows.columns < 1 || count < 1) return;
    const auto [low, high] = std::minmax_element(windows.offset.begin(), windows.offset.end());
    const Index last =
        (windows.rows - 1) * windows.row_step + (windows.columns - 1) * windows.column_step + *high;
    if (*low < 0 || windows.row_step < 0 || windows.column_step < 0 || last >= windows.image_size) {
        throw bad_input("windows: value {} of an image of {}", last, windows.image_size);
    }
    WindowRun run(*compiled_, windows, noise, observer);
    for (Index i = 0; i < count; ++i) {
        run.image(images + i * windows.image_size, i, y + i * y_image_size);
    }
}

}  // namespace mho::behavioral
