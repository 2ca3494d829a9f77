// SPDX-License-Identifier: Apache-2.0
#include "flows/float_engine.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>

#include "base/random.h"
#include "flows/npy.h"
#include "flows/onnx_read.h"
#include "flows/thrown_text.h"
#include "support/shared_data.h"

using Catch::Matchers::ContainsSubstring;
using mho::RandomStream;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

std::vector<float> random_values(std::size_t count, std::uint32_t id) {
    RandomStream random(5, mho::RandomPurpose::test, id);
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(),
                  [&] { return static_cast<float>(random.normal()); });
    return values;
}

Network single_conv(const Conv& conv, const Shape& in) {
    Network network;
    network.tensors = {{"in", in}, {"out", output_shape(conv, {in})}};
    network.nodes = {{"conv", conv, {0}, 1}};
    network.output = 1;
    return network;
}

// The definition of a convolution, loop by loop, in double precision.
std::vector<double> naive_conv(const Conv& conv, const Shape& in, const Shape& out,
                               const std::vector<float>& x) {
    const Window& w = conv.window;
    const int in_group = conv.channels_in / conv.groups;
    const int out_group = conv.channels_out / conv.groups;
    std::vector<double> y;
    for (int m = 0; m < out[0]; ++m) {
        for (int oy = 0; oy < out[1]; ++oy) {
            for (int ox = 0; ox < out[2]; ++ox) {
                double sum = conv.bias[static_cast<std::size_t>(m)];
                for (int c = 0; c < in_group; ++c) {
                    for (int ky = 0; ky < w.kernel[0]; ++ky) {
                        for (int kx = 0; kx < w.kernel[1]; ++kx) {
                            const int iy = oy * w.stride[0] - w.pad_begin[0] + ky * w.dilation[0];
                            const int ix = ox * w.stride[1] - w.pad_begin[1] + kx * w.dilation[1];
                            if (iy < 0 || iy >= in[1] || ix < 0 || ix >= in[2]) continue;
                            const int channel = m / out_group * in_group + c;
                            const int from = (channel * in[1] + iy) * in[2] + ix;
                            const int tap =
                                ((m * in_group + c) * w.kernel[0] + ky) * w.kernel[1] + kx;
                            sum += static_cast<double>(x[static_cast<std::size_t>(from)]) *
                                   static_cast<double>(conv.weights[static_cast<std::size_t>(tap)]);
                        }
                    }
                }
                y.push_back(sum);
            }
        }
    }
    return y;
}

struct Reference {
    const char* model;
    int correct;
};

}  // namespace

TEST_CASE("a convolution equals its definition for strides, padding, dilation and groups") {
    const int groups = GENERATE(1, 2, 4);
    const int stride = GENERATE(1, 3);
    const int dilation = GENERATE(1, 2);
    const int pad = GENERATE(0, 2);
    Conv conv;
    conv.groups = groups;
    conv.channels_in = 4;
    conv.channels_out = 8;
    conv.window.kernel = {3, 2};
    conv.window.stride = {stride, 2};
    conv.window.dilation = {dilation, 1};
    conv.window.pad_begin = {pad, 1};
    conv.window.pad_end = {1, pad};
    conv.weights = random_values(static_cast<std::size_t>(8 * 4 / groups * 6), 1);
    conv.bias = random_values(8, 2);
    const Shape in{4, 9, 7};
    const Network network = single_conv(conv, in);
    const std::size_t images = 3;
    const std::vector<float> x = random_values(images * element_count(in), 3);
    const std::vector<float> y = run_batch(
        network, x, images, [&](const Product& product) { float_product(network, product); });

    const std::size_t in_size = element_count(in);
    const std::size_t out_size = element_count(network.output_shape());
    REQUIRE(y.size() == images * out_size);
    double worst = 0;
    for (std::size_t i = 0; i < images; ++i) {
        const auto first = x.begin() + static_cast<std::ptrdiff_t>(i * in_size);
        const std::vector<float> image(first, first + static_cast<std::ptrdiff_t>(in_size));
        const auto expected = naive_conv(conv, in, network.output_shape(), image);
        for (std::size_t k = 0; k < out_size; ++k) {
            worst = std::max(worst, std::abs(y[i * out_size + k] - expected[k]));
        }
    }
    CHECK(worst < 2e-5);  // float rounding of sums of up to 24 terms of order 1
}

