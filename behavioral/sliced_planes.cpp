// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sliced_planes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "behavioral/array_circuit.h"
#include "behavioral/array_timing.h"
#include "behavioral/effective_matrix.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// Levels of one sign in a part of the rows; empty where there are no cells.
struct Cells {
    EffectiveCells current;
    MatrixXd variance;
};

MatrixXd rows_of(const MatrixXd& all, Index first, Index count) {
    return all.size() == 0 ? MatrixXd() : MatrixXd(all.middleRows(first, count));
}

Cells positive_rows(const CellSlice& slice, Index first, Index count) {
    return {{rows_of(slice.positive, first, count), rows_of(slice.positive_quadratic, first, count),
             rows_of(slice.positive_cubic, first, count)},
            rows_of(slice.positive_variance, first, count)};
}

Cells negative_rows(const CellSlice& slice, Index first, Index count) {
    return {{rows_of(slice.negative, first, count), rows_of(slice.negative_quadratic, first, count),
             rows_of(slice.negative_cubic, first, count)},
            rows_of(slice.negative_variance, first, count)};
}

// Levels over quadratic over cubic ones.
MatrixXd stacked(const EffectiveCells& cells) {
    if (cells.quadratic.size() == 0) return cells.level;
    MatrixXd all(3 * cells.level.rows(), cells.level.cols());
    all << cells.level, cells.quadratic, cells.cubic;
    return all;
}

MatrixXd sum_of(const MatrixXd& a, const MatrixXd& b) {
    if (a.size() == 0) return b;
    if (b.size() == 0) return a;
    return a + b;
}

ArrayModel model_of(const WireOptions& wires, Index rows, Index columns) {
    ArrayModel model = wires.model;
    model.rows = static_cast<int>(rows);
    model.columns = static_cast<int>(columns);
    return model;
}

// What a column's current has reached after `wires.settle_second`, as part of where it goes.
Eigen::RowVectorXd settled_parts(const MatrixXd& g_siemens, const WireOptions& wires) {
    const ArrayModel model = model_of(wires, g_siemens.rows(), g_siemens.cols());
    const StepResponse step =
        step_response(g_siemens, ArrayCircuit(model),
                      uniform_capacitance(g_siemens.rows(), g_siemens.cols(), wires.row_farad,
                                          wires.column_farad, wires.cell_farad),
                      Eigen::VectorXd::Ones(g_siemens.rows()));
    const Eigen::ArrayXd rate = step.time_constant_second.array().inverse() * wires.settle_second;
    const Eigen::VectorXd rest = wires.integrates ? ((1 - (-rate).exp()) / rate).matrix().eval()
                                                  : (-rate).exp().matrix().eval();
    const Eigen::ArrayXd missing = (step.weight_ampere * rest).array();
    return (step.final_ampere.array() > 0)
        .select(1 + missing / step.final_ampere.array(), 1.0)
        .matrix()
        .transpose();
}

// What the levels act like behind the wires of arrays of at most max_columns columns.
MatrixXd behind_wires(const MatrixXd& level, const MultiplyOptions& options) {
    const WireOptions& wires = *options.wires;
    const Index most = options.max_columns > 0 ? options.max_columns : level.cols();
    MatrixXd effective(level.rows(), level.cols());
    for (Index first = 0; first < level.cols(); first += most) {
        const Index count = std::min(most, level.cols() - first);
        const MatrixXd g = level.middleCols(first, count) * wires.siemens_per_level;
        effective.middleCols(first, count) =
            array_response(g, model_of(wires, g.rows(), count), RowResponse::skip)
                .column_ampere_per_volt /
            wires.siemens_per_level;
        if (wires.settle_second > 0) {
            effective.middleCols(first, count).array().rowwise() *= settled_parts(g, wires).array();
        }
    }
    return effective;
}

GatedProduct gated_product(const MatrixXd& positive, const MatrixXd& negative,
                           const WireOptions& wires) {
    const ArrayModel model = model_of(wires, positive.rows(), positive.cols());
    const double unit = wires.siemens_per_level;
    if (wires.topology == Topology::c) {
        return {GatedArray<float>::interleaved(positive * unit, negative * unit, model, 1.0), false,
                1 / unit};
    }
    const bool pairs = negative.size() > 0;
    MatrixXd cells(positive.rows(), positive.cols() + negative.cols());
    if (pairs) {
        cells << positive, negative;
    } else {
        cells = positive;
    }
    return {
        GatedArray<float>::gated(cells * unit, model_of(wires, cells.rows(), cells.cols()), 1.0),
        pairs, 1 / unit};
}

