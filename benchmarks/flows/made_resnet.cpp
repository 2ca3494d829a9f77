// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/flows/made_resnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/random.h"

namespace mho::bench {
namespace {

using namespace flows;

std::vector<float> random_values(std::size_t count, std::uint32_t id, double size) {
    RandomStream random(13, RandomPurpose::test, id);
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(),
                  [&] { return static_cast<float>(random.uniform(-size, size)); });
    return values;
}

class Builder {
  public:
    explicit Builder(const std::string& name, const Shape& input) {
        network_.name = name;
        network_.tensors.push_back({"input", input});
    }

    int add(const Operator& op, const std::vector<int>& inputs) {
        std::vector<Shape> shapes;
        for (const int input : inputs) shapes.push_back(network_.tensor(input).shape);
        const std::string name = fmt::format("n{}", network_.nodes.size());
        const int output = static_cast<int>(network_.tensors.size());
        network_.tensors.push_back({name, output_shape(op, shapes)});
        network_.nodes.push_back({name, op, inputs, output});
        return output;
    }

    int conv(int from, int channels, int kernel, int stride) {
        Conv conv;
        conv.channels_in = network_.tensor(from).shape[0];
        conv.channels_out = channels;
        conv.window.kernel = {kernel, kernel};
        conv.window.stride = {stride, stride};
        conv.window.pad_begin = conv.window.pad_end = {kernel / 2, kernel / 2};
        const int inputs = conv.channels_in * kernel * kernel;
        conv.weights = values(inputs * channels, std::sqrt(6.0 / inputs));
        conv.bias = values(channels, 0.1);
        return add(conv, {from});
    }

    int dense(int from, int outputs) {
        Gemm gemm;
        gemm.inputs = network_.tensor(from).shape[0];
        gemm.outputs = outputs;
        gemm.weights = values(gemm.inputs * outputs, std::sqrt(3.0 / gemm.inputs));
        gemm.bias = values(outputs, 0.1);
        return add(gemm, {from});
    }

    int relu(int from) { return add(Relu{}, {from}); }
    int channels(int tensor) const { return network_.tensor(tensor).shape[0]; }

    Network take(int output) {
        network_.output = output;
        return std::move(network_);
    }

  private:
    std::vector<float> values(int count, double size) {
        return random_values(static_cast<std::size_t>(count), ++drawn_, size);
    }

    Network network_;
    std::uint32_t drawn_ = 0;
};

// Two 3x3 convolutions.
int basic_block(Builder& b, int from, int channels, int stride) {
    const int skip = b.channels(from) == channels ? from : b.conv(from, channels, 1, stride);
    const int first = b.relu(b.conv(from, channels, 3, stride));
    return b.relu(b.add(Add{}, {b.conv(first, channels, 3, 1), skip}));
}

// 1x1, 3x3 and 1x1, four times as many channels at the end.
int bottleneck(Builder& b, int from, int channels, int stride) {
    const int skip =
        b.channels(from) == 4 * channels ? from : b.conv(from, 4 * channels, 1, stride);
    const int narrow = b.relu(b.conv(from, channels, 1, 1));
    const int middle = b.relu(b.conv(narrow, channels, 3, stride));
    return b.relu(b.add(Add{}, {b.conv(middle, 4 * channels, 1, 1), skip}));
}

int classify(Builder& b, int from, int classes) {
    return b.dense(b.add(Flatten{}, {b.add(GlobalAveragePool{}, {from})}), classes);
}

}  // namespace

Network made_resnet20() {
    Builder b("made-resnet20", {3, 32, 32});
    int at = b.relu(b.conv(0, 16, 3, 1));
    for (const int channels : {16, 32, 64}) {
        for (int block = 0; block < 3; ++block) {
            at = basic_block(b, at, channels, block == 0 && channels > 16 ? 2 : 1);
        }
    }
    return b.take(classify(b, at, 10));
}

Network made_resnet50() {
    Builder b("made-resnet50", {3, 224, 224});
    MaxPool pool;
    pool.window.kernel = {3, 3};
    pool.window.stride = {2, 2};
    pool.window.pad_begin = pool.window.pad_end = {1, 1};
    int at = b.add(pool, {b.relu(b.conv(0, 64, 7, 2))});
    const int blocks[] = {3, 4, 6, 3};
    for (int stage = 0; stage < 4; ++stage) {
        for (int block = 0; block < blocks[stage]; ++block) {
            at = bottleneck(b, at, 64 << stage, block == 0 && stage > 0 ? 2 : 1);
        }
    }
    return b.take(classify(b, at, 1000));
}

Dataset made_images(const Network& network, std::size_t count) {
    const Shape& shape = network.input_shape();
    Dataset data;
    data.format = "made";
    data.channels = shape[0];
    data.height = shape[1];
    data.width = shape[2];
    data.pixels = random_values(count * element_count(shape), 0, 2);
    data.labels.assign(count, 0);
    return data;
}

}  // namespace mho::bench
