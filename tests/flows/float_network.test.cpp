// SPDX-License-Identifier: Apache-2.0
#include "flows/float_network.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "flows/dataset.h"
#include "flows/float_engine.h"
#include "flows/made_networks.h"
#include "flows/npy.h"
#include "flows/onnx_read.h"
#include "flows/preprocessing.h"
#include "flows/thrown_text.h"
#include "support/shared_data.h"

using Catch::Matchers::ContainsSubstring;
using mho::test::random_floats;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

// Appends nodes to a network, each reading the tensors given.
class Builder {
  public:
    explicit Builder(const Shape& input) { network.tensors.push_back({"in", input}); }

    int add(const Operator& op, const std::vector<int>& inputs) {
        std::vector<Shape> shapes;
        for (const int input : inputs) shapes.push_back(network.tensor(input).shape);
        const auto made = static_cast<int>(network.tensors.size());
        network.nodes.push_back({"n" + std::to_string(made), op, inputs, made});
        network.tensors.push_back({"t" + std::to_string(made), output_shape(op, shapes)});
        network.output = made;
        return made;
    }

    int conv(int input, int channels, int kernel, int stride, int groups) {
        Conv made;
        made.groups = groups;
        made.channels_in = network.tensor(input).shape[0];
        made.channels_out = channels;
        made.window.kernel = {kernel, kernel};
        made.window.stride = {stride, stride};
        made.window.pad_begin = {kernel / 2, 0};
        made.window.pad_end = {kernel / 2, kernel - 1};
        const int count = channels * made.channels_in / groups * kernel * kernel;
        const auto id = static_cast<std::uint32_t>(50 + network.nodes.size());
        made.weights = random_floats(static_cast<std::size_t>(count), id, -0.5, 0.5);
        made.bias = random_floats(static_cast<std::size_t>(channels), id + 100, -1, 1);
        return add(made, {input});
    }

    int gemm(int input, int outputs) {
        Gemm made;
        made.inputs = network.tensor(input).shape.back();
        made.outputs = outputs;
        made.weights = random_floats(static_cast<std::size_t>(made.inputs * outputs), 7, -0.3, 0.3);
        made.bias = random_floats(static_cast<std::size_t>(outputs), 8, -1, 1);
        return add(made, {input});
    }

    Network network;
};

Window square(int kernel, int stride, int pad) {
    Window window;
    window.kernel = {kernel, kernel};
    window.stride = {stride, stride};
    window.pad_begin = window.pad_end = {pad, pad};
    return window;
}

// Channel counts that fill no vector register, and every kind of operator.
Network odd_network() {
    Builder b({3, 11, 9});
    const int a = b.add(Relu{}, {b.conv(0, 24, 3, 2, 1)});
    const int depthwise = b.conv(a, 24, 3, 1, 24);
    const int clipped = b.add(Unary{UnaryKind::clip, 0, 6}, {depthwise});
    const int sum = b.add(Add{}, {clipped, a});
    const int two = b.add(Concat{0}, {sum, b.conv(sum, 5, 1, 1, 1)});
    const int soft = b.add(Unary{UnaryKind::sigmoid, 0, 0}, {two});
    const int gate = b.add(GlobalAveragePool{}, {soft});
    const int gated = b.add(Mul{}, {two, gate});
    const int pooled = b.add(MaxPool{square(3, 2, 1)}, {gated});
    const int wide = b.add(AveragePool{square(2, 1, 2), false}, {pooled});
    const int counted = b.add(AveragePool{square(3, 2, 1), true}, {wide});
    const int shifted =
        b.add(ScaleShift{{29, 1, 1}, random_floats(29, 1, 0.5, 2), random_floats(29, 2, -1, 1)},
              {counted});
    const int grouped =
        b.conv(b.add(Slice{{1, 0, 0}, {1, 1, 1}, {28, 3, 3}}, {shifted}), 8, 3, 1, 4);
    const int leaky = b.add(Unary{UnaryKind::leaky_relu, 0.1f, 0}, {grouped});
    const int padded = b.add(Pad{{0, 1, 0}, {0, 0, 2}, 0.5f}, {leaky});
    const int turned = b.add(Transpose{{1, 0, 2}}, {padded});
    const int vectors = b.gemm(turned, 6);
    const int rounded = b.add(Unary{UnaryKind::tanh, 0, 0}, {b.add(Identity{}, {vectors})});
    const int shaped = b.add(Reshape{{8, 4, 6}}, {rounded});
    const int mean = b.add(ReduceMean{{0}, false}, {shaped});
    b.add(Softmax{}, {b.gemm(b.add(Flatten{}, {mean}), 10)});
    return b.network;
}

std::vector<float> by_executor(const Network& network, const Dataset& data) {
    return run_batch(network, data.pixels, data.size(),
                     [&](const Product& product) { float_product(network, product); });
}

struct ReferenceRun {
    const char* model;
    const char* data;
    const char* normalize;
    std::size_t images;
};

}  // namespace

TEST_CASE("the compiled network equals the executor for every operator and odd channels") {
    const Network network = odd_network();
    const Dataset data = mho::test::random_data(network, 5, -2, 2);
    const auto expected = by_executor(network, data);
    const auto found = FloatNetwork(network).run(data.pixels, 5);
    REQUIRE(found.size() == expected.size());
    float worst = 0, spread = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        worst = std::max(worst, std::abs(found[i] - expected[i]));
        spread = std::max(spread, std::abs(expected[i] - expected[i % 10]));
    }
    CHECK(worst < 1e-6f);
    CHECK(spread > 1e-3f);  // images do differ
}