class PartMaker {
  public:
    PartMaker(const MultiplyOptions& options, bool integers, std::int32_t bias)
        : options_(options), integers_(integers), bias_(bias) {}

    void add(const CellSlice& slice, int number, Part& part) const {
        const Cells positive = positive_rows(slice, part.first_input, part.inputs);
        double weight = 1;
        for (int s = 0; s < number; ++s) weight *= level_max(options_.weight, s) + 1;
        if (options_.weight.sign == WeightSign::offset) {
            part.planes.push_back(plane(positive, {}, number, weight));
            return;
        }
        const Cells negative = negative_rows(slice, part.first_input, part.inputs);
        if (options_.subtraction == Subtraction::analog) {
            part.planes.push_back(plane(positive, negative, number, weight));
            return;
        }
        part.planes.push_back(plane(positive, {}, number, weight));
        part.planes.push_back(plane(negative, {}, number, -weight));
    }

  private:
    Plane plane(const Cells& positive, const Cells& negative, int number, double weight) const {
        const MatrixXd variance = sum_of(positive.variance, negative.variance);
        std::optional<PackedMatrix> packed;
        if (variance.size() > 0) packed.emplace(variance);
        return {number,
                weight < 0,
                weight,
                product(positive.current, negative.current),
                std::move(packed),
                0};
    }

    std::variant<PackedMatrix, PackedBytes, GatedProduct, GatedSlices> product(
        const EffectiveCells& positive, const EffectiveCells& negative) const {
        if (options_.wires && options_.wires->topology != Topology::a) {
            if (goes_by_slices(positive.level, negative.level)) {
                return GatedSlices(positive.level, negative.level, options_.wires->model,
                                   options_.wires->siemens_per_level);
            }
            return gated_product(positive.level, negative.level, *options_.wires);
        }
        MatrixXd cells = effective(positive);
        if (negative.level.size() > 0) cells -= effective(negative);
        if (integers_) return PackedBytes(cells, bias_);
        return PackedMatrix(cells);
    }

    bool goes_by_slices(const MatrixXd& positive, const MatrixXd& negative) const {
        const WireOptions& wires = *options_.wires;
        const double unit = wires.siemens_per_level;
        return wires.topology == Topology::b &&
               input_slices(options_.input) <= GatedSlices::kMostSlices &&
               GatedSlices::serves(positive, wires.model, unit) &&
               (negative.size() == 0 || GatedSlices::serves(negative, wires.model, unit));
    }

    MatrixXd effective(const EffectiveCells& cells) const {
        return stacked(options_.wires ? cells_behind_wires(cells, options_) : cells);
    }

    const MultiplyOptions& options_;
    bool integers_;
    std::int32_t bias_;
};

bool in_byte_range(const MatrixXd& level) {
    return (level.array() == level.array().round()).all() && level.maxCoeff() <= 127 &&
           level.minCoeff() >= -128;
}

void check_cells(const MatrixXd& cells, Index rows, Index columns, const char* what) {
    if (cells.rows() != rows || cells.cols() != columns) {
        throw bad_input("{} of a weight slice: {} x {}, expected {} x {}", what, cells.rows(),
                        cells.cols(), rows, columns);
    }
    if (!cells.allFinite()) throw bad_input("{} of a weight slice: not all are finite", what);
}

void check_variance(const MatrixXd& variance, const MatrixXd& level, const char* what) {
    if (variance.size() == 0) return;
    check_cells(variance, level.rows(), level.cols(), what);
    if (variance.minCoeff() < 0) throw bad_input("{} of a weight slice: some are negative", what);
}

void check_powers(const MatrixXd& quadratic, const MatrixXd& cubic, const MatrixXd& level,
                  bool ohmic) {
    if (ohmic) {
        if (quadratic.size() == 0 && cubic.size() == 0) return;
        throw bad_input("weight slice: some cells are ohmic and some are not");
    }
    check_cells(quadratic, level.rows(), level.cols(), "quadratic currents");
    check_cells(cubic, level.rows(), level.cols(), "cubic currents");
}

void check_slice(const CellSlice& slice, Index rows, Index columns, bool pairs) {
    check_cells(slice.positive, rows, columns, "levels");
    check_variance(slice.positive_variance, slice.positive, "variances");
    if (pairs) {
        check_cells(slice.negative, rows, columns, "negative levels");
        check_variance(slice.negative_variance, slice.negative, "negative variances");
    } else if (slice.negative.size() > 0) {
        throw bad_input("weight slice: negative cells with an offset, expected none");
    }
}

