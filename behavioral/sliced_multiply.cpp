// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sliced_multiply.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/error.h"
#include "behavioral/aligned_array.h"
#include "behavioral/sliced_conversion.h"
#include "behavioral/sliced_loops.h"
#include "behavioral/sliced_planes.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

// Samples taken through all steps together: their results for a panel stay in the first cache, all
// their codes and sums in the second.
constexpr Index kBlock = 96;

}  // namespace

void GatedProduct::add(const GateMatrix& gates, float weight, Output& scratch, Output& sum) const {
    const Eigen::Index columns = sum.cols();
    scratch.resize(sum.rows(), array.columns());
    const float scale = weight * static_cast<float>(levels_per_ampere);
    array.multiply(gates, scratch);
    for (Eigen::Index s = 0; s < sum.rows(); ++s) {
        const auto size = static_cast<std::size_t>(columns);
        add_scaled(&scratch(s, 0), size, scale, &sum(s, 0));
        if (pairs) add_scaled(&scratch(s, 0) + columns, size, -scale, &sum(s, 0));
    }
}

const GatedSlices* Part::gated_slices() const {
    return std::get_if<GatedSlices>(&planes[0].product);
}

// One call of run: scratch, and the passes over it.
class SlicedMultiply::Run {
  public:
    // For batches of `samples`.
    Run(const Compiled& compiled, Index samples, const std::optional<NoiseStream>& noise,
        const ConversionObserver& observer)
        : c_(compiled),
          noise_(noise),
          steps_(steps_of(compiled.options.input)),
          panels_((compiled.columns + kPanelWidth - 1) / kPanelWidth),
          room_(std::min(kBlock, samples)),
          codes_(numbers(compiled.inputs)),
          sums_(numbers(panels_ * kPanelWidth)),
          conversions_(compiled, noise, observer, room_) {
        Index deepest = 0;
        for (const Part& part : compiled.parts) deepest = std::max(deepest, part.inputs);
        stride_ = sample_stride(compiled.powers ? 3 * deepest : deepest, sizeof(float));
        byte_stride_ = sample_stride(deepest, 1);
        slice_ = AlignedArray<float>(numbers(stride_));
        if (noise) squares_ = AlignedArray<float>(numbers(stride_));
        if (compiled.powers) digits_.resize(static_cast<std::size_t>(deepest));
        if (compiled.integers) bytes_ = AlignedArray<std::uint8_t>(numbers(byte_stride_));
        for (const InputStep& step : steps_) {
            shares_.push_back(slice_shares(compiled.options.input, step));
        }
    }

    void block(const Eigen::Ref<const RowMatrixXf>& x, Index first, Eigen::Ref<RowMatrixXf> y) {
        first_ = first;
        count_ = std::min(kBlock, x.rows() - first);
        for (Index s = 0; s < count_; ++s) {
            if (!input_codes(x.row(first + s).data(), c_.inputs, c_.options.input,
                             codes_.data() + s * c_.inputs)) {
                throw bad_input("inputs of sample {}: not all are finite", first + s);
            }
        }
        std::fill_n(sums_.data(), count_ * panels_ * kPanelWidth, 0.0f);
        std::uint32_t conversion = 0;
        for (std::size_t p = 0; p < c_.parts.size(); ++p) {
            if (const GatedSlices* gated = c_.parts[p].gated_slices())
                open_masks(c_.parts[p], *gated);
            for (const InputStep& step : steps_) {
                load(c_.parts[p], step);
                for (const Plane& plane : c_.parts[p].planes) {
                    place_ = {static_cast<Index>(p),
                              plane.weight_slice,
                              plane.negative,
                              step.first_slice,
                              first_,
                              0};
                    convert(plane, step, conversion++);
                }
            }
        }
        finish(y);
    }

  private:
    std::size_t numbers(Index per_sample) const {
        return static_cast<std::size_t>(room_ * per_sample);
    }

    // Codes of the step's slices, their bytes and squares, as the products take them.
    void load(const Part& part, const InputStep& step) {
        const InputCoding& input = c_.options.input;
        part_ = &part;
        for (Index s = 0; s < count_; ++s) {
            const float* codes = codes_.data() + s * c_.inputs + part.first_input;
            float* slice = slice_.data() + s * stride_;
            if (noise_) std::fill_n(squares_.data() + s * stride_, part.inputs, 0.0f);
            for (int k = step.first_slice; noise_ && k < step.first_slice + step.slices; ++k) {
                input_slice(codes, part.inputs, input, k, slice);
                const double share = slice_weight(input, k) / step.weight;
                add_scaled_squares(slice, part.inputs, static_cast<float>(share * share),
                                   squares_.data() + s * stride_);
            }
            if (step.slices > 1) {
                std::copy_n(codes, part.inputs, slice);
            } else if (!noise_) {
                input_slice(codes, part.inputs, input, step.first_slice, slice);
            }
            if (c_.powers) add_powers(codes, part.inputs, step, slice);
            if (c_.integers) {
                to_bytes(slice, part.inputs, c_.bias, bytes_.data() + s * byte_stride_);
            }
        }
    }

