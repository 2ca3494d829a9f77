// SPDX-License-Identifier: Apache-2.0
#include "flows/network_fold.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mho::flows {
namespace {

// Scale and shift of each output channel, or nothing when they differ within one.
struct PerChannel {
    std::vector<float> scale;
    std::vector<float> shift;
};

// The axis of the channels: 0 of a feature map, the last one after a Gemm.
PerChannel per_channel(const ScaleShift& op, const Shape& out, std::size_t channel_axis) {
    const std::size_t from_end = out.size() - channel_axis;
    const bool has_channels = op.shape.size() >= from_end;
    const auto channels = static_cast<std::size_t>(out[channel_axis]);
    const std::size_t extent =
        has_channels ? static_cast<std::size_t>(op.shape[op.shape.size() - from_end]) : 1;
    if (op.scale.size() != extent) return {};  // some other axis has an extent
    PerChannel found;
    for (std::size_t c = 0; c < channels; ++c) {
        found.scale.push_back(op.scale[extent == 1 ? 0 : c]);
        found.shift.push_back(op.shift[extent == 1 ? 0 : c]);
    }
    return found;
}

float product(float a, float b) {
    return static_cast<float>(static_cast<double>(a) * static_cast<double>(b));
}

void rescale(std::vector<float>& weights, std::vector<float>& bias, const PerChannel& by) {
    const std::size_t row = weights.size() / bias.size();
    for (std::size_t m = 0; m < bias.size(); ++m) {
        for (std::size_t k = m * row; k < (m + 1) * row; ++k) {
            weights[k] = product(weights[k], by.scale[m]);
        }
        bias[m] =
            static_cast<float>(static_cast<double>(bias[m]) * static_cast<double>(by.scale[m]) +
                               static_cast<double>(by.shift[m]));
    }
}

// Folds `next` into `made`, whose output is its only input; false when that cannot be.
bool fold(Node& made, const Node& next, const Network& network) {
    const auto* op = std::get_if<ScaleShift>(&next.op);
    if (!op) return false;
    const Shape& out = network.tensor(made.output).shape;
    if (auto* conv = std::get_if<Conv>(&made.op)) {
        const PerChannel by = per_channel(*op, out, 0);
        if (by.scale.empty()) return false;
        rescale(conv->weights, conv->bias, by);
        return true;
    }
    if (auto* gemm = std::get_if<Gemm>(&made.op)) {
        const PerChannel by = per_channel(*op, out, out.size() - 1);
        if (by.scale.empty()) return false;
        rescale(gemm->weights, gemm->bias, by);
        return true;
    }
    return false;
}

// Drops tensors that no node makes any more.
void drop_unmade(Network& network) {
    std::vector<int> renumbered(network.tensors.size(), -1);
    std::vector<Tensor> kept;
    const auto keep = [&](int& tensor) {
        int& number = renumbered[static_cast<std::size_t>(tensor)];
        if (number < 0) {
            number = static_cast<int>(kept.size());
            kept.push_back(network.tensor(tensor));
        }
        tensor = number;
    };
    keep(network.input);
    for (Node& node : network.nodes) {
        for (int& input : node.inputs) keep(input);
        keep(node.output);
    }
    keep(network.output);
    network.tensors = std::move(kept);
}

}  // namespace

Network fold_scale_shift(Network network) {
    std::vector<int> readers(network.tensors.size(), 0);
    std::vector<std::size_t> maker(network.tensors.size(), 0);
    ++readers[static_cast<std::size_t>(network.output)];
    for (const Node& node : network.nodes) {
        for (const int input : node.inputs) ++readers[static_cast<std::size_t>(input)];
    }
    std::vector<Node> kept;
    for (Node& node : network.nodes) {
        const auto input = static_cast<std::size_t>(node.inputs[0]);
        const bool made_here = node.inputs[0] != network.input && readers[input] == 1;
        if (made_here && fold(kept[maker[input]], node, network)) {
            kept[maker[input]].output = node.output;
            maker[static_cast<std::size_t>(node.output)] = maker[input];
            continue;
        }
        maker[static_cast<std::size_t>(node.output)] = kept.size();
        kept.push_back(std::move(node));
    }
    network.nodes = std::move(kept);
    drop_unmade(network);
    return network;
}

}  // namespace mho::flows