TEST_CASE("an image's scores have the same bits alone, among others and at any place") {
    const Network network = GENERATE(odd_network(), mho::test::gemm_network(300, 37));
    const Dataset data = mho::test::random_data(network, 70, -2, 2);
    const FloatNetwork compiled(network);
    CHECK(compiled.batch() == 64);
    const auto together = compiled.run(data.pixels, 70);
    const std::size_t classes = together.size() / 70;
    for (const std::size_t image : {0u, 1u, 31u, 63u, 64u, 69u}) {
        const auto alone = compiled.run(data.images(image, 1), 1);
        const auto first = together.begin() + static_cast<std::ptrdiff_t>(image * classes);
        CHECK(std::equal(alone.begin(), alone.end(), first));
    }
    CHECK(thrown_text([&] { compiled.run(data.images(0, 2), 1); }) != "nothing thrown");
}

TEST_CASE("data sets have the same float scores for any number of threads") {
    const Network network = odd_network();
    const Dataset data = mho::test::random_data(network, 300, -2, 2);
    const auto one = float_scores(network, data, 300, 1);
    CHECK(one == float_scores(network, data, 300, 3));
    CHECK(std::equal(one.begin(), one.begin() + 1000, float_scores(network, data, 100, 2).begin()));
}

TEST_CASE("a float run that is stopped gives the images it finished from the first on") {
    const Network network = mho::test::gemm_network(4, 3);
    const Dataset data = mho::test::random_data(network, 1000, -1, 1);
    FloatOptions options;
    options.threads = 1;
    std::size_t told = 0;
    options.on_batch = [&](std::size_t done, std::size_t correct) {
        told = done;
        CHECK(correct <= done);
    };
    options.stop = [&] { return told >= 300; };
    const FloatRun run = run_float(network, data, options);
    CHECK(run.images == told);
    CHECK(run.images == 320);  // five batches of 64
    CHECK(run.scores.size() == 320 * 3);
}

TEST_CASE("scores that are not finite are refused, with network and image") {
    Network network = mho::test::gemm_network(2, 2);
    network.name = "wild";
    Dataset data = mho::test::random_data(network, 3, -1, 1);
    data.pixels[4] = std::numeric_limits<float>::infinity();
    CHECK_THAT(thrown_text([&] { run_float(network, data, {}); }),
               ContainsSubstring("network 'wild': a score of image 2 is"));
}

TEST_CASE("matrix products equal their definition") {
    const auto x = random_floats(3 * 4, 1, -1, 1), w = random_floats(5 * 4, 2, -1, 1);
    std::vector<float> y(15);
    multiply_matrices({3, 4, 5}, x.data(), w.data(), y.data());
    for (std::size_t i = 0; i < 15; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            sum += static_cast<double>(x[i / 5 * 4 + k]) * static_cast<double>(w[i % 5 * 4 + k]);
        }
        CHECK(std::abs(static_cast<double>(y[i]) - sum) < 1e-6);
    }
}

TEST_CASE("the shared networks give their reference logits and classes") {
    const auto [name, folder, normalize, images] = GENERATE(values<ReferenceRun>({
        {"resnet20_cifar10_akamaster", "cifar10", "", 100},
        {"resnet14_cifar10_crosssim", "cifar10", "imagenet", 100},
        {"resnet8_cifar10_mlperftiny", "cifar10", "none", 100},
        {"squeezenet1_1", "imagenet", "caffe", 6},
        {"mobilenetv2_tf2_ptq", "imagenet/sample500", "signed", 6},
    }));
    MHO_REQUIRE_SHARED(data_folder, folder);
    MHO_REQUIRE_SHARED(model, std::string("models/") + name + ".onnx");
    MHO_REQUIRE_SHARED(logits, std::string("logits/") + name + "_logits100.npy");
    MHO_REQUIRE_SHARED(classes, std::string("logits/") + name + "_pred.npy");
    const Network network = read_onnx(model);
    DataOptions options;
    options.limit = images;
    options.preprocessing = find_preprocessing(normalize, model);
    options.input = network.input_shape();
    const Dataset data = load_dataset(data_folder, options);
    REQUIRE(data.size() == images);
    check_data_fits(network, data);
    const std::vector<float> scores = float_scores(network, data, images, 2);
    const NpyArray expected = read_npy(logits), predicted = read_npy(classes);
    double worst = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(scores[i]) - expected.values[i]));
    }
    CHECK(worst < 1e-4);
    const std::vector<int> found = arg_max_rows(scores, scores.size() / images);
    for (std::size_t i = 0; i < images; ++i)
        CHECK(found[i] == static_cast<int>(predicted.values[i]));
}

TEST_CASE("ResNet-50, which rounds inside, keeps the classes and the logits within its own steps") {
    MHO_REQUIRE_SHARED(data_folder, "imagenet");
    MHO_REQUIRE_SHARED(model, "models/resnet50v15_int4_nvidia.onnx");
    MHO_REQUIRE_SHARED(logits, "logits/resnet50v15_int4_nvidia_logits100.npy");
    const Network network = read_onnx(model);
    CHECK(macs_per_inference(network) / 1000000 == 4089);
    DataOptions options;
    options.limit = 3;
    options.input = network.input_shape();
    const Dataset data = load_dataset(data_folder, options);
    const std::vector<float> scores = float_scores(network, data, 3, 2);
    const NpyArray expected = read_npy(logits);
    double squares = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        squares += std::pow(static_cast<double>(scores[i]) - expected.values[i], 2);
    }
    // Two correct float32 executors differ by 0.08 rms (data/README.md); logits spread by 2.2.
    CHECK(std::sqrt(squares / 3000) < 0.16);
    const std::vector<float> reference(expected.values.begin(), expected.values.begin() + 3000);
    CHECK(arg_max_rows(scores, 1000) == arg_max_rows(reference, 1000));
}
