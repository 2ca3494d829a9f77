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
#include "behavioral/panel_kernel.h"
#include "behavioral/sliced_planes.h"
#include "flows/activation_range.h"
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
    if (spec.wire.any()) {
        WireOptions wires;
        wires.model.row_segment_ohm = spec.wire.r_row;
        wires.model.column_segment_ohm = spec.wire.r_col;
        wires.model.driver_ohm = spec.wire.r_driver;
        wires.model.sense_ohm = spec.wire.r_sense;
        wires.siemens_per_level = level_scale(spec).step_siemens;
        wires.topology = spec.wire.topology;
        options.wires = wires;
    }
    options.adc.kind = AdcKind::none;
    options.by_windows = layer.map.op == "Conv";
    return options;
}

void add_converters(const SystemSpec& spec, const std::vector<AdcLimits>& limits,
                    PlannedLayer& layer) {
    AdcOptions& adc = layer.options.adc;
    adc.kind = AdcKind::ideal;
    adc.bits = spec.adc.bits;
    adc.exact_zero = spec.adc.exact_zero;
    adc.range = spec.adc.range == AdcRule::maximum    ? AdcRange::maximum
                : spec.adc.range == AdcRule::granular ? AdcRange::granular
                                                      : AdcRange::limits;
    if (adc.range == AdcRange::limits) adc.limits = limits;
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

// Programmed at its targets without `key`.
SlicedMultiply make_multiply(const Network& network, const SystemSpec& spec,
                             const PlannedLayer& layer, int group,
                             const std::optional<CellKey>& key) {
    std::vector<CellSlice> targets =
        target_cells(group_weights(network, layer.map, group), layer.weight_max, spec);
    if (!key) return {targets, layer.options};
    const ReadCells read = read_cells(std::move(targets), spec, *key);
    MultiplyOptions options = layer.options;
    options.output_step *= read.compensation;
    return {read.slices, options};
}

bool has_cell_noise(const SystemSpec& spec) {
    const auto& model = spec.device.model;
    return model && model->read_noise && spec.device.read_noise_scale > 0 &&
           model->read_noise->resampling == Resampling::each_read;
}

SystemInstance make_instance(const Network& network, const SystemPlan& plan,
                             const std::optional<CellKey>& key, std::size_t threads) {
    struct Job {
        std::size_t layer;
        int group;
    };
    std::vector<Job> jobs;
    for (std::size_t k = 0; k < plan.layers.size(); ++k) {
        if (plan.layers[k].map.digital) continue;
        for (int g = 0; g < plan.layers[k].map.shape.groups; ++g) jobs.push_back({k, g});
    }
    std::vector<std::optional<SlicedMultiply>> made(jobs.size());
    parallel_for(jobs.size(), threads, [&](std::size_t j) {
        const PlannedLayer& layer = plan.layers[jobs[j].layer];
        std::optional<CellKey> own = key;
        if (own) own->matrix = layer.first_matrix + static_cast<std::uint32_t>(jobs[j].group);
        made[j] = make_multiply(network, plan.spec, layer, jobs[j].group, own);
    });
    SystemInstance instance;
    instance.layers.resize(plan.layers.size());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
        instance.layers[jobs[j].layer].push_back(std::move(*made[j]));
    }
    for (const PlannedLayer& layer : plan.layers) {
        instance.noisy.push_back(key &&
                                 (has_cell_noise(plan.spec) || layer.options.readout_noise > 0));
    }
    return instance;
}

