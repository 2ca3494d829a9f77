// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_read.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "flows/onnx_run.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::test::accepted;
using mho::test::OnnxBuilder;
using mho::test::refusal;
using mho::test::run;
using mho::test::set_integer;
using mho::test::set_integers;
using mho::test::set_real;
using mho::test::set_text;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

// in (1x4x4) -> Conv 2x(1x2x2) -> Flatten -> out
OnnxBuilder conv_model() {
    OnnxBuilder made({1, 4, 4});
    made.weights("w", {2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    made.node("Conv", {"in", "w"}, "c");
    made.node("Flatten", {"c"}, "out");
    made.output("out");
    return made;
}

OnnxBuilder gemm_model() {
    OnnxBuilder made({2});
    made.weights("w", {3, 2}, {1, 2, 3, 4, 5, 6});
    made.weights("b", {3}, {10, 20, 30});
    made.node("Gemm", {"in", "w", "b"}, "out");
    set_integer(*made.graph().mutable_node(0), "transB", 1);
    made.output("out");
    return made;
}

onnx::NodeProto& first_node(OnnxBuilder& model) {
    return *model.graph().mutable_node(0);
}

}  // namespace

TEST_CASE("LeNet and MLP have the layers, parameters and products of their description") {
    MHO_REQUIRE_SHARED(lenet, "models/lenet5_mnist.onnx");
    MHO_REQUIRE_SHARED(mlp, "models/mlp_mnist.onnx");
    const Network net = read_onnx(lenet);
    CHECK(parameter_count(net) == 61706);
    CHECK(macs_per_inference(net) == 416520);  // 0.42 million
    CHECK(net.nodes.size() == 12);
    CHECK(net.input_shape() == Shape{1, 28, 28});
    CHECK(net.output_shape() == Shape{10});
    const ProductShape first = product_shape(net, net.nodes[0]);
    CHECK((first.inputs == 25 && first.outputs == 6 && first.positions == 784));
    CHECK(net.nodes[0].name == "conv1");
    CHECK(parameter_count(read_onnx(mlp)) == 238510);
    CHECK(macs_per_inference(read_onnx(mlp)) == 784 * 300 + 300 * 10);
}

TEST_CASE("an ONNX file cut at any length is refused") {
    MHO_REQUIRE_SHARED(lenet, "models/lenet5_mnist.onnx");
    const std::string whole = mho::read_file(lenet);
    const TemporaryFolder folder;
    const auto path = folder / "cut.onnx";
    for (std::size_t size = 0; size < whole.size(); size += 997) {
        mho::write_file(path, whole.substr(0, size));
        REQUIRE_THAT(thrown_text([&] { read_onnx(path); }),
                     ContainsSubstring("2: ") && ContainsSubstring("cut.onnx"));
    }
    for (std::size_t cut = 1; cut < 40; ++cut) {
        mho::write_file(path, whole.substr(0, whole.size() - cut));
        REQUIRE_THAT(thrown_text([&] { read_onnx(path); }), ContainsSubstring("cut.onnx"));
    }
}

TEST_CASE("an ONNX file with single damaged bytes is read or refused, never worse") {
    const std::string whole = conv_model().model.SerializeAsString();
    const TemporaryFolder folder;
    const auto path = folder / "bad.onnx";
    int refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            mho::write_file(path, damaged);
            const std::string text = thrown_text([&] { read_onnx(path); });
            if (text != "nothing thrown") {
                REQUIRE(text.rfind("2: ", 0) == 0);
                ++refused;
            }
        }
    }
    CHECK(refused > static_cast<int>(whole.size()));
}

TEST_CASE("files that hold no network are refused") {
    const TemporaryFolder folder;
    const auto path = folder / "net.onnx";
    const auto text_for = [&](const std::string& content) {
        mho::write_file(path, content);
        return thrown_text([&] { read_onnx(path); });
    };
    CHECK_THAT(thrown_text([&] { read_onnx(folder / "none.onnx"); }),
               ContainsSubstring("none.onnx"));
    CHECK_THAT(text_for(""), ContainsSubstring("not an ONNX file") && ContainsSubstring("0 bytes"));
    CHECK_THAT(text_for("PK\x03\x04 this is a zip"), ContainsSubstring("not an ONNX file"));
    onnx::ModelProto empty;
    CHECK_THAT(text_for(empty.SerializeAsString()), ContainsSubstring("not an ONNX file"));
    empty.set_ir_version(7);
    CHECK_THAT(text_for(empty.SerializeAsString()), ContainsSubstring("no ONNX operator set"));
    empty.add_opset_import()->set_version(13);
    CHECK_THAT(text_for(empty.SerializeAsString()), ContainsSubstring("holds no graph"));
    OnnxBuilder newer = gemm_model();
    newer.model.mutable_opset_import(0)->set_version(99);
    CHECK_THAT(refusal(newer), ContainsSubstring("opset 99 is not supported (9 to 17 are)"));
}

