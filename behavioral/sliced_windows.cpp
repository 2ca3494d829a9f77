// SPDX-License-Identifier: Apache-2.0
// SlicedMultiply::run_windows: values become codes once, however many windows see them, and no row
// of a window's values is ever laid out.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <variant>
#include <vector>

#include "base/error.h"
#include "behavioral/sliced_conversion.h"
#include "behavioral/sliced_loops.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

constexpr Index kCopy = 8;    // bytes of a window at once
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
            shares_.push_back(slice_shares(compiled.options.input, step));
        }
        if (c_.parts[0].gated_slices() != nullptr) plan_gates();
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
        if (!runs_.empty()) to_bytes(codes_.data(), w_.image_size, 0, bytes_.data());
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

    // Neighbouring rows of a part whose values are neighbours in the image.
    struct OffsetRun {
        std::int32_t from;
        std::int32_t size;
    };

    void plan_gates() {
        Index readable = 0, most = 0;
        for (const Part& part : c_.parts) {
            runs_.push_back(runs_of(w_.offset.data() + part.first_input, part.inputs));
            readable = std::max(readable, part.gated_slices()->readable());
            most = std::max(most, part.gated_slices()->mask_count(all_slices()));
        }
        bytes_ = AlignedArray<std::uint8_t>(numbers(w_.image_size + kCopy));
        row_ = AlignedArray<std::uint8_t>(numbers(readable + kCopy));
        masks_.resize(numbers(most * most_windows()));
    }

    static std::vector<OffsetRun> runs_of(const std::int32_t* offset, Index count) {
        std::vector<OffsetRun> runs;
        for (Index k = 0; k < count; ++k) {
            const bool next = !runs.empty() && runs.back().size < kCopy &&
                              offset[k] == runs.back().from + runs.back().size;
            if (next) {
                ++runs.back().size;
            } else {
                runs.push_back({offset[k], 1});
            }
        }
        return runs;
    }

    Index most_windows() const {
        Index most = 0;
        for (const Block& block : blocks_) most = std::max(most, block.count());
        return most;
    }

    // Which gates of part p are on, of all windows of the block.
    void open_masks(std::size_t p, const GatedSlices& gated) {
        mask_stride_ = gated.mask_count(all_slices());
        std::uint64_t* masks = masks_.data();
        for (Index row = 0; row < block_->rows; ++row) {
            const std::uint8_t* window = bytes_.data() + (block_->first_row + row) * w_.row_step +
                                         block_->first_column * w_.column_step;
            for (Index j = 0; j < block_->columns; ++j, window += w_.column_step) {
                std::uint8_t* to = row_.data();
                for (const OffsetRun& run : runs_[p]) {  // what is too much is written over
                    std::memcpy(to, window + run.from, kCopy);
                    to += run.size;
                }
                gated.find_masks(row_.data(), all_slices(), masks);
                masks += mask_stride_;
            }
        }
    }

    void run_block() {
        std::fill_n(sums_.data(), block_->count() * panels_ * kPanelWidth, 0.0f);
        std::uint32_t conversion = 0;
        for (std::size_t p = 0; p < c_.parts.size(); ++p) {
            if (const GatedSlices* gated = c_.parts[p].gated_slices()) open_masks(p, *gated);
            for (std::size_t k = 0; k < steps_.size(); ++k) {
                for (const Plane& plane : c_.parts[p].planes) convert(p, plane, k, conversion++);
            }
        }
    }

    void convert(std::size_t p, const Plane& plane, std::size_t k, std::uint32_t conversion) {
        const auto* matrix = std::get_if<PackedMatrix>(&plane.product);
        const Part& part = c_.parts[p];
        const InputStep& step = steps_[k];
        const float* image = step.slices < all_slices() ? sliced_[k].data() : codes_.data();
        const ConversionPlace where{static_cast<Index>(p), plane.weight_slice, plane.negative,
                                    step.first_slice,      first_sample_,      0};
        for (Index panel = 0; panel < panels_; ++panel) {
            if (matrix != nullptr) {
                multiply(*matrix, image, part, panel, conversions_.tile());
            } else {
                std::get<GatedSlices>(plane.product)
                    .multiply({masks_.data(), mask_stride_, block_->count(), step.first_slice,
                               shares_[k]},
                              panel, conversions_.tile(), panel_width(panel));
            }
            if (conversions_.needs_variance(plane)) {
                multiply(*plane.variance, squares_[k].data(), part, panel, conversions_.variance());
            }
            conversions_.add(plane, step,
                             {panel, panel_width(panel), block_->count(), conversion, where},
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

    Index panel_width(Index panel) const { return PackedMatrix::width(c_.columns, panel); }

    float* panel_sums(Index panel) { return sums_.data() + panel * block_->count() * kPanelWidth; }

    void finish(float* y) {
        const auto scale = static_cast<float>(c_.options.output_step * c_.options.input.step);
        const Index windows = w_.rows * w_.columns;
        for (Index panel = 0; panel < panels_; ++panel) {
            const Index first = panel * kPanelWidth;
            finish_transposed(panel_sums(panel), block_->count(), panel_width(panel),
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
    std::vector<std::vector<float>> shares_;  // of the slices of each step
    // Of arrays whose inputs drive gates.
    std::vector<std::vector<OffsetRun>> runs_;  // by part
    AlignedArray<std::uint8_t> bytes_, row_;    // codes of the image, and of a window
    std::vector<std::uint64_t> masks_;
    Index mask_stride_ = 0;
    AlignedArray<float> sums_;  // panels x windows x width
    Conversions conversions_;
};

bool SlicedMultiply::takes_windows() const {
    const Compiled& c = *compiled_;
    return !c.powers && c.options.weight.sign == WeightSign::differential &&
           (std::holds_alternative<PackedMatrix>(c.parts[0].planes[0].product) ||
            c.parts[0].gated_slices() != nullptr);
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