    // Squares and cubes of the slices, each by its share, behind the codes.
    void add_powers(const float* codes, Index inputs, const InputStep& step, float* slice) {
        float* const squares = slice + inputs;
        float* const cubes = squares + inputs;
        std::fill_n(squares, 2 * inputs, 0.0f);
        for (int k = step.first_slice; k < step.first_slice + step.slices; ++k) {
            input_slice(codes, inputs, c_.options.input, k, digits_.data());
            const auto share = static_cast<float>(slice_weight(c_.options.input, k) / step.weight);
            for (Index i = 0; i < inputs; ++i) {
                const float code = digits_[static_cast<std::size_t>(i)];
                squares[i] += share * code * code;
                cubes[i] += share * code * code * code;
            }
        }
    }

    // Of all planes: they have the same rows.
    void open_masks(const Part& part, const GatedSlices& gated) {
        const int slices = input_slices(c_.options.input);
        mask_stride_ = gated.mask_count(slices);
        masks_.resize(numbers(mask_stride_));
        row_.resize(static_cast<std::size_t>(gated.readable()));
        for (Index s = 0; s < count_; ++s) {
            to_bytes(codes_.data() + s * c_.inputs + part.first_input, part.inputs, 0, row_.data());
            gated.find_masks(row_.data(), slices, masks_.data() + s * mask_stride_);
        }
    }

    void convert(const Plane& plane, const InputStep& step, std::uint32_t conversion) {
        if (const auto* gated = std::get_if<GatedProduct>(&plane.product)) {
            open_gates(*gated, step);
        }
        for (Index panel = 0; panel < panels_; ++panel) {
            multiply(plane, step, panel);
            if (conversions_.needs_variance(plane)) {
                plane.variance->multiply(squares_.data(), stride_, count_, panel,
                                         conversions_.variance());
            }
            conversions_.add(plane, step, {panel, kPanelWidth, count_, conversion, place_},
                             panel_sums(panel));
        }
    }

    void multiply(const Plane& plane, const InputStep& step, Index panel) {
        if (const auto* matrix = std::get_if<PackedMatrix>(&plane.product)) {
            matrix->multiply(slice_.data(), stride_, count_, panel, conversions_.tile());
        } else if (const auto* bytes = std::get_if<PackedBytes>(&plane.product)) {
            bytes->multiply(bytes_.data(), byte_stride_, count_, panel, conversions_.tile());
        } else if (const auto* slices = std::get_if<GatedSlices>(&plane.product)) {
            if (slices->width(panel) < kPanelWidth) {
                std::fill_n(conversions_.tile(), count_ * kPanelWidth, 0.0f);
            }
            slices->multiply({masks_.data(), mask_stride_, count_, step.first_slice,
                              shares_[static_cast<std::size_t>(&step - steps_.data())]},
                             panel, conversions_.tile(), kPanelWidth);
        } else {
            const Index first = panel * kPanelWidth;
            const Index width = std::min<Index>(kPanelWidth, c_.columns - first);
            for (Index s = 0; s < count_; ++s) {
                float* row = conversions_.tile() + s * kPanelWidth;
                std::copy_n(&gated_(s, first), width, row);
                std::fill(row + width, row + kPanelWidth, 0.0f);
            }
        }
    }

    void open_gates(const GatedProduct& gated, const InputStep& step) {
        const InputCoding& input = c_.options.input;
        gated_.setZero(count_, c_.columns);
        gates_.resize(count_, part_->inputs);
        for (int k = step.first_slice; k < step.first_slice + step.slices; ++k) {
            for (Index s = 0; s < count_; ++s) {
                float* slice = slice_.data() + s * stride_;
                input_slice(codes_.data() + s * c_.inputs + part_->first_input, part_->inputs,
                            input, k, slice);
                to_bytes(slice, part_->inputs, 0, &gates_(s, 0));
            }
            gated.add(gates_, static_cast<float>(slice_weight(input, k) / step.weight), scratch_,
                      gated_);
        }
    }