TEST_CASE("an unknown operator is named with its node and the nearest one there is") {
    OnnxBuilder made = gemm_model();
    first_node(made).set_op_type("Gem");
    CHECK_THAT(refusal(made),
               ContainsSubstring("node 'out_node' (Gem)") && ContainsSubstring("'Gemm'"));
    first_node(made).set_op_type("Einsum");
    CHECK_THAT(refusal(made), ContainsSubstring("node 'out_node' (Einsum): operator is not"));
    first_node(made).clear_name();
    CHECK_THAT(refusal(made), ContainsSubstring("node 'Einsum_0' (Einsum)"));
}

TEST_CASE("Gemm is normalised to weights by outputs with alpha and beta folded in") {
    OnnxBuilder made({2});
    made.weights("w", {2, 3}, {1, 3, 5, 2, 4, 6});  // the transposed of gemm_model's
    made.weights("b", {1, 3}, {10, 20, 30});
    auto& node = made.node("Gemm", {"in", "w", "b"}, "out");
    set_real(node, "alpha", 2.0f);
    set_real(node, "beta", 0.5f);
    made.output("out");
    CHECK(run(accepted(made), {1, 10}) == std::vector<float>{47, 96, 145});
    CHECK(run(accepted(gemm_model()), {1, 10}) == std::vector<float>{31, 63, 95});

    OnnxBuilder scalar_bias = gemm_model();
    auto* bias = scalar_bias.graph().mutable_initializer(1);
    bias->clear_dims();
    bias->clear_float_data();
    bias->add_float_data(1);
    CHECK(run(accepted(scalar_bias), {1, 10}) == std::vector<float>{22, 44, 66});
}

TEST_CASE("weights may be raw bytes or doubles, and may be listed as inputs") {
    OnnxBuilder made = gemm_model();
    auto* w = made.graph().mutable_initializer(0);
    w->clear_float_data();
    SECTION("raw") {
        const std::vector<float> values{1, 2, 3, 4, 5, 6};
        w->set_raw_data(values.data(), values.size() * sizeof(float));
    }
    SECTION("double") {
        w->set_data_type(onnx::TensorProto::DOUBLE);
        for (int i = 1; i <= 6; ++i) w->add_double_data(i);
        *made.graph().add_input() = made.graph().input(0);
        made.graph().mutable_input(1)->set_name("w");
    }
    CHECK(run(accepted(made), {1, 10}) == std::vector<float>{31, 63, 95});
}

TEST_CASE("every shape-only operator is accepted and nodes may stand in any order") {
    OnnxBuilder made({1, 2, 2});
    made.output("out");
    made.node("Softmax", {"e"}, "out");
    made.node("Reshape", {"d", "shape"}, "e");
    auto* shape = made.graph().add_initializer();
    shape->set_name("shape");
    shape->set_data_type(onnx::TensorProto::INT64);
    shape->add_dims(2);
    shape->add_int64_data(0);
    shape->add_int64_data(-1);
    made.node("Add", {"b", "c"}, "d");
    made.node("Dropout", {"a"}, "c").add_output("mask");
    made.node("Relu", {"a"}, "b");
    made.node("Identity", {"p"}, "a");
    auto& pool = made.node("MaxPool", {"in"}, "p");
    set_integers(pool, "kernel_shape", {1, 2});
    set_integers(pool, "strides", {1, 2});
    const Network network = accepted(made);
    CHECK(network.output_shape() == Shape{2});
    const auto out = run(network, {1, 2, 3, 3});  // pooled 2, 3; doubled 4, 6
    CHECK(std::abs(out[1] - 1 / (1 + std::exp(-2.0f))) < 1e-6f);
}