void check_wires(const MultiplyOptions& options) {
    const WireOptions& wires = *options.wires;
    if (!(wires.siemens_per_level > 0) || !std::isfinite(wires.siemens_per_level)) {
        throw bad_input("wires: {} siemens per level, expected more than 0",
                        wires.siemens_per_level);
    }
    if (wires.topology == Topology::a) return;
    const InputCoding& input = options.input;
    if (input.sign == InputSign::magnitude || input.bits == 0 || slice_code_max(input) != 1) {
        throw bad_input("wires: inputs on gates, expected slices of one bit without sign");
    }
    const bool one_column = options.weight.sign == WeightSign::differential &&
                            options.subtraction == Subtraction::analog;
    if (wires.topology == Topology::c && !one_column) {
        throw bad_input(
            "wires: topology c, expected pairs of cells that are subtracted in the array");
    }
}

}  // namespace

void check_multiply(const std::vector<CellSlice>& cells, const MultiplyOptions& options) {
    check_coding(options.input);
    check_coding(options.weight);
    check_adc(options.adc);
    if (static_cast<int>(cells.size()) != weight_slices(options.weight)) {
        throw bad_input("weights in {} slices, expected {}", cells.size(),
                        weight_slices(options.weight));
    }
    const bool pairs = options.weight.sign == WeightSign::differential;
    const bool unit_column = !pairs && options.offset_removal == OffsetRemoval::unit_column;
    const Index rows = cells[0].positive.rows(), columns = cells[0].positive.cols();
    if (rows < 1 || columns < (unit_column ? 2 : 1)) {
        throw bad_input("weight slice: {} x {} cells, expected at least 1 x {}", rows, columns,
                        unit_column ? 2 : 1);
    }
    for (const CellSlice& slice : cells) {
        check_slice(slice, rows, columns, pairs);
        const bool ohmic = cells[0].ohmic();
        check_powers(slice.positive_quadratic, slice.positive_cubic, slice.positive, ohmic);
        if (pairs)
            check_powers(slice.negative_quadratic, slice.negative_cubic, slice.negative, ohmic);
    }
    if (!cells[0].ohmic() && options.wires && options.wires->topology != Topology::a) {
        throw bad_input(
            "wires: inputs on gates, expected cells by their current at the read voltage");
    }
    if (options.max_rows < 0 || options.max_columns < 0) {
        throw bad_input("arrays of {} x {}, expected positive sizes, or 0 for no limit",
                        options.max_rows, options.max_columns);
    }
    for (const double value : {options.readout_noise, options.output_step}) {
        if (!(value >= 0) || !std::isfinite(value)) {
            throw bad_input("read-out noise or output step: {}, expected 0 or more", value);
        }
    }
    if (options.wires) check_wires(options);
}

std::vector<Index> part_sizes(Index inputs, const MultiplyOptions& options) {
    const Index most = options.max_rows > 0 ? options.max_rows : inputs;
    const Index parts = (inputs + most - 1) / most;
    std::vector<Index> sizes;
    for (Index p = 0; p < parts; ++p) {
        sizes.push_back(options.split == RowSplit::equal
                            ? inputs / parts + (p < inputs % parts ? 1 : 0)
                            : std::min(most, inputs - p * most));
    }
    return sizes;
}

std::vector<Part> make_parts(const std::vector<CellSlice>& cells, const MultiplyOptions& options,
                             bool integers, std::int32_t bias) {
    const PartMaker maker(options, integers, bias);
    std::vector<Part> parts;
    Index first = 0;
    for (const Index size : part_sizes(cells[0].positive.rows(), options)) {
        Part part{first, size, {}};
        for (std::size_t s = 0; s < cells.size(); ++s) {
            maker.add(cells[s], static_cast<int>(s), part);
        }
        parts.push_back(std::move(part));
        first += size;
    }
    return parts;
}

EffectiveCells cells_behind_wires(const EffectiveCells& cells, const MultiplyOptions& options) {
    EffectiveCells effective{behind_wires(cells.level, options), {}, {}};
    if (cells.quadratic.size() == 0) return effective;
    const Eigen::ArrayXXd part =
        (cells.level.array() > 0).select(effective.level.array() / cells.level.array(), 0);
    effective.quadratic = cells.quadratic.array() * part.cube();
    effective.cubic = cells.cubic.array() * part.square().square();
    return effective;
}