    float* panel_sums(Index panel) { return sums_.data() + panel * count_ * kPanelWidth; }

    void finish(Eigen::Ref<RowMatrixXf> y) {
        const MultiplyOptions& options = c_.options;
        const Index outputs = y.cols();
        const bool unit_column = outputs < c_.columns;
        const double offset = unit_column ? 0.0 : weight_offset(options.weight);
        const auto scale = static_cast<float>(options.output_step * options.input.step);
        for (Index s = 0; s < count_; ++s) {
            double less = 0;
            if (unit_column) {
                less = panel_sums(panels_ - 1)[s * kPanelWidth + outputs % kPanelWidth];
            } else if (offset > 0) {
                const Eigen::Map<const Eigen::VectorXf> codes(codes_.data() + s * c_.inputs,
                                                              c_.inputs);
                less = offset * codes.cast<double>().sum();
            }
            for (Index panel = 0; panel < panels_; ++panel) {
                const Index first = panel * kPanelWidth;
                finish_row(panel_sums(panel) + s * kPanelWidth,
                           std::min<Index>(kPanelWidth, outputs - first), static_cast<float>(less),
                           scale, &y(first_ + s, 0) + first);
            }
        }
    }

    const Compiled& c_;
    const std::optional<NoiseStream>& noise_;
    std::vector<InputStep> steps_;
    Index panels_;
    Index room_;  // samples at once
    Index stride_ = 0, byte_stride_ = 0;
    Index first_ = 0, count_ = 0;
    const Part* part_ = nullptr;
    ConversionPlace place_;
    AlignedArray<float> codes_;  // samples x inputs
    AlignedArray<float> sums_;   // panels x samples x kPanelWidth
    AlignedArray<float> slice_, squares_;
    std::vector<float> digits_;
    AlignedArray<std::uint8_t> bytes_;
    std::vector<std::vector<float>> shares_;  // of the slices of each step
    std::vector<std::uint8_t> row_;           // of codes, for masks
    std::vector<std::uint64_t> masks_;        // of the part's samples
    Index mask_stride_ = 0;
    Conversions conversions_;
    GatedProduct::Output gated_, scratch_;
    GateMatrix gates_;
};

SlicedMultiply::SlicedMultiply(const std::vector<CellSlice>& cells,
                               const MultiplyOptions& options) {
    check_multiply(cells, options);
    const Index rows = cells[0].positive.rows();
    const std::vector<Index> sizes = part_sizes(rows, options);
    const bool integers = PackedBytes::supported() && fits_bytes(cells, options);
    const std::int32_t bias = has_negative_codes(options.input) ? 128 : 0;
    std::vector<Part> parts = make_parts(cells, options, integers, bias);
    std::vector<Converter> converters =
        assign_converters(options, *std::max_element(sizes.begin(), sizes.end()), parts);
    compiled_ = std::make_shared<const Compiled>(Compiled{options, rows, cells[0].positive.cols(),
                                                          integers, bias, !cells[0].ohmic(),
                                                          std::move(parts), std::move(converters)});
}

Index SlicedMultiply::inputs() const {
    return compiled_->inputs;
}

Index SlicedMultiply::outputs() const {
    const MultiplyOptions& options = compiled_->options;
    const bool unit_column = options.weight.sign == WeightSign::offset &&
                             options.offset_removal == OffsetRemoval::unit_column;
    return compiled_->columns - (unit_column ? 1 : 0);
}

Index SlicedMultiply::conversions() const {
    if (compiled_->options.adc.kind == AdcKind::none) return 0;
    Index planes = 0;
    for (const Part& part : compiled_->parts) planes += static_cast<Index>(part.planes.size());
    return planes * static_cast<Index>(steps_of(compiled_->options.input).size()) *
           compiled_->columns;
}

bool SlicedMultiply::in_integers() const {
    return compiled_->integers;
}

void SlicedMultiply::run(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> y,
                         const std::optional<NoiseStream>& noise,
                         const ConversionObserver& observer) const {
    if (x.cols() != inputs()) {
        throw bad_input("inputs: {} columns, expected {}", x.cols(), inputs());
    }
    if (y.rows() != x.rows() || y.cols() != outputs()) {
        throw bad_input("outputs: {} x {}, expected {} x {}", y.rows(), y.cols(), x.rows(),
                        outputs());
    }
    if (x.rows() == 0) return;
    Run run(*compiled_, x.rows(), noise, observer);
    for (Index first = 0; first < x.rows(); first += kBlock) run.block(x, first, y);
}

}  // namespace mho::behavioral
