// SPDX-License-Identifier: Apache-2.0
#include "flows/network.h"

#include <fmt/ranges.h>

#include <numeric>

namespace mho::flows {
std::size_t element_count(const Shape& shape) {
    return std::accumulate(
        shape.begin(), shape.end(), std::size_t{1},
        [](std::size_t product, int extent) { return product * static_cast<std::size_t>(extent); });
}

std::string describe(const Shape& shape) {
    return fmt::format("{}", fmt::join(shape, "x"));
}

std::string_view operator_name(const Operator& op) {
    if (const auto* unary = std::get_if<Unary>(&op)) {
        constexpr std::array<std::string_view, 8> kUnaryNames = {
            "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Floor", "Round"};
        return kUnaryNames[static_cast<std::size_t>(unary->kind)];
    }
    constexpr std::array<std::string_view, std::variant_size_v<Operator>> kNames = {
        "Conv",
        "Gemm",
        "Relu",
        "AveragePool",
        "MaxPool",
        "GlobalAveragePool",
        "Flatten",
        "Add",
        "Identity",
        "Softmax",
        "Mul",
        "Unary",
        "BatchNormalization",
        "Concat",
        "Pad",
        "Slice",
        "ReduceMean",
        "Reshape",
        "Transpose"};
    return kNames[op.index()];
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
    if (const auto* gemm = std::get_if<Gemm>(&node.op)) {
        const std::size_t values = element_count(network.tensor(node.output).shape);
        return {gemm->inputs, gemm->outputs, 1,
                static_cast<int>(values / static_cast<std::size_t>(gemm->outputs))};
    }
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
