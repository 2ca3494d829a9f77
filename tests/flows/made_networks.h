// SPDX-License-Identifier: Apache-2.0
// Small networks with random weights, and data for them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "flows/dataset.h"
#include "flows/network.h"

namespace mho::test {

inline std::vector<float> random_floats(std::size_t count, std::uint32_t id, double low,
                                        double high) {
    RandomStream random(11, RandomPurpose::test, id);
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(),
                  [&] { return static_cast<float>(random.uniform(low, high)); });
    return values;
}

// in (inputs) -> fc -> out (outputs)
inline flows::Network gemm_network(int inputs, int outputs) {
    flows::Gemm gemm;
    gemm.inputs = inputs;
    gemm.outputs = outputs;
    gemm.weights = random_floats(static_cast<std::size_t>(inputs * outputs), 1, -1, 1);
    gemm.bias = random_floats(static_cast<std::size_t>(outputs), 2, -1, 1);
    flows::Network network;
    network.tensors = {{"in", {inputs}}, {"out", {outputs}}};
    network.nodes = {{"fc", gemm, {0}, 1}};
    network.output = 1;
    return network;
}

// in (4 x 6 x 5) -> 3x3 convolution of 6 channels in 2 groups -> relu -> flatten -> fc -> out (3)
inline flows::Network conv_network() {
    flows::Conv conv;
    conv.groups = 2;
    conv.channels_in = 4;
    conv.channels_out = 6;
    conv.window.kernel = {3, 3};
    conv.window.pad_begin = {1, 1};
    conv.window.pad_end = {1, 1};
    conv.weights = random_floats(6 * 2 * 9, 3, -1, 1);
    conv.bias = random_floats(6, 4, -1, 1);
    flows::Network network = gemm_network(180, 3);
    network.tensors = {
        {"in", {4, 6, 5}}, {"c", {6, 6, 5}}, {"r", {6, 6, 5}}, {"f", {180}}, {"out", {3}}};
    flows::Node fc = network.nodes[0];
    fc.inputs = {3};
    fc.output = 4;
    network.nodes = {{"conv", conv, {0}, 1},
                     {"relu", flows::Relu{}, {1}, 2},
                     {"flat", flows::Flatten{}, {2}, 3}};
    network.nodes.push_back(fc);
    network.output = 4;
    return network;
}

// `images` random images for `network`, all with label 0.
inline flows::Dataset random_data(const flows::Network& network, std::size_t images, double low,
                                  double high) {
    const flows::Shape& shape = network.input_shape();
    flows::Dataset data;
    data.format = "made";
    data.channels = shape.size() == 3 ? shape[0] : 1;
    data.height = shape.size() == 3 ? shape[1] : 1;
    data.width = shape.size() == 3 ? shape[2] : shape[0];
    data.pixels = random_floats(images * flows::element_count(shape), 5, low, high);
    data.labels.assign(images, 0);
    return data;
}

}  // namespace mho::test
