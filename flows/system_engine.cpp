// SPDX-License-Identifier: Apache-2.0
#include "flows/system_engine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "behavioral/adc_circuits.h"
#include "behavioral/panel_kernel.h"
#include "behavioral/sliced_planes.h"
#include "flows/activation_range.h"
#include "flows/cell_currents.h"
#include "flows/float_engine.h"
#include "flows/system_calibration.h"
#include "flows/system_cells.h"

namespace mho::flows {
namespace {

using namespace behavioral;
using Eigen::Index;
using Eigen::MatrixXd;

// Weights of one group, inputs x outputs.
MatrixXd group_weights(const Network& network, const LayerMap& layer, int group) {
    using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Index inputs = layer.shape.inputs, outputs = layer.shape.outputs;
    const float* first =
        weights_of(network.nodes[layer.node]).data() + Index{group} * inputs * outputs;
    return Eigen::Map<const RowMatrix>(first, outputs, inputs).transpose().cast<double>();
}

// Of `groups` groups on the diagonal, with rows of biases below them, which are driven at the top
// of the inputs' range: a bias fills one after the other, so that it is rounded once.
MatrixXd block_weights(const Network& network, const PlannedLayer& layer, int first, int groups) {
    const Index inputs = layer.map.shape.inputs, outputs = layer.map.shape.outputs;
    MatrixXd weights = MatrixXd::Zero(layer.rows(groups), Index{groups} * outputs);
    for (Index g = 0; g < groups; ++g) {
        weights.block(g * inputs, g * outputs, inputs, outputs) =
            group_weights(network, layer.map, first + static_cast<int>(g));
    }
    const std::vector<float>& bias = bias_of(network.nodes[layer.map.node]);
    for (Index j = 0; j < weights.cols(); ++j) {
        const Index output = first * outputs + j;
        const bool scaled = layer.column_scale.size() > 0;
        const double scale = scaled ? static_cast<double>(layer.column_scale(output)) : 1.0;
        const double most = layer.weight_max * scale;
        double rest = static_cast<double>(bias[static_cast<std::size_t>(output)]) /
                      (layer.activation_max > 0 ? layer.activation_max : 1);
        for (Index r = weights.rows() - layer.map.bias_rows; r < weights.rows(); ++r) {
            weights(r, j) = std::clamp(rest, -most, most);
            rest -= weights(r, j);
        }
        weights.col(j) /= scale;
    }
    return weights;
}

// The magnitude that `percentile` percent of the values do not exceed.
double magnitude(const std::vector<float>& values, double percentile) {
    std::vector<float> sizes(values.size());
    std::transform(values.begin(), values.end(), sizes.begin(),
                   [](float v) { return std::abs(v); });
    const double place = std::ceil(percentile / 100 * static_cast<double>(sizes.size())) - 1;
    const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(std::max(place, 0.0));
    std::nth_element(sizes.begin(), at, sizes.end());
    return static_cast<double>(*at);
}

// Of each output's weights, as parts of the layer's.
Eigen::RowVectorXf column_scales(const std::vector<float>& weights, Index outputs,
                                 double percentile, double weight_max) {
    Eigen::RowVectorXf scales(outputs);
    const Index inputs = static_cast<Index>(weights.size()) / outputs;
    for (Index j = 0; j < outputs; ++j) {
        const auto first = weights.begin() + static_cast<std::ptrdiff_t>(j * inputs);
        const double own = magnitude(
            std::vector<float>(first, first + static_cast<std::ptrdiff_t>(inputs)), percentile);
        scales(j) = own > 0 ? static_cast<float>(own / weight_max) : 1.0f;
    }
    return scales;
}

InputCoding input_coding(const SystemSpec& spec, const PlannedLayer& layer) {
    InputCoding coding;
    coding.bits = spec.inputs.bits;
    coding.slice_bits = spec.inputs.slice_bits;
    coding.sum = spec.inputs.sum;
    coding.sign = layer.signed_inputs ? spec.inputs.negative : InputSign::none;
    if (coding.bits == 0) return coding;
    const int value_bits = layer.signed_inputs ? coding.bits - 1 : coding.bits;
    if (layer.activation_max > 0) {
        coding.step = layer.activation_max / (std::ldexp(1.0, value_bits) - 1);
    }
    return coding;
}

// Convolutions whose windows need not be laid out: one array a group, weights as they are, digital
// biases.
bool goes_by_windows(const PlannedLayer& layer) {
    return layer.map.op == "Conv" && layer.together == 1 && layer.map.copies == 1 &&
           layer.map.bias_rows == 0 && layer.column_scale.size() == 0;
}

MultiplyOptions multiply_options(const SystemSpec& spec, const PlannedLayer& layer) {
    MultiplyOptions options;
    options.input = input_coding(spec, layer);
    options.weight = weight_coding(spec);
    options.subtraction = spec.weights.subtraction;
    options.offset_removal = spec.weights.offset_removal;
    options.max_rows = spec.array.rows;
    options.max_columns = spec.array.columns;
    options.split = spec.array.split;
    options.output_step = layer.weight_max / weight_max(options.weight);
    if (layer.side_by_side()) {  // groups that fit their own arrays
        options.max_rows = 0;
        options.range_rows = layer.rows(1);
    }
    if (spec.wire.any()) {
        WireOptions wires;
        wires.model.row_segment_ohm = spec.wire.r_row;
        wires.model.column_segment_ohm = spec.wire.r_col;
        wires.model.driver_ohm = spec.wire.r_driver;
        wires.model.sense_ohm = spec.wire.r_sense;
        wires.siemens_per_level = level_scale(spec).step_siemens;
        wires.topology = spec.wire.topology;
        wires.settle_second = spec.timing.settle_second;
        wires.row_farad = spec.timing.row_farad;
        wires.column_farad = spec.timing.column_farad;
        wires.cell_farad = spec.timing.cell_farad;
        wires.integrates = spec.timing.integrates;
        options.wires = wires;
    }
    options.adc.kind = AdcKind::none;
    options.by_windows = goes_by_windows(layer);
    return options;
}

void add_converters(const SystemSpec& spec, const std::vector<AdcLimits>& limits,
                    PlannedLayer& layer) {
    AdcOptions& adc = layer.options.adc;
    adc.kind = AdcKind::ideal;
    adc.bits = spec.adc.bits;
    adc.exact_zero = spec.adc.exact_zero;
    if (spec.adc.is_circuit()) nominal_converters(spec.adc.circuit, adc);
    if (spec.adc.measured) {
        adc.kind = AdcKind::table;
        adc.tables = {measured_transitions(*spec.adc.measured)};
    }
    adc.range = spec.adc.range == AdcRule::maximum    ? AdcRange::maximum
                : spec.adc.range == AdcRule::granular ? AdcRange::granular
                                                      : AdcRange::limits;
    if (adc.range == AdcRange::limits) adc.limits = limits;
    for (AdcLimits& one : adc.limits) {
        if (!spec.adc.symmetric) break;
        one.high = std::max(std::abs(one.low), std::abs(one.high));
        one.low = -one.high;
    }
    if (spec.readout_noise_lsb == 0) return;
    layer.options.readout_noise = spec.readout_noise_lsb * layer_converters(layer).front().lsb();
}

// For each node, whether a negative value enters its product.
std::vector<char> negative_inputs(const Network& network, const Dataset& data, std::size_t images,
                                  const PlanOptions& options) {
    std::vector<char> negative(network.nodes.size(), 0);
    std::mutex mutex;
    each_float_product(network, data, images, options, [&](const Product& product, std::size_t) {
        const bool any = std::any_of(product.inputs.begin(), product.inputs.end(),
                                     [](float x) { return x < 0; });
        if (!any) return;
        const std::lock_guard lock(mutex);
        negative[product.node] = 1;
    });
    return negative;
}

// Sets of converters of a matrix: for each part of the rows and weight slice, and for negative
// cells where they are converted too.
Index converter_arrays(const PlannedLayer& layer, Index rows) {
    const MultiplyOptions& options = layer.options;
    const bool both = options.weight.sign == WeightSign::differential &&
                      options.subtraction == Subtraction::digital;
    const auto parts = static_cast<Index>(part_sizes(rows, options).size());
    return parts * weight_slices(options.weight) * (both ? 2 : 1);
}

// Converters of arrays side by side are shared inside each array only.
void draw_layer_converters(const AdcSpec& adc, const PlannedLayer& layer, const CellKey& key,
                           Index rows, Index columns, AdcOptions& options) {
    AdcCircuit circuit = adc.circuit;
    Index columns_per_array = layer.options.max_columns;
    if (layer.side_by_side()) {
        columns_per_array = layer.map.shape.outputs;
        circuit.group_size = std::min(circuit.group_size, layer.map.shape.outputs);
    }
    const Index arrays = converter_arrays(layer, rows);
    const behavioral::ConverterKey converters{key.seed, key.trial, key.matrix};
    if (adc.measured) {
        const bool ramp = !adc.measured->mismatch.bend_volt_rms.empty();
        draw_measured_converters(*adc.measured, arrays, columns,
                                 ramp ? columns_per_array : Index{circuit.group_size}, converters,
                                 options);
        return;
    }
    draw_converters(circuit, arrays, columns, columns_per_array, converters, options);
}

// Copies one group's cells to their place among those of groups side by side.
void place_cells(const MatrixXd& from, const PlannedLayer& layer, int place, int groups,
                 MatrixXd& all) {
    if (from.size() == 0) return;
    const Index inputs = layer.map.shape.inputs, bias = layer.map.bias_rows;
    if (all.size() == 0) all = MatrixXd::Zero(layer.rows(groups), from.cols() * groups);
    all.block(place * inputs, place * from.cols(), inputs, from.cols()) = from.topRows(inputs);
    all.block(groups * inputs, place * from.cols(), bias, from.cols()) = from.bottomRows(bias);
}

// Cells of arrays side by side: none where no group has any. At their targets without `key`.
ReadCells cells_side_by_side(const Network& network, const SystemSpec& spec,
                             const PlannedLayer& layer, int first, int groups,
                             const std::optional<CellKey>& key) {
    ReadCells all;
    for (int g = 0; g < groups; ++g) {
        ReadCells one{
            target_cells(block_weights(network, layer, first + g, 1), layer.weight_max, spec)};
        if (key) {
            CellKey own = *key;
            own.matrix += static_cast<std::uint32_t>(g);
            one = read_cells(std::move(one.slices), spec, own);
        }
        all.slices.resize(one.slices.size());
        for (std::size_t s = 0; s < one.slices.size(); ++s) {
            const CellSlice& from = one.slices[s];
            CellSlice& to = all.slices[s];
            place_cells(from.positive, layer, g, groups, to.positive);
            place_cells(from.negative, layer, g, groups, to.negative);
            place_cells(from.positive_variance, layer, g, groups, to.positive_variance);
            place_cells(from.negative_variance, layer, g, groups, to.negative_variance);
        }
        all.reference_siemens += one.reference_siemens;
        all.now_siemens += one.now_siemens;
        all.writing += one.writing;
    }
    return all;
}

ReadCells block_cells(const Network& network, const SystemSpec& spec, const PlannedLayer& layer,
                      int first, const std::optional<CellKey>& key) {
    const int groups = std::min(layer.together, layer.map.shape.groups - first);
    if (layer.side_by_side()) {
        return cells_side_by_side(network, spec, layer, first, groups, key);
    }
    std::vector<CellSlice> targets =
        target_cells(block_weights(network, layer, first, groups), layer.weight_max, spec);
    if (!key) return {std::move(targets)};
    return read_cells(std::move(targets), spec, *key);
}

struct MadeMultiply {
    SlicedMultiply multiply;
    WriteCost writing;
};

// Of the groups from `first` on. Programmed at its targets without `key`.
MadeMultiply make_multiply(const Network& network, const SystemSpec& spec,
                           const PlannedLayer& layer, int first,
                           const std::optional<CellKey>& key) {
    ReadCells read = block_cells(network, spec, layer, first, key);
    apply_curve(spec, layer.options.input, full_code(layer.options.input, layer.activation_max),
                read.slices);
    MultiplyOptions options = layer.options;
    options.output_step *= read.compensation();
    const bool varies = spec.adc.measured ? spec.adc.measured->mismatch.draws > 0
                                          : spec.adc.is_circuit() && spec.adc.circuit.varies();
    if (key && options.adc.kind == AdcKind::table && varies) {
        const MatrixXd& cells = read.slices[0].positive;
        draw_layer_converters(spec.adc, layer, *key, cells.rows(), cells.cols(), options.adc);
    }
    return {SlicedMultiply(read.slices, options), read.writing};
}

bool has_cell_noise(const SystemSpec& spec) {
    const auto& model = spec.device.model;
    return model && model->read_noise && spec.device.read_noise_scale > 0 &&
           model->read_noise->resampling == Resampling::each_read;
}

std::uint32_t matrix_number(const PlannedLayer& layer, int copy, int group) {
    return layer.first_matrix + static_cast<std::uint32_t>(copy * layer.map.shape.groups + group);
}

SystemInstance make_instance(const Network& network, const SystemPlan& plan,
                             const std::optional<CellKey>& key, std::size_t threads) {
    struct Job {
        std::size_t layer;
        int copy;
        int first_group;
    };
    std::vector<Job> jobs;
    for (std::size_t k = 0; k < plan.layers.size(); ++k) {
        const PlannedLayer& layer = plan.layers[k];
        if (layer.map.digital) continue;
        for (int c = 0; c < layer.map.copies; ++c) {
            for (int b = 0; b < layer.blocks(); ++b) jobs.push_back({k, c, b * layer.together});
        }
    }
    std::vector<std::optional<MadeMultiply>> made(jobs.size());
    parallel_for(jobs.size(), threads, [&](std::size_t j) {
        const PlannedLayer& layer = plan.layers[jobs[j].layer];
        std::optional<CellKey> own = key;
        if (own) own->matrix = matrix_number(layer, jobs[j].copy, jobs[j].first_group);
        made[j] = make_multiply(network, plan.spec, layer, jobs[j].first_group, own);
    });
    SystemInstance instance;
    instance.layers.resize(plan.layers.size());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
        instance.layers[jobs[j].layer].push_back(std::move(made[j]->multiply));
        instance.writing += made[j]->writing;
    }
    for (const PlannedLayer& layer : plan.layers) {
        instance.noisy.push_back(key &&
                                 (has_cell_noise(plan.spec) || layer.options.readout_noise > 0));
    }
    return instance;
}

// The largest number of rows of an array of the layer.
Index most_rows(const PlannedLayer& layer) {
    const auto parts = part_sizes(layer.rows(layer.together), layer.options);
    return *std::max_element(parts.begin(), parts.end());
}

// Whether the lowest states of a whole array stay below half a step of converters whose steps are
// whole sums: then conversion drops them itself.
bool conversion_drops(double lowest, const PlannedLayer& layer) {
    const InputCoding& input = layer.options.input;
    const double code =
        input.sum == SliceSum::analog ? input_code_max(input) : slice_code_max(input);
    return layer.options.adc.kind != AdcKind::none &&
           layer.options.adc.range == AdcRange::granular &&
           lowest * code * static_cast<double>(most_rows(layer)) < 0.5;
}

// Lowest states of an offset's cells add to every sum what a digital removal knows exactly.
void remove_lowest_states(const SystemSpec& spec, const PlannedLayer& layer,
                          const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> y) {
    const MultiplyOptions& options = layer.options;
    const double lowest = level_scale(spec).lowest_level();
    if (options.weight.sign != WeightSign::offset || lowest == 0 ||
        options.offset_removal != OffsetRemoval::digital || conversion_drops(lowest, layer)) {
        return;
    }
    double slices = 0;
    for (int s = 0; s < weight_slices(options.weight); ++s) {
        slices += std::ldexp(1.0, s * options.weight.slice_bits);
    }
    const double scale = options.output_step * options.input.step * lowest * slices;
    std::vector<float> codes(static_cast<std::size_t>(x.cols()));
    for (Index i = 0; i < x.rows(); ++i) {
        input_codes(x.row(i).data(), x.cols(), options.input, codes.data());
        const double sum = std::accumulate(codes.begin(), codes.end(), 0.0);
        y.row(i).array() -= static_cast<float>(scale * sum);
    }
}

// As many rows as the largest bias needs, but no more than 256: larger ones are clipped.
void place_biases(const Network& network, const SystemSpec& spec, PlannedLayer& layer) {
    constexpr double kMostRows = 256;
    if (!spec.weights.bias_in_array) return;
    const std::vector<float>& bias = bias_of(network.nodes[layer.map.node]);
    double largest = 0;
    for (std::size_t j = 0; j < bias.size(); ++j) {
        const float scale =
            layer.column_scale.size() > 0 ? layer.column_scale(static_cast<Index>(j)) : 1.0f;
        largest = std::max(largest, std::abs(static_cast<double>(bias[j] / scale)));
    }
    const double of_one = layer.activation_max * layer.weight_max;
    const bool any = largest > 0 && of_one > 0;
    layer.map.bias_rows =
        any ? static_cast<int>(std::min(kMostRows, std::ceil(largest / of_one))) : 0;
    place_layer(spec, layer.map);
}

// Groups that share arrays; or as many small ones as fill a panel, where their arrays have nothing
// in common and neither wires nor an offset that counts all inputs.
int groups_together(const SystemSpec& spec, const LayerMap& map) {
    if (map.groups_in_array > 1 || map.shape.groups == 1) return map.groups_in_array;
    if (map.row_parts > 1 || spec.weights.sign == WeightSign::offset || spec.wire.any()) return 1;
    return std::clamp(static_cast<int>(kPanelWidth) / map.shape.outputs, 1, map.shape.groups);
}

// Inputs of a layer span what its file says, with a sign where that is negative.
void use_input_ranges(const SystemSpec& spec, std::vector<PlannedLayer>& layers) {
    const LayerRanges& ranges = *spec.inputs.ranges;
    require_layers(ranges, layers.size(), spec.inputs.file);
    for (std::size_t k = 0; k < layers.size(); ++k) {
        const AdcLimits& one = ranges.layers[k].front();
        layers[k].activation_max = std::max(std::abs(one.low), std::abs(one.high));
        layers[k].signed_inputs = one.low < 0;
    }
}

// From cells and inputs at their largest, for which a file counts 1, to levels times codes.
std::vector<std::vector<AdcLimits>> file_limits(const SystemSpec& spec,
                                                const std::vector<PlannedLayer>& layers) {
    require_layers(*spec.adc.ranges, layers.size(), spec.adc.file);
    std::vector<std::vector<AdcLimits>> limits;
    for (std::size_t k = 0; k < layers.size(); ++k) {
        limits.push_back(spec.adc.ranges->layers[k]);
        if (layers[k].map.digital) continue;
        const MultiplyOptions& options = layers[k].options;
        const auto slices = static_cast<std::size_t>(weight_slices(options.weight));
        if (limits[k].size() != slices) {
            throw bad_input("{}: {} ranges a layer, expected {}, one for each weight slice",
                            spec.adc.file, limits[k].size(), slices);
        }
        const InputCoding& input = options.input;
        const double code = input.bits == 0                 ? layers[k].activation_max / input.step
                            : input.sum == SliceSum::analog ? input_code_max(input)
                                                            : slice_code_max(input);
        for (std::size_t s = 0; s < slices; ++s) {
            const double unit = level_max(options.weight, static_cast<int>(s)) * code;
            limits[k][s] = {limits[k][s].low * unit, limits[k][s].high * unit};
        }
    }
    return limits;
}

// The inputs of a product, with those of the biases' rows behind them.
RowMatrixXf driven_inputs(const PlannedLayer& layer, const Product& product) {
    const Index inputs = Index{product.together} * product.shape.inputs;
    const Eigen::Map<const RowMatrixXf> given(product.inputs.data(),
                                              static_cast<Index>(product.vectors), inputs);
    RowMatrixXf x(given.rows(), layer.rows(product.together));
    x.leftCols(inputs) = given;
    x.rightCols(layer.map.bias_rows).setConstant(static_cast<float>(layer.activation_max));
    return x;
}

}  // namespace

