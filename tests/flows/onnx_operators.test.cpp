// SPDX-License-Identifier: Apache-2.0
// Single ONNX operators against what their specification says.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "flows/onnx_run.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;
using namespace mho::flows;

namespace {

using Floats = std::vector<float>;
using Integers = std::vector<std::int64_t>;

// in (shape) -> the node that `add` makes, from "in" to "y" -> Flatten -> out.
OnnxBuilder with_node(const Integers& shape, const std::function<void(OnnxBuilder&)>& add) {
    OnnxBuilder made(shape);
    add(made);
    made.node("Flatten", {"y"}, "out");
    made.output("out");
    return made;
}

Floats result(const Integers& shape, const Floats& in,
              const std::function<void(OnnxBuilder&)>& add) {
    return run(accepted(with_node(shape, add)), in);
}

Floats counted(std::size_t count) {
    Floats values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
    return values;
}

void check_close(const Floats& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO("element " << i);
        CHECK(std::abs(static_cast<double>(found[i]) - expected[i]) < 1e-6);
    }
}

struct Activation {
    std::string type;
    float alpha, beta;
    std::function<double(double)> expected;
};

}  // namespace

TEST_CASE("activation functions equal their definitions") {
    const auto [type, alpha, beta, expected] = GENERATE(values<Activation>({
        {"LeakyRelu", 0.2f, 0, [](double x) { return x < 0 ? 0.2 * x : x; }},
        {"Sigmoid", 0, 0, [](double x) { return 1 / (1 + std::exp(-x)); }},
        {"Tanh", 0, 0, [](double x) { return std::tanh(x); }},
        {"HardSigmoid", 0.25f, 0.4f, [](double x) { return std::clamp(0.25 * x + 0.4, 0.0, 1.0); }},
        {"HardSwish", 0, 0, [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
        {"Floor", 0, 0, [](double x) { return std::floor(x); }},
        {"Round", 0, 0, [](double x) { return std::nearbyint(x); }},
    }));
    const Floats in{-7, -2.5f, -0.3f, 0, 0.5f, 1.5f, 2.5f, 90};
    std::vector<double> y;
    for (const float x : in) y.push_back(expected(static_cast<double>(x)));
    const std::string name = type;
    const float a = alpha, b = beta;
    check_close(result({8}, in,
                       [&](OnnxBuilder& made) {
                           auto& node = made.node(name, {"in"}, "y");
                           if (a != 0) set_real(node, "alpha", a);
                           if (b != 0) set_real(node, "beta", b);
                       }),
                y);
}

TEST_CASE("Clip takes its limits from inputs, attributes or nowhere") {
    const Floats in{-2, 0.5f, 9};
    const auto clipped = [&](const std::function<void(OnnxBuilder&)>& add) {
        return result({3}, in, add);
    };
    CHECK(clipped([](OnnxBuilder& made) {
              made.weights("low", {}, {0});
              made.weights("high", {1}, {6});
              made.node("Clip", {"in", "low", "high"}, "y");
          }) == Floats{0, 0.5f, 6});
    CHECK(clipped([](OnnxBuilder& made) {
              made.weights("high", {}, {6});
              made.node("Clip", {"in", "", "high"}, "y");
          }) == Floats{-2, 0.5f, 6});
    CHECK(clipped([](OnnxBuilder& made) {
              auto& node = made.node("Clip", {"in"}, "y");
              set_real(node, "min", -1);
          }) == Floats{-1, 0.5f, 9});
}

TEST_CASE("arithmetic with constants works on either side and repeats the constant") {
    const auto apply = [](const std::string& type, bool first, const Integers& shape,
                          const Floats& values) {
        return result({2, 1, 2}, {1, 2, 3, 4}, [&](OnnxBuilder& made) {
            made.weights("c", shape, values);
            made.node(
                type,
                first ? std::vector<std::string>{"c", "in"} : std::vector<std::string>{"in", "c"},
                "y");
        });
    };
    CHECK(apply("Add", false, {}, {0.5f}) == Floats{1.5f, 2.5f, 3.5f, 4.5f});
    CHECK(apply("Add", true, {1, 2, 1, 1}, {10, 20}) == Floats{11, 12, 23, 24});
    CHECK(apply("Mul", false, {2}, {10, 100}) == Floats{10, 200, 30, 400});
    CHECK(apply("Sub", false, {2, 1, 1}, {1, 2}) == Floats{0, 1, 1, 2});
    CHECK(apply("Sub", true, {1}, {10}) == Floats{9, 8, 7, 6});
    CHECK(apply("Div", false, {1}, {2}) == Floats{0.5f, 1, 1.5f, 2});
}

TEST_CASE("two activations are added and multiplied with extents of 1 repeated") {
    // The gate of a squeeze-and-excitation block: the mean of each channel times the channel.
    const auto gated = [](const std::string& type) {
        return result({2, 1, 2}, {1, 3, 10, 20}, [&](OnnxBuilder& made) {
            made.node("GlobalAveragePool", {"in"}, "mean");
            made.node(type, {"mean", "in"}, "y");
        });
    };
    CHECK(gated("Mul") == Floats{2, 6, 150, 300});
    CHECK(gated("Add") == Floats{3, 5, 25, 35});
}

TEST_CASE("BatchNormalization folds into the convolution or stands as scale and shift") {
    const Floats gamma{2, -1}, beta{0.5f, 3}, mean{1, -2}, variance{0.25f, 4};
    const auto normalise = [&](OnnxBuilder& made, const std::string& from) {
        made.weights("gamma", {2}, gamma);
        made.weights("beta", {2}, beta);
        made.weights("mean", {2}, mean);
        made.weights("var", {2}, variance);
        auto& node = made.node("BatchNormalization", {from, "gamma", "beta", "mean", "var"}, "y");
        set_real(node, "epsilon", 1e-3f);
    };
    const auto expected = [&](double x, std::size_t c) {
        return (x - static_cast<double>(mean[c])) /
                   std::sqrt(static_cast<double>(variance[c]) + 1e-3) *
                   static_cast<double>(gamma[c]) +
               static_cast<double>(beta[c]);
    };
    const Floats in{1, 2, 3, 4};
    SECTION("alone") {
        const Network network =
            accepted(with_node({2, 1, 2}, [&](OnnxBuilder& made) { normalise(made, "in"); }));
        CHECK(network.nodes.size() == 2);
        check_close(run(network, in),
                    {expected(1, 0), expected(2, 0), expected(3, 1), expected(4, 1)});
    }
    SECTION("after a convolution") {
        const auto conv = [&](OnnxBuilder& made) {
            made.weights("w", {2, 2, 1, 1}, {1, 10, 100, -1});
            made.weights("b", {2}, {5, 7});
            made.node("Conv", {"in", "w", "b"}, "c");
            normalise(made, "c");
        };
        const Network network = accepted(with_node({2, 1, 2}, conv));
        CHECK(network.nodes.size() == 2);
        CHECK(network.tensors.size() == 3);
        const std::vector<double> y{expected(36, 0), expected(47, 0), expected(104, 1),
                                    expected(203, 1)};
        const Floats found = run(network, in);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(std::abs(static_cast<double>(found[i]) - y[i]) < 1e-5 * std::abs(y[i]));
        }
    }
    SECTION("after a convolution that others read") {
        const auto conv = [&](OnnxBuilder& made) {
            made.weights("w", {2, 2, 1, 1}, {1, 0, 0, 1});
            made.node("Conv", {"in", "w"}, "c");
            normalise(made, "c");
            made.graph().mutable_node(1)->set_output(0, "n");
            made.node("Add", {"n", "c"}, "y");
        };
        const Network network = accepted(with_node({2, 1, 2}, conv));
        CHECK(network.nodes.size() == 4);
        check_close(run(network, in), {expected(1, 0) + 1, expected(2, 0) + 2, expected(3, 1) + 3,
                                       expected(4, 1) + 4});
    }
}

TEST_CASE("MatMul with constant weights works on each vector, and a bias added to it is folded") {
    const auto product = [](OnnxBuilder& made) {
        made.weights("w", {2, 3}, {1, 2, 3, 10, 20, 30});
        made.weights("b", {3}, {0.5f, 0, -1});
        made.node("MatMul", {"in", "w"}, "m");
        made.node("Add", {"m", "b"}, "y");
    };
    const Network flat = accepted(with_node({2}, product));
    CHECK(flat.nodes.size() == 2);
    CHECK(run(flat, {1, 2}) == Floats{21.5f, 42, 62});
    const Network rows = accepted(with_node({2, 1, 2}, product));
    CHECK(product_shape(rows, rows.nodes[0]).positions == 2);
    CHECK(run(rows, {1, 2, 0, 1}) == Floats{21.5f, 42, 62, 10.5f, 20, 29});
}

TEST_CASE("Concat joins along its axis and Slice takes what it says") {
    CHECK(result({2, 1, 2}, {1, 2, 3, 4}, [](OnnxBuilder& made) {
              made.node("Relu", {"in"}, "r");
              set_integer(made.node("Concat", {"in", "r", "in"}, "y"), "axis", 3);
          }) == Floats{1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4});
    const auto sliced = [](const Integers& starts, const Integers& ends, const Integers& axes,
                           const Integers& steps) {
        return result({2, 3, 4}, counted(24), [&](OnnxBuilder& made) {
            made.integers("s", starts);
            made.integers("e", ends);
            made.integers("a", axes);
            made.integers("t", steps);
            made.node("Slice", {"in", "s", "e", "a", "t"}, "y");
        });
    };
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    CHECK(sliced({0, 0}, {kMost, kMost}, {2, 3}, {2, 2}) == Floats{0, 2, 8, 10, 12, 14, 20, 22});
    CHECK(sliced({-1, 1}, {kMost, -1}, {1, -1}, {1, 1}) == Floats{13, 14, 17, 18, 21, 22});
    CHECK(sliced({-1, 0, 0}, {-kMost, 1, 1}, {3, 1, 2}, {-1, 1, 1}) == Floats{3, 2, 1, 0});
}

TEST_CASE("Pad, ReduceMean, Transpose, Squeeze and Unsqueeze move values as specified") {
    CHECK(result({2, 1, 2}, {1, 2, 3, 4}, [](OnnxBuilder& made) {
              made.integers("p", {0, 1, 0, 0, 0, 0, 0, 1});
              made.weights("v", {}, {9});
              made.node("Pad", {"in", "p", "v"}, "y");
          }) == Floats{9, 9, 9, 1, 2, 9, 3, 4, 9});
    CHECK(result({2, 2, 2}, counted(8), [](OnnxBuilder& made) {
              auto& node = made.node("ReduceMean", {"in"}, "y");
              set_integers(node, "axes", {2, -1});
              set_integer(node, "keepdims", 0);
          }) == Floats{1.5f, 5.5f});
    CHECK(result({2, 2, 2}, counted(8), [](OnnxBuilder& made) {
              set_integers(made.node("ReduceMean", {"in"}, "y"), "axes", {1});
          }) == Floats{2, 3, 4, 5});
    CHECK(result({2, 1, 3}, counted(6), [](OnnxBuilder& made) {
              set_integers(made.node("Transpose", {"in"}, "t"), "perm", {0, 3, 2, 1});
              made.integers("two", {2});
              made.node("Squeeze", {"t", "two"}, "s");
              made.integers("one", {1});
              made.node("Unsqueeze", {"s", "one"}, "y");
          }) == Floats{0, 3, 1, 4, 2, 5});
}

TEST_CASE("pooling with ceil_mode has a last window that begins inside the image") {
    const auto pooled = [](const std::string& type, std::int64_t kernel, std::int64_t stride) {
        return result({1, 1, 6}, {1, 5, 2, 4, 3, 6}, [&](OnnxBuilder& made) {
            auto& node = made.node(type, {"in"}, "y");
            set_integers(node, "kernel_shape", {1, kernel});
            set_integers(node, "strides", {1, stride});
            set_integer(node, "ceil_mode", 1);
        });
    };
    CHECK(pooled("MaxPool", 3, 2) == Floats{5, 4, 6});
    CHECK(pooled("AveragePool", 4, 3) == Floats{3, 13.0f / 3});
    CHECK(pooled("MaxPool", 1, 6) == Floats{1});  // nothing but padding would be left
}

TEST_CASE("integer weights with scales are read as the numbers they stand for") {
    CHECK(result({2}, {1, 10}, [](OnnxBuilder& made) {
              auto& q = *made.graph().add_initializer();
              q.set_name("q");
              q.set_data_type(onnx::TensorProto::INT8);
              q.add_dims(2);
              q.add_dims(2);
              for (const int value : {1, -2, 3, 127}) q.add_int32_data(value);
              made.weights("scale", {2}, {0.5f, 0.25f});
              auto& dequantize = made.node("DequantizeLinear", {"q", "scale"}, "w");
              set_integer(dequantize, "axis", 0);
              set_integer(made.node("Gemm", {"in", "w"}, "y"), "transB", 1);
          }) == Floats{-9.5f, 318.25f});
}

TEST_CASE("the shape arithmetic that exporters leave is computed while reading") {
    // x.view(x.size(0), -1) as PyTorch writes it, and x.reshape(n, c * h * w).
    const bool product = GENERATE(false, true);
    OnnxBuilder made({2, 1, 3});
    made.integers("axes", {0});
    made.integers("minus", {-1});
    made.node("Shape", {"in"}, "shape");
    const auto extent = [&](const std::string& name, std::int64_t at) {
        auto& index = made.integers(name + "_at", {at});
        index.clear_dims();
        set_integer(made.node("Gather", {"shape", name + "_at"}, name), "axis", 0);
        made.node("Unsqueeze", {name, "axes"}, name + "_list");
    };
    extent("n", 0);
    extent("c", 1);
    extent("w", -1);
    made.node("Mul", {"c_list", "w_list"}, "features");
    auto& join = made.node("Concat", {"n_list", product ? "features" : "minus"}, "target");
    set_integer(join, "axis", 0);
    made.node("Reshape", {"in", "target"}, "out");
    made.output("out");
    const Network network = accepted(made);
    CHECK(network.nodes.size() == 1);
    CHECK(network.output_shape() == Shape{6});
}

TEST_CASE("constants may be nodes, casts, slices and transposes of constants") {
    CHECK(result({2}, {1, 10}, [](OnnxBuilder& made) {
              auto* value = made.node("Constant", {}, "c").add_attribute();
              value->set_name("value");
              value->set_type(onnx::AttributeProto::TENSOR);
              value->mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
              value->mutable_t()->add_dims(2);
              value->mutable_t()->add_dims(2);
              for (const float w : {1.0f, 2.0f, 3.0f, 4.0f}) value->mutable_t()->add_float_data(w);
              set_integers(made.node("Transpose", {"c"}, "t"), "perm", {1, 0});
              made.integers("list", {7, 8, 9});
              made.integers("from", {1});
              made.integers("to", {3});
              made.node("Slice", {"list", "from", "to"}, "part");
              set_integer(made.node("Cast", {"part"}, "bias"), "to", onnx::TensorProto::FLOAT);
              made.node("Gemm", {"in", "t", "bias"}, "y");
          }) == Floats{1 + 20 + 8, 3 + 40 + 9});
}

TEST_CASE("what an operator cannot do is refused with its node and its reason") {
    struct Case {
        std::function<void(OnnxBuilder&)> add;
        std::string expected;
    };
    const auto [add, expected] = GENERATE(values<Case>({
        {[](OnnxBuilder& m) {
             m.node("Sub", {"in", "in"}, "y");
         },
         "of two activations"},
        {[](OnnxBuilder& m) {
             m.node("Div", {"in", "in"}, "y");
         },
         "by an activation"},
        {[](OnnxBuilder& m) {
             m.weights("c", {1}, {0});
             m.node("Div", {"in", "c"}, "y");
         },
         "divides by a constant of 0"},
        {[](OnnxBuilder& m) {
             m.weights("c", {3}, {1, 2, 3});
             m.node("Add", {"in", "c"}, "y");
         },
         "constant of shape 3 does not fit the input of 2x1x2"},
        {[](OnnxBuilder& m) {
             m.weights("c", {2, 1, 1, 1}, {1, 2});
             m.node("Add", {"in", "c"}, "y");
         },
         "extent of 2 along the batch"},
        {[](OnnxBuilder& m) {
             m.weights("c", {2, 2}, {1, 2, 3, 4});
             m.node("MatMul", {"c", "in"}, "y");
         },
         "only the second one may be"},
        {[](OnnxBuilder& m) {
             m.node("MatMul", {"in", "in"}, "y");
         },
         "computed weights"},
        {[](OnnxBuilder& m) {
             for (const char* name : {"a", "b", "c", "d"}) m.weights(name, {2}, {1, -1});
             m.node("BatchNormalization", {"in", "a", "b", "c", "d"}, "y");
         },
         "variance of channel 1 is -1"},
        {[](OnnxBuilder& m) {
             m.weights("low", {}, {2});
             m.weights("high", {}, {1});
             m.node("Clip", {"in", "low", "high"}, "y");
         },
         "clips to 2 to 1"},
        {[](OnnxBuilder& m) {
             set_integer(m.node("Concat", {"in", "in"}, "y"), "axis", 0);
         },
         "along the batch"},
        {[](OnnxBuilder& m) {
             set_integer(m.node("Concat", {"in", "in"}, "y"), "axis", 4);
         },
         "axis 4 is none"},
        {[](OnnxBuilder& m) {
             m.integers("p", {0, 0, -1, 0, 0, 0, 0, 0});
             m.node("Pad", {"in", "p"}, "y");
         },
         "negative pads"},
        {[](OnnxBuilder& m) {
             m.integers("p", {0, 0, 1, 0, 0, 0, 0, 0});
             set_text(m.node("Pad", {"in", "p"}, "y"), "mode", "reflect");
         },
         "mode = reflect"},
        {[](OnnxBuilder& m) {
             m.integers("s", {2});
             m.integers("e", {2});
             m.integers("a", {3});
             m.node("Slice", {"in", "s", "e", "a"}, "y");
         },
         "takes nothing along axis 3"},
        {[](OnnxBuilder& m) {
             set_integers(m.node("Transpose", {"in"}, "y"), "perm", {1, 0, 2, 3});
         },
         "moves the batch"},
        {[](OnnxBuilder& m) { m.node("ReduceMean", {"in"}, "y"); }, "axes is missing"},
        {[](OnnxBuilder& m) {
             m.integers("two", {1});
             m.node("Squeeze", {"in", "two"}, "y");
         },
         "axis 1 has an extent of 2"},
        {[](OnnxBuilder& m) {
             m.integers("k", {1});
             m.node("Gather", {"in", "k"}, "y");
         },
         "supported for constants only"},
        {[](OnnxBuilder& m) {
             m.node("Shape", {"in"}, "s");
             m.node("Mul", {"s", "s"}, "t");
             m.node("Reshape", {"in", "t"}, "y");
         },
         "computes with the size of the batch"},
        {[](OnnxBuilder& m) {
             m.weights("w", {2, 2}, {1, 2, 3, 4});
             m.node("Gemm", {"in", "w"}, "y");
         },
         "input has shape 2x1x2, the weights expect 2"},
    }));
    const std::string text = refusal(with_node({2, 1, 2}, add));
    CHECK_THAT(text, ContainsSubstring(expected) && ContainsSubstring("node '"));
    CHECK_THAT(text, !ContainsSubstring("\n"));
}