TEST_CASE("automatic padding follows the ONNX definition") {
    OnnxBuilder made = conv_model();
    set_text(first_node(made), "auto_pad", "SAME_UPPER");
    set_integers(first_node(made), "strides", {3, 3});
    Network network = accepted(made);
    // ceil(4 / 3) = 2 steps, total padding (2 - 1) 3 + 2 - 4 = 1, at the end.
    const Conv& upper = std::get<Conv>(network.nodes[0].op);
    CHECK(upper.window.pad_begin == std::array{0, 0});
    CHECK(upper.window.pad_end == std::array{1, 1});
    CHECK(network.tensor(1).shape == Shape{2, 2, 2});
    first_node(made).mutable_attribute(0)->set_s("SAME_LOWER");
    network = accepted(made);
    CHECK(std::get<Conv>(network.nodes[0].op).window.pad_begin == std::array{1, 1});
    first_node(made).mutable_attribute(0)->set_s("VALID");
    CHECK(accepted(made).tensor(1).shape == Shape{2, 1, 1});
    first_node(made).mutable_attribute(0)->set_s("SOMETIMES");
    CHECK_THAT(refusal(made), ContainsSubstring("auto_pad = SOMETIMES"));
}

TEST_CASE("unsupported or senseless attributes are refused by name") {
    struct Case {
        std::string type;
        std::function<void(onnx::NodeProto&)> spoil;
        std::string expected;
    };
    const auto [type, spoil, expected] = GENERATE(values<Case>({
        {"Conv",
         [](auto& n) {
             set_integers(n, "strides", {0, 1});
         },
         "strides holds 0"},
        {"Conv", [](auto& n) { set_integers(n, "strides", {1}); }, "strides has 1 values"},
        {"Conv",
         [](auto& n) {
             set_integers(n, "pads", {0, 0});
         },
         "pads has 2 values"},
        {"Conv",
         [](auto& n) {
             set_integers(n, "pads", {-1, 0, 0, 0});
         },
         "pads holds -1"},
        {"Conv",
         [](auto& n) {
             set_integers(n, "pads", {1 << 20, 0, 0, 0});
         },
         "pads holds"},
        {"Conv",
         [](auto& n) {
             set_integers(n, "kernel_shape", {3, 3});
         },
         "differs from"},
        {"Conv",
         [](auto& n) {
             set_integers(n, "dilations", {9, 9});
         },
         "larger than the padded"},
        {"Conv", [](auto& n) { set_integer(n, "group", 3); }, "group = 3 does not divide"},
        {"Conv", [](auto& n) { set_integer(n, "group", 2); }, "1 channels, the weights expect 2"},
        {"Conv", [](auto& n) { set_real(n, "group", 2); }, "'group' has type"},
        {"Conv", [](auto& n) { set_integer(n, "magic", 2); }, "'magic' is not supported"},
        {"Conv",
         [](auto& n) {
             set_integers(n, "pads", {32768, 32768, 32768, 32768});
         },
         "too large"},
        {"MaxPool", [](auto&) {}, "kernel_shape is missing"},
        {"AveragePool",
         [](auto& n) {
             set_integers(n, "kernel_shape", {3, 3});
             set_integers(n, "strides", {2, 2});
             set_integer(n, "ceil_mode", 1);
             set_integer(n, "count_include_pad", 1);
         },
         "ceil_mode with count_include_pad"},
        {"MaxPool", [](auto& n) { set_integer(n, "storage_order", 1); }, "storage_order = 1"},
        {"AveragePool",
         [](auto& n) {
             set_integers(n, "kernel_shape", {1, 1});
             set_integers(n, "dilations", {2, 2});
         },
         "dilated pooling"},
        {"Flatten", [](auto& n) { set_integer(n, "axis", 2); }, "axis = 2"},
        {"Softmax", [](auto&) {}, "a flat one expected"},
        {"Relu", [](auto& n) { set_real(n, "alpha", 1); }, "'alpha' is not supported"},
    }));
    OnnxBuilder made = conv_model();
    auto& node = first_node(made);
    node.set_op_type(type);
    if (type != "Conv") node.mutable_input()->RemoveLast();
    spoil(node);
    CHECK_THAT(refusal(made), ContainsSubstring(expected) && ContainsSubstring("c_node"));
}