std::optional<double> layer_curve_error(const Network& network, const SystemPlan& plan,
                                        const SystemInstance& instance, std::size_t k,
                                        const Product& product) {
    const PlannedLayer& layer = plan.layers[k];
    if (layer.map.digital || !has_curve(plan.spec) || !layer.options.wires) return std::nullopt;
    constexpr Index kVectors = 8;  // evenly spaced ones
    const CellKey key{instance.seed, instance.trial, matrix_number(layer, 0, product.group)};
    const ReadCells read = block_cells(network, plan.spec, layer, product.group, key);
    const RowMatrixXf x = driven_inputs(layer, product);
    const Index inputs = x.cols(), count = std::min(kVectors, x.rows());
    MatrixXd codes(count, inputs);
    std::vector<float> own(static_cast<std::size_t>(inputs)), slice = own;
    for (Index v = 0; v < count; ++v) {
        input_codes(x.row(v * x.rows() / count).data(), inputs, layer.options.input, own.data());
        input_slice(own.data(), inputs, layer.options.input, 0, slice.data());
        for (Index i = 0; i < inputs; ++i) {
            codes(v, i) = static_cast<double>(slice[static_cast<std::size_t>(i)]);
        }
    }
    return curve_error(plan.spec, layer.options,
                       full_code(layer.options.input, layer.activation_max), read.slices[0], codes);
}

