// SPDX-License-Identifier: Apache-2.0
#include "flows/network.h"

#include <fmt/ranges.h>

#include <functional>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace mho::flows {
namespace {

template <typename... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

void require_feature_map(const Shape& shape) {
    if (shape.size() != 3) {
        throw bad_input("input has shape {}, channels x height x width expected", describe(shape));
    }
}

// Extent along one axis: floor((in + pads - dilation (kernel - 1) - 1) / stride) + 1.
int slide(int extent, const Window& window, std::size_t axis) {
    const std::int64_t reach = std::int64_t{window.dilation[axis]} * (window.kernel[axis] - 1) + 1;
    const std::int64_t padded =
        std::int64_t{extent} + window.pad_begin[axis] + window.pad_end[axis];
    if (padded < reach) {
        throw bad_input("window of {} is larger than the padded input of {}", reach, padded);
    }
    const std::int64_t steps = (padded - reach) / window.stride[axis] + 1;
    if (steps > std::numeric_limits<int>::max()) throw bad_input("output is too large");
    return static_cast<int>(steps);
}

Shape slide_over(const Shape& in, const Window& window, int channels) {
    return {channels, slide(in[1], window, 0), slide(in[2], window, 1)};
}

Shape conv_shape(const Conv& conv, const Shape& in) {
    require_feature_map(in);
    if (in[0] != conv.channels_in) {
        throw bad_input("input has {} channels, the weights expect {}", in[0], conv.channels_in);
    }
    return slide_over(in, conv.window, conv.channels_out);
}

Shape gemm_shape(const Gemm& gemm, const Shape& in) {
    if (in.size() != 1 || in[0] != gemm.inputs) {
        throw bad_input("input has shape {}, the weights expect {}", describe(in), gemm.inputs);
    }
    return {gemm.outputs};
}

Shape pool_shape(const Window& window, const Shape& in) {
    require_feature_map(in);
    return slide_over(in, window, in[0]);
}

Shape shape_of_output(const Operator& op, const std::vector<Shape>& inputs) {
    const bool is_add = std::holds_alternative<Add>(op);
    if (inputs.size() != (is_add ? 2u : 1u)) {
        throw bad_input("has {} input tensors, {} expected", inputs.size(), is_add ? 2 : 1);
    }
    const Shape& in = inputs[0];
    return std::visit(
        Overloaded{[&](const Conv& conv) { return conv_shape(conv, in); },
                   [&](const Gemm& gemm) { return gemm_shape(gemm, in); },
                   [&](const AveragePool& pool) { return pool_shape(pool.window, in); },
                   [&](const MaxPool& pool) { return pool_shape(pool.window, in); },
                   [&](const GlobalAveragePool&) {
                       require_feature_map(in);
                       return Shape{in[0], 1, 1};
                   },
                   [&](const Flatten&) { return Shape{static_cast<int>(element_count(in))}; },
                   [&](const Add&) {
                       if (in != inputs[1]) {
                           throw bad_input("inputs have different shapes, {} and {}", describe(in),
                                           describe(inputs[1]));
                       }
                       return in;
                   },
                   [&](const Softmax&) {
                       if (in.size() != 1) {
                           throw bad_input("input has shape {}, a flat one expected", describe(in));
                       }
                       return in;
                   },
                   [&](const Relu&) { return in; }, [&](const Identity&) { return in; }},
        op);
}

}  // namespace

std::size_t element_count(const Shape& shape) {
    return std::accumulate(
        shape.begin(), shape.end(), std::size_t{1},
        [](std::size_t product, int extent) { return product * static_cast<std::size_t>(extent); });
}

std::string describe(const Shape& shape) {
    return fmt::format("{}", fmt::join(shape, "x"));
}

std::string_view operator_name(const Operator& op) {
    constexpr std::array<std::string_view, std::variant_size_v<Operator>> kNames = {
        "Conv",    "Gemm", "Relu",     "AveragePool", "MaxPool", "GlobalAveragePool",
        "Flatten", "Add",  "Identity", "Softmax"};
    return kNames[op.index()];
}

Shape output_shape(const Operator& op, const std::vector<Shape>& inputs) {
    constexpr double kMaxElements = 1 << 28;
    const Shape shape = shape_of_output(op, inputs);
    double elements = 1;
    for (const int extent : shape) elements *= extent;
    if (elements > kMaxElements) throw bad_input("output of {} is too large", describe(shape));
    return shape;
}

bool has_product(const Node& node) {
    return std::holds_alternative<Conv>(node.op) || std::holds_alternative<Gemm>(node.op);
}

ProductShape product_shape(const Network& network, const Node& node) {
    if (const auto* conv = std::get_if<Conv>(&node.op)) {
        const Shape& out = network.tensor(node.output).shape;
        return {conv->channels_in / conv->groups * conv->window.kernel[0] * conv->window.kernel[1],
                conv->channels_out / conv->groups, conv->groups, out[1] * out[2]};
    }
    if (const auto* gemm = std::get_if<Gemm>(&node.op)) return {gemm->inputs, gemm->outputs, 1, 1};
    return {0, 0, 0, 0};
}

const std::vector<float>& weights_of(const Node& node) {
    if (const auto* conv = std::get_if<Conv>(&node.op)) return conv->weights;
    return std::get<Gemm>(node.op).weights;
}

const std::vector<float>& bias_of(const Node& node) {
    if (const auto* conv = std::get_if<Conv>(&node.op)) return conv->bias;
    return std::get<Gemm>(node.op).bias;
}

std::int64_t parameter_count(const Network& network) {
    std::int64_t count = 0;
    for (const Node& node : network.nodes) {
        if (!has_product(node)) continue;
        count += static_cast<std::int64_t>(weights_of(node).size() + bias_of(node).size());
    }
    return count;
}

std::int64_t macs_per_inference(const Network& network) {
    std::int64_t macs = 0;
    for (const Node& node : network.nodes) {
        const ProductShape shape = product_shape(network, node);
        macs += std::int64_t{shape.inputs} * shape.outputs * shape.groups * shape.positions;
    }
    return macs;
}

}  // namespace mho::flows