// The largest number of rows of an array of the layer.
Index most_rows(const PlannedLayer& layer) {
    const auto parts = part_sizes(layer.map.shape.inputs, layer.options);
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

// A noise stream of a layer's reads from image `first_image` of the data set on; none without
// noise.
std::optional<NoiseStream> noise_of(const SystemPlan& plan, const SystemInstance& instance,
                                    std::size_t layer, int group, std::size_t first_image) {
    if (instance.noisy[layer] == 0) return {};
    const PlannedLayer& planned = plan.layers[layer];
    const std::size_t sample = first_image * static_cast<std::size_t>(planned.map.shape.positions);
    return NoiseStream{
        instance.seed,
        instance.trial * plan.matrices + planned.first_matrix + static_cast<std::uint32_t>(group),
        static_cast<std::uint32_t>(sample)};
}

SystemPlan start_plan(const Network& network, const SystemSpec& spec) {
    SystemPlan plan;
    plan.spec = spec;
    plan.layer_of_node.resize(network.nodes.size());
    for (LayerMap& map : map_system(network, spec)) {
        PlannedLayer layer;
        layer.map = std::move(map);
        layer.first_matrix = plan.matrices;
        plan.matrices += static_cast<std::uint32_t>(layer.map.shape.groups);
        plan.layer_of_node[layer.map.node] = plan.layers.size();
        const double largest =
            magnitude(weights_of(network.nodes[layer.map.node]), spec.weights.percentile);
        if (largest > 0) layer.weight_max = largest;
        plan.layers.push_back(std::move(layer));
    }
    return plan;
}

}  // namespace

void each_float_product(const Network& network, const Dataset& data, std::size_t images,
                        const PlanOptions& options, const ProductUse& use) {
    parallel_for(chunk_count(images), options.threads, [&](std::size_t c) {
        if (options.before_chunk) options.before_chunk();
        const Chunk chunk = chunk_at(c, images);
        run_batch(network, data.images(chunk.first, chunk.count), chunk.count,
                  [&](const Product& product) {
                      float_product(network, product);
                      use(product, chunk.first);
                  });
    });
}

std::vector<Converter> layer_converters(const PlannedLayer& layer) {
    return make_converters(layer.options, most_rows(layer));
}

std::size_t used_columns(const PlannedLayer& layer, const ConversionPlace& place) {
    const bool unit_column = layer.options.weight.sign == WeightSign::offset &&
                             layer.options.offset_removal == OffsetRemoval::unit_column;
    const Index columns = layer.map.shape.outputs + (unit_column ? 1 : 0);
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
        layer.options = multiply_options(spec, layer);
    }
    if (spec.adc.range == AdcRule::none || spec.products == Products::floating) return plan;
    std::vector<std::vector<AdcLimits>> limits(plan.layers.size());
    if (spec.adc.range == AdcRule::calibrated) {
        const SystemInstance exact = make_instance(network, plan, {}, options.threads);
        limits = calibrated_limits(network, data, plan, exact, options);
    }
    for (std::size_t k = 0; k < plan.layers.size(); ++k) {
        if (!plan.layers[k].map.digital) add_converters(spec, limits[k], plan.layers[k]);
    }
    return plan;
}

SystemInstance program_system(const Network& network, const SystemPlan& plan, std::uint64_t seed,
                              std::uint32_t trial, std::size_t threads) {
    SystemInstance instance = make_instance(network, plan, CellKey{seed, trial, 0}, threads);
    instance.seed = seed;
    instance.trial = trial;
    return instance;
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
    const auto vectors = static_cast<Index>(product.vectors);
    const Eigen::Map<const RowMatrixXf> x(product.inputs.data(), vectors, product.shape.inputs);
    Eigen::Map<RowMatrixXf> y(product.outputs.data(), vectors, product.shape.outputs);
    const auto noise =
        noise_of(plan, instance, k, product.group, first_image + product.first_image);
    const SlicedMultiply& multiply = instance.layers[k][static_cast<std::size_t>(product.group)];
    multiply.run(x, y, noise, observer);
    remove_lowest_states(plan.spec, layer, x, y);
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
    if (layer.map.digital) return false;
    const auto group = static_cast<std::size_t>(convolution.group);
    const SlicedMultiply& multiply = instance.layers[k][group];
    if (!multiply.takes_windows()) return false;
    PaddedImages images(std::get<Conv>(node.op), network.tensor(node.inputs[0]).shape,
                        network.tensor(node.output).shape);
    images.fill(convolution);
    const Index outputs = Index{layer.map.shape.outputs} * layer.map.shape.positions;
    const auto noise =
        noise_of(plan, instance, k, convolution.group, first_image + convolution.first_image);
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
        [&](const Convolution& convolution) {
            return system_convolution(network, plan, instance, convolution, first_image);
        });
}

}  // namespace mho::flows