namespace {

// A noise stream of a layer's reads of one copy and block of groups, from sample `first_sample` of
// the data set on; none without noise.
std::optional<NoiseStream> noise_of(const SystemPlan& plan, const SystemInstance& instance,
                                    std::size_t layer, int copy, int group, Index first_sample) {
    if (instance.noisy[layer] == 0) return {};
    const std::uint32_t matrix = matrix_number(plan.layers[layer], copy, group);
    return NoiseStream{instance.seed, instance.trial * plan.matrices + matrix,
                       static_cast<std::uint32_t>(first_sample)};
}

SystemPlan start_plan(const Network& network, const SystemSpec& spec) {
    SystemPlan plan;
    plan.spec = spec;
    plan.layer_of_node.resize(network.nodes.size());
    for (LayerMap& map : map_system(network, spec)) {
        PlannedLayer layer;
        layer.map = std::move(map);
        layer.first_matrix = plan.matrices;
        plan.matrices +=
            static_cast<std::uint32_t>(layer.map.shape.groups * std::max(1, layer.map.copies));
        plan.layer_of_node[layer.map.node] = plan.layers.size();
        const double largest =
            magnitude(weights_of(network.nodes[layer.map.node]), spec.weights.percentile);
        if (largest > 0) layer.weight_max = largest;
        if (spec.weights.scale_by_column && !layer.map.digital) {
            const ProductShape& shape = layer.map.shape;
            layer.column_scale = column_scales(weights_of(network.nodes[layer.map.node]),
                                               Index{shape.outputs} * shape.groups,
                                               spec.weights.percentile, layer.weight_max);
        }
        plan.layers.push_back(std::move(layer));
    }
    return plan;
}

}  // namespace