TEST_CASE("residual branches keep their tensors alive until they are added") {
    // in -> relu -> add(in, relu) -> flatten: x + max(x, 0).
    Network network;
    network.tensors = {{"in", {1, 1, 3}}, {"r", {1, 1, 3}}, {"s", {1, 1, 3}}, {"out", {3}}};
    network.nodes = {
        {"relu", Relu{}, {0}, 1}, {"add", Add{}, {0, 1}, 2}, {"flatten", Flatten{}, {2}, 3}};
    network.output = 3;
    const std::vector<float> in{-1, 2, 3, 4, -5, 6};
    CHECK(run_batch(network, in, 2, {}) == std::vector<float>{-1, 4, 6, 8, -5, 12});
}

TEST_CASE("float inference gives the reference logits and every reference class on MNIST") {
    const auto reference = GENERATE(Reference{"lenet5_mnist", 9907}, Reference{"mlp_mnist", 9806});
    MHO_REQUIRE_SHARED(folder, "mnist");
    MHO_REQUIRE_SHARED(model, std::string("models/") + reference.model + ".onnx");
    MHO_REQUIRE_SHARED(logits, std::string("logits/") + reference.model + "_logits100.npy");
    MHO_REQUIRE_SHARED(classes, std::string("logits/") + reference.model + "_pred.npy");
    const Network network = read_onnx(model);
    const Dataset data = load_dataset(folder);
    check_data_fits(network, data);
    const std::vector<float> scores = float_scores(network, data, data.size(), 2);

    const NpyArray expected = read_npy(logits);
    REQUIRE(expected.shape == std::vector<std::size_t>{100, 10});
    double worst = 0;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(scores[i]) - expected.values[i]));
    }
    CHECK(worst < 1e-4);

    const std::vector<int> found = arg_max_rows(scores, 10);
    const NpyArray predicted = read_npy(classes);
    REQUIRE(predicted.values.size() == found.size());
    int differ = 0, correct = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        differ += found[i] != static_cast<int>(predicted.values[i]);
        correct += found[i] == data.labels[i];
    }
    CHECK(differ == 0);
    CHECK(correct == reference.correct);
}

TEST_CASE("float scores have the same bits for one, two and three threads") {
    MHO_REQUIRE_SHARED(folder, "mnist");
    MHO_REQUIRE_SHARED(model, "models/lenet5_mnist.onnx");
    const Network network = read_onnx(model);
    const Dataset data = load_dataset(folder, 300);
    const auto one = float_scores(network, data, 300, 1);
    CHECK(one == float_scores(network, data, 300, 2));
    CHECK(one == float_scores(network, data, 300, 3));
}

TEST_CASE("images or labels that do not fit the network are refused") {
    Gemm gemm{4, 2, std::vector<float>(8, 1.0f), {0, 0}};
    Network network;
    network.tensors = {{"in", {4}}, {"out", {2}}};
    network.nodes = {{"fc", gemm, {0}, 1}};
    network.output = 1;
    Dataset data;
    data.path = "folder";
    data.channels = 1;
    data.height = 2;
    data.width = 2;
    data.pixels = {1, 2, 3, 4};
    data.labels = {1};
    CHECK_NOTHROW(check_data_fits(network, data));  // flat input takes the image's pixels
    CHECK(float_scores(network, data, 1, 1) == std::vector<float>{10, 10});
    data.labels = {2};
    CHECK_THAT(thrown_text([&] { check_data_fits(network, data); }),
               ContainsSubstring("label 2 lies beyond the network's 2 classes"));
    data.labels = {1};
    data.width = 3;
    CHECK_THAT(thrown_text([&] { check_data_fits(network, data); }),
               ContainsSubstring("1x2x3") && ContainsSubstring("input of 4"));
    CHECK_THAT(thrown_text([&] { run_batch(network, data.pixels, 2, {}); }),
               ContainsSubstring("4 input values for 2 images of 4"));
}
