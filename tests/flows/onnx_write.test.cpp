// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_write.h"

#include <onnx/onnx_pb.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstring>
#include <limits>

#include "base/file.h"
#include "flows/onnx_read.h"
#include "support/temporary_folder.h"

using namespace mho::flows;
using Catch::Matchers::ContainsSubstring;

namespace {

Mlp seeded_mlp() {
    const std::array<int, 3> sizes{6, 4, 3};
    Mlp mlp = make_mlp(sizes, 4);
    mlp.layers[0].bias << 0.5, -1, 2, 0.25;
    return mlp;
}

}  // namespace

TEST_CASE("a written network parses as ONNX with its names, shapes and values") {
    const Mlp mlp = seeded_mlp();
    onnx::ModelProto model;
    REQUIRE(model.ParseFromString(mlp_to_onnx(mlp, {2, 3})));
    CHECK(model.ir_version() == 7);
    REQUIRE(model.opset_import_size() == 1);
    CHECK(model.opset_import(0).version() == 13);
    const onnx::GraphProto& graph = model.graph();
    REQUIRE(graph.input_size() == 1);
    CHECK(graph.input(0).name() == "input");
    const onnx::TensorShapeProto& shape = graph.input(0).type().tensor_type().shape();
    REQUIRE(shape.dim_size() == 4);
    CHECK(shape.dim(0).dim_param() == "N");
    CHECK(shape.dim(1).dim_value() == 1);
    CHECK(shape.dim(2).dim_value() == 2);
    CHECK(shape.dim(3).dim_value() == 3);
    REQUIRE(graph.output_size() == 1);
    CHECK(graph.output(0).name() == "logits");

    std::vector<std::string> operators;
    for (const onnx::NodeProto& node : graph.node()) operators.push_back(node.op_type());
    CHECK(operators == std::vector<std::string>{"Flatten", "Gemm", "Relu", "Gemm"});
    CHECK(graph.node(1).name() == "fc1");
    CHECK(graph.node(3).name() == "fc2");
    CHECK(graph.node(3).output(0) == "logits");
    CHECK(graph.node(1).attribute(0).name() == "transB");
    CHECK(graph.node(1).attribute(0).i() == 1);

    REQUIRE(graph.initializer_size() == 4);
    const onnx::TensorProto& weights = graph.initializer(0);
    CHECK(weights.dims(0) == 4);
    CHECK(weights.dims(1) == 6);
    REQUIRE(weights.raw_data().size() == 4 * 6 * sizeof(float));
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 6; ++column) {
            float value = 0;
            std::memcpy(&value, weights.raw_data().data() + 4 * (6 * row + column), sizeof(float));
            CHECK(value == static_cast<float>(mlp.layers[0].weights(row, column)));
        }
    }
    CHECK(graph.initializer(1).dims_size() == 1);
}

TEST_CASE("equal networks give equal ONNX bytes") {
    CHECK(mlp_to_onnx(seeded_mlp(), {2, 3}) == mlp_to_onnx(seeded_mlp(), {2, 3}));
    CHECK(mlp_to_onnx(seeded_mlp(), {2, 3}) != mlp_to_onnx(seeded_mlp(), {3, 2}));
}

TEST_CASE("mho reads the networks that it writes") {
    const mho::test::TemporaryFolder folder;
    const Mlp mlp = seeded_mlp();
    mho::write_file(folder / "net.onnx", mlp_to_onnx(mlp, {2, 3}));
    const Network network = read_onnx(folder / "net.onnx");
    CHECK(network.input_shape() == Shape{1, 2, 3});
    CHECK(network.output_shape() == Shape{3});
    CHECK(parameter_count(network) == 6 * 4 + 4 + 4 * 3 + 3);
    CHECK(macs_per_inference(network) == 6 * 4 + 4 * 3);
}

TEST_CASE("the ONNX writer refuses networks that cannot be written") {
    Mlp mlp = seeded_mlp();
    CHECK_THROWS_WITH(mlp_to_onnx(mlp, {2, 2}), ContainsSubstring("after 4 values"));
    CHECK_THROWS_WITH(mlp_to_onnx(mlp, {0, 6}), ContainsSubstring("0 x 6"));
    CHECK_THROWS_WITH(mlp_to_onnx({}, {2, 3}), ContainsSubstring("without layers"));
    mlp.layers[1].bias[0] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH(mlp_to_onnx(mlp, {2, 3}), ContainsSubstring("not finite"));
    mlp = seeded_mlp();
    mlp.layers[0].weights(0, 0) = 1e300;  // beyond float
    CHECK_THROWS_WITH(mlp_to_onnx(mlp, {2, 3}), ContainsSubstring("not finite"));
    mlp = seeded_mlp();
    mlp.layers[1].weights.resize(3, 5);
    CHECK_THROWS_WITH(mlp_to_onnx(mlp, {2, 3}), ContainsSubstring("3 x 5"));
}