void each_float_product(const Network& network, const Dataset& data, std::size_t images,
                        const PlanOptions& options, const ProductUse& use,
                        const GroupsTogether& together) {
    parallel_for(chunk_count(images), options.threads, [&](std::size_t c) {
        if (options.before_chunk) options.before_chunk();
        const Chunk chunk = chunk_at(c, images);
        run_batch(
            network, data.images(chunk.first, chunk.count), chunk.count,
            [&](const Product& product) {
                float_product(network, product);
                use(product, chunk.first);
            },
            together);
    });
}

std::vector<Converter> layer_converters(const PlannedLayer& layer) {
    return make_converters(layer.options, most_rows(layer));
}

std::size_t used_columns(const PlannedLayer& layer, const Product& product,
                         const ConversionPlace& place) {
    const bool unit_column = layer.options.weight.sign == WeightSign::offset &&
                             layer.options.offset_removal == OffsetRemoval::unit_column;
    const Index columns = Index{product.together} * layer.map.shape.outputs + (unit_column ? 1 : 0);
    return static_cast<std::size_t>(std::min<Index>(kPanelWidth, columns - place.first_column));
}

SystemPlan plan_system(const Network& network, const Dataset& data, const SystemSpec& spec,
                       const PlanOptions& options) {
    check_system(spec);
    return plan_system(network, data, spec, options,
                       input_ranges(network, data, spec.inputs, options));
}