bool fits_bytes(const std::vector<CellSlice>& cells, const MultiplyOptions& options) {
    const InputCoding& input = options.input;
    if (!cells[0].ohmic()) return false;
    if (options.wires || options.by_windows || input.bits == 0) return false;
    const double code =
        input.sum == SliceSum::analog ? input_code_max(input) : slice_code_max(input);
    if (code > (has_negative_codes(input) ? 127 : 255)) return false;
    double largest_sum = 0;
    for (const CellSlice& slice : cells) {
        const bool pairs = slice.negative.size() > 0;
        if (!in_byte_range(slice.positive) || (pairs && !in_byte_range(slice.negative))) {
            return false;
        }
        if (!pairs) {
            largest_sum =
                std::max(largest_sum, slice.positive.cwiseAbs().colwise().sum().maxCoeff());
            continue;
        }
        if (!in_byte_range(slice.positive - slice.negative)) return false;
        const MatrixXd both = slice.positive.cwiseAbs() + slice.negative.cwiseAbs();
        largest_sum = std::max(largest_sum, both.colwise().sum().maxCoeff());
    }
    return largest_sum * 255 < 0x1p31;  // sums with the bias; they are rounded once, to a float
}

namespace {

std::vector<AdcLimits> converter_limits(const MultiplyOptions& options, Index rows) {
    const AdcOptions& adc = options.adc;
    const bool pairs = options.weight.sign == WeightSign::differential;
    const bool both_signs =
        (pairs && options.subtraction == Subtraction::analog) ||
        options.input.sign == InputSign::magnitude ||
        (options.input.sign == InputSign::twos_complement && options.input.sum == SliceSum::analog);
    const auto slices = static_cast<std::size_t>(weight_slices(options.weight));
    if (adc.kind != AdcKind::none && adc.range == AdcRange::limits && adc.limits.size() != 1 &&
        adc.limits.size() != slices) {
        throw bad_input("ADC: {} limits, expected 1 or one per weight slice ({})",
                        adc.limits.size(), slices);
    }
    if (adc.kind != AdcKind::none && adc.range != AdcRange::limits && options.input.bits == 0) {
        throw bad_input("ADC: a range by rule without a DAC, expected limits");
    }
    const double code = options.input.sum == SliceSum::analog ? input_code_max(options.input)
                                                              : slice_code_max(options.input);
    std::vector<AdcLimits> all;
    for (std::size_t s = 0; s < slices; ++s) {
        AdcLimits limits{0, 1};
        if (adc.kind != AdcKind::none && adc.range == AdcRange::limits) {
            limits = adc.limits[adc.limits.size() == 1 ? 0 : s];
        } else if (adc.range == AdcRange::granular) {
            const double codes = std::ldexp(1.0, adc.bits), half = codes / 2;
            limits = both_signs ? AdcLimits{adc.exact_zero ? 1 - half : -half, half - 1}
                                : AdcLimits{0, codes - (adc.exact_zero ? 2 : 1)};
        } else if (adc.kind != AdcKind::none) {
            const Index counted = options.range_rows > 0 ? options.range_rows : rows;
            const double top = level_max(options.weight, static_cast<int>(s)) * code *
                               static_cast<double>(counted);
            limits = {both_signs ? -top : 0, top};
        }
        all.push_back(limits);
    }
    return all;
}

}  // namespace

std::vector<Converter> make_converters(const MultiplyOptions& options, Index rows) {
    std::vector<Converter> converters;
    for (const AdcLimits& limits : converter_limits(options, rows)) {
        converters.emplace_back(options.adc, limits);
    }
    return converters;
}

std::vector<Converter> assign_converters(const MultiplyOptions& options, Index rows,
                                         std::vector<Part>& parts) {
    const bool by_array = options.adc.kind == AdcKind::table && options.adc.by_array();
    const std::vector<AdcLimits> limits = converter_limits(options, rows);
    std::vector<Converter> converters;
    for (Part& part : parts) {
        for (Plane& plane : part.planes) {
            const auto slice = static_cast<std::size_t>(plane.weight_slice);
            plane.converter = by_array ? converters.size() : slice;
            if (!by_array) continue;
            converters.emplace_back(options.adc, limits[slice],
                                    static_cast<Index>(plane.converter));
        }
    }
    return by_array ? converters : make_converters(options, rows);
}

}  // namespace mho::behavioral