TEST_CASE("weights that are missing, misshapen or not finite are refused") {
    OnnxBuilder made = gemm_model();
    auto* w = made.graph().mutable_initializer(0);
    auto* b = made.graph().mutable_initializer(1);
    std::string expected;
    SECTION("missing") {
        made.graph().mutable_initializer()->DeleteSubrange(0, 1);
        expected = "tensor or weights 'w' are not in the file";
    }
    SECTION("left out") {
        first_node(made).mutable_input()->DeleteSubrange(1, 2);
        expected = "input 2 is missing";
    }
    SECTION("too few values") {
        w->mutable_float_data()->RemoveLast();
        expected = "weights 'w' hold 5 bytes or values, 6 expected";
    }
    SECTION("raw bytes cut") {
        w->set_raw_data("abc");
        expected = "weights 'w' hold 3 bytes or values, 24 expected";
    }
    SECTION("integers") {
        w->set_data_type(onnx::TensorProto::INT32);
        expected = "element type";
    }
    SECTION("external") {
        w->set_data_location(onnx::TensorProto::EXTERNAL);
        expected = "external file";
    }
    SECTION("negative dimension") {
        w->set_dims(0, -3);
        expected = "dimension of -3";
    }
    SECTION("huge dimensions") {
        w->set_dims(0, std::numeric_limits<std::int64_t>::max());
        expected = "dimension of";
    }
    SECTION("three dimensions") {
        w->add_dims(1);
        expected = "3 dimensions, 2 expected";
    }
    SECTION("not finite") {
        w->set_float_data(2, std::numeric_limits<float>::quiet_NaN());
        expected = "not finite";
    }
    SECTION("bias of wrong size") {
        b->set_dims(0, 2);
        b->mutable_float_data()->RemoveLast();
        expected = "bias 'b' has 2 values, 3 expected";
    }
    SECTION("wrong inner size") {
        made.graph()
            .mutable_input(0)
            ->mutable_type()
            ->mutable_tensor_type()
            ->mutable_shape()
            ->mutable_dim(1)
            ->set_dim_value(5);
        expected = "input has shape 5, the weights expect 2";
    }
    SECTION("computed weights") {
        made.node("Relu", {"in"}, "w2");
        first_node(made).set_input(1, "w2");
        expected = "computed weights are not supported";
    }
    CHECK_THAT(refusal(made), ContainsSubstring(expected));
}

TEST_CASE("graphs that hang wrongly together are refused") {
    OnnxBuilder made = gemm_model();
    std::string expected;
    SECTION("a cycle") {
        made.node("Relu", {"y"}, "x");
        made.node("Relu", {"x"}, "y");
        expected = "node 'x_node' (Relu) waits for a tensor that is never made";
    }
    SECTION("an unknown tensor") {
        made.node("Relu", {"ghost"}, "x");
        expected = "'ghost'";
    }
    SECTION("a tensor made twice") {
        made.node("Relu", {"in"}, "out");
        expected = "tensor 'out' is made twice";
    }
    SECTION("several inputs") {
        *made.graph().add_input() = made.graph().input(0);
        made.graph().mutable_input(1)->set_name("other");
        expected = "several inputs";
    }
    SECTION("no input") {
        made.graph().clear_input();
        expected = "has no input";
    }
    SECTION("a free dimension") {
        made.graph()
            .mutable_input(0)
            ->mutable_type()
            ->mutable_tensor_type()
            ->mutable_shape()
            ->mutable_dim(1)
            ->set_dim_param("free");
        expected = "only the batch may be free";
    }
    SECTION("no output") {
        made.graph().clear_output();
        expected = "has 0 outputs";
    }
    SECTION("an output that nobody makes") {
        made.graph().mutable_output(0)->set_name("nobody");
        expected = "'nobody' is made by no node";
    }
    SECTION("a constant where an activation belongs") {
        first_node(made).set_input(0, "b");
        expected = "'b' is a constant";
    }
    SECTION("addition of different shapes") {
        made.node("Add", {"in", "out"}, "sum");
        expected = "different shapes, 2 and 3";
    }
    CHECK_THAT(refusal(made), ContainsSubstring(expected));
}

TEST_CASE("an output that is still a feature map is refused") {
    OnnxBuilder made = conv_model();
    made.graph().mutable_output(0)->set_name("c");
    CHECK_THAT(refusal(made), ContainsSubstring("output has shape 2x3x3"));
}

TEST_CASE("reshapes that do not keep images apart or values whole are refused") {
    const std::vector<std::int64_t> target =
        GENERATE(std::vector<std::int64_t>{-1, -1}, std::vector<std::int64_t>{0, 9, 3},
                 std::vector<std::int64_t>{0, -1, -1}, std::vector<std::int64_t>{18},
                 std::vector<std::int64_t>{2, 9}, std::vector<std::int64_t>{0, 17});
    OnnxBuilder made = conv_model();
    auto& node = *made.graph().mutable_node(1);
    node.set_op_type("Reshape");
    node.add_input("shape");
    auto* shape = made.graph().add_initializer();
    shape->set_name("shape");
    shape->set_data_type(onnx::TensorProto::INT64);
    shape->add_dims(static_cast<std::int64_t>(target.size()));
    for (const std::int64_t extent : target) shape->add_int64_data(extent);
    CHECK_THAT(refusal(made), ContainsSubstring("input of 2x3x3 cannot become ["));
}