InputRanges input_ranges(const Network& network, const Dataset& data, const InputSpec& inputs,
                         const PlanOptions& options) {
    RangeOptions range;
    range.images = static_cast<std::size_t>(inputs.images);
    range.percentile = inputs.percentile;
    range.threads = options.threads;
    return {activation_ranges(network, data, range),
            negative_inputs(network, data, std::min(range.images, data.size()), options)};
}

SystemPlan plan_system(const Network& network, const Dataset& data, const SystemSpec& spec,
                       const PlanOptions& options, const InputRanges& ranges) {
    check_system(spec);
    SystemPlan plan = start_plan(network, spec);
    for (PlannedLayer& layer : plan.layers) {
        layer.activation_max = ranges.largest[layer.map.node];
        layer.signed_inputs = ranges.negative[layer.map.node] != 0;
    }
    if (spec.inputs.ranges) use_input_ranges(spec, plan.layers);
    for (PlannedLayer& layer : plan.layers) {
        if (layer.map.digital) continue;
        place_biases(network, spec, layer);
        layer.together = groups_together(spec, layer.map);
        layer.options = multiply_options(spec, layer);
    }
    if (spec.adc.range == AdcRule::none || spec.products == Products::floating) return plan;
    std::vector<std::vector<AdcLimits>> limits(plan.layers.size());
    if (spec.adc.range == AdcRule::file) limits = file_limits(spec, plan.layers);
    if (spec.adc.range == AdcRule::calibrated) {
        const SystemInstance exact = make_instance(network, plan, {}, options.threads);
        limits = calibrated_limits(network, data, plan, exact, options);
    }
    for (std::size_t k = 0; k < plan.layers.size(); ++k) {
        if (!plan.layers[k].map.digital) add_converters(spec, limits[k], plan.layers[k]);
    }
    return plan;
}

namespace {

// The executor adds biases digitally: those that the arrays have added come off again.
void take_biases_off(const std::vector<float>& bias, const Product& product) {
    const Index columns = Index{product.together} * product.shape.outputs;
    Eigen::Map<RowMatrixXf> y(product.outputs.data(), static_cast<Index>(product.vectors), columns);
    y.rowwise() -= Eigen::Map<const Eigen::RowVectorXf>(
        bias.data() + Index{product.group} * product.shape.outputs, columns);
}

// Each copy of a layer's arrays has its own stretch of every image's positions.
void run_copies(const SystemPlan& plan, const SystemInstance& instance, std::size_t k,
                const Product& product, const Eigen::Ref<const RowMatrixXf>& x,
                std::size_t first_image, const ConversionObserver& observer) {
    const PlannedLayer& layer = plan.layers[k];
    const Index positions = product.shape.positions, copies = layer.map.copies;
    Eigen::Map<RowMatrixXf> y(product.outputs.data(), x.rows(),
                              Index{product.together} * product.shape.outputs);
    const auto first_sample = static_cast<Index>(first_image + product.first_image) * positions;
    const auto run = [&](Index copy, Index first, Index count) {
        const auto noise = noise_of(plan, instance, k, static_cast<int>(copy), product.group,
                                    first_sample + first);
        const Index block = product.group / layer.together;
        const SlicedMultiply& multiply =
            instance.layers[k][static_cast<std::size_t>(copy * layer.blocks() + block)];
        multiply.run(x.middleRows(first, count), y.middleRows(first, count), noise, observer);
        remove_lowest_states(plan.spec, layer, x.middleRows(first, count),
                             y.middleRows(first, count));
        if (layer.column_scale.size() == 0) return;
        const Index output = Index{product.group} * product.shape.outputs;
        y.middleRows(first, count).array().rowwise() *=
            layer.column_scale.segment(output, y.cols()).array();
    };
    if (copies == 1) {
        run(0, 0, x.rows());
        return;
    }
    for (Index image = 0; image < x.rows(); image += positions) {
        for (Index copy = 0; copy < copies; ++copy) {
            const Index from = copy * positions / copies, to = (copy + 1) * positions / copies;
            run(copy, image + from, to - from);
        }
    }
}

}  // namespace

SystemInstance program_system(const Network& network, const SystemPlan& plan, std::uint64_t seed,
                              std::uint32_t trial, std::size_t threads) {
    SystemInstance instance = make_instance(network, plan, CellKey{seed, trial, 0}, threads);
    instance.seed = seed;
    instance.trial = trial;
    return instance;
}

GroupsTogether groups_together(const SystemPlan& plan) {
    return [&plan](std::size_t node) { return plan.layers[plan.layer_of_node[node]].together; };
}

void system_product(const Network& network, const SystemPlan& plan, const SystemInstance& instance,
                    const Product& product, std::size_t first_image,
                    const ConversionObserver& observer) {
    const std::size_t k = plan.layer_of_node[product.node];
    const PlannedLayer& layer = plan.layers[k];
    if (layer.map.digital) {
        float_product(network, product);
        return;
    }
    const int groups = std::min(layer.together, layer.map.shape.groups - product.group);
    if (product.group % layer.together != 0 || product.together != groups) {
        throw bad_input("layer '{}': groups {} to {} asked for, expected blocks of {}",
                        layer.map.name, product.group, product.group + product.together - 1,
                        layer.together);
    }
    if (layer.map.bias_rows > 0) {
        const RowMatrixXf x = driven_inputs(layer, product);
        run_copies(plan, instance, k, product, x, first_image, observer);
        take_biases_off(bias_of(network.nodes[product.node]), product);
        return;
    }
    const Eigen::Map<const RowMatrixXf> x(product.inputs.data(),
                                          static_cast<Index>(product.vectors),
                                          Index{product.together} * product.shape.inputs);
    run_copies(plan, instance, k, product, x, first_image, observer);
}

namespace {

// Images of one group's channels with their padding, and the windows in them.
class PaddedImages {
  public:
    PaddedImages(const Conv& conv, const Shape& in, const Shape& out)
        : window_(conv.window),
          channels_(in[0] / conv.groups),
          height_(in[1]),
          width_(in[2]),
          padded_height_(in[1] + window_.pad_begin[0] + window_.pad_end[0]),
          padded_width_(in[2] + window_.pad_begin[1] + window_.pad_end[1]) {
        windows_.rows = out[1];
        windows_.columns = out[2];
        windows_.row_step = Index{window_.stride[0]} * padded_width_;
        windows_.column_step = window_.stride[1];
        windows_.image_size = channels_ * padded_height_ * padded_width_;
        for (Index c = 0; c < channels_; ++c) {
            for (int y = 0; y < window_.kernel[0]; ++y) {
                for (int x = 0; x < window_.kernel[1]; ++x) {
                    windows_.offset.push_back(static_cast<std::int32_t>(
                        (c * padded_height_ + y * window_.dilation[0]) * padded_width_ +
                        x * window_.dilation[1]));
                }
            }
        }
    }

    const Windows& windows() const { return windows_; }

    void fill(const Convolution& convolution) {
        const Index own = channels_ * height_ * width_;
        const auto images = static_cast<Index>(convolution.images);
        const Index all = static_cast<Index>(convolution.inputs.size()) / images;
        values_.assign(static_cast<std::size_t>(images * windows_.image_size), 0.0f);
        float* to = values_.data() + window_.pad_begin[0] * padded_width_ + window_.pad_begin[1];
        for (Index i = 0; i < images; ++i) {
            const float* from = convolution.inputs.data() + i * all + convolution.group * own;
            for (Index c = 0; c < channels_; ++c) {
                for (Index y = 0; y < height_; ++y, from += width_) {
                    std::copy_n(from, width_, to + (c * padded_height_ + y) * padded_width_);
                }
            }
            to += windows_.image_size;
        }
    }

    const float* values() const { return values_.data(); }

  private:
    Window window_;
    Index channels_, height_, width_, padded_height_, padded_width_;
    Windows windows_;
    std::vector<float> values_;
};

bool system_convolution(const Network& network, const SystemPlan& plan,
                        const SystemInstance& instance, const Convolution& convolution,
                        std::size_t first_image) {
    const Node& node = network.nodes[convolution.node];
    const std::size_t k = plan.layer_of_node[convolution.node];
    const PlannedLayer& layer = plan.layers[k];
    if (layer.map.digital || !goes_by_windows(layer)) return false;
    const SlicedMultiply& multiply =
        instance.layers[k][static_cast<std::size_t>(convolution.group)];
    if (!multiply.takes_windows()) return false;
    PaddedImages images(std::get<Conv>(node.op), network.tensor(node.inputs[0]).shape,
                        network.tensor(node.output).shape);
    images.fill(convolution);
    const Index outputs = Index{layer.map.shape.outputs} * layer.map.shape.positions;
    const auto noise = noise_of(plan, instance, k, 0, convolution.group,
                                static_cast<Index>(first_image + convolution.first_image) *
                                    Index{layer.map.shape.positions});
    multiply.run_windows(images.windows(), images.values(), static_cast<Index>(convolution.images),
                         convolution.outputs.data() + convolution.group * outputs,
                         outputs * layer.map.shape.groups, noise);
    return true;
}

}  // namespace

std::vector<float> system_scores(const Network& network, const SystemPlan& plan,
                                 const SystemInstance& instance, std::span<const float> pixels,
                                 std::size_t first_image, std::size_t count) {
    return run_batch(
        network, pixels, count,
        [&](const Product& product) {
            system_product(network, plan, instance, product, first_image);
        },
        groups_together(plan),
        [&](const Convolution& convolution) {
            return system_convolution(network, plan, instance, convolution, first_image);
        });
}

}  // namespace mho::flows
