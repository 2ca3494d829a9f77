// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_write.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/onnx_pb.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace mho::flows {
namespace {

constexpr int kIrVersion = 7;
constexpr int kOperatorSet = 13;

void check(const Mlp& mlp, const OnnxImage& image) {
    if (image.height <= 0 || image.width <= 0) {
        throw bad_input("ONNX image of {} x {} pixels: expected positive sizes", image.height,
                        image.width);
    }
    if (mlp.layers.empty()) throw bad_input("ONNX: network without layers");
    Eigen::Index inputs = Eigen::Index{image.height} * image.width;
    for (const MlpLayer& layer : mlp.layers) {
        if (layer.weights.cols() != inputs || layer.weights.rows() != layer.bias.size() ||
            layer.bias.size() == 0) {
            throw bad_input("ONNX: layer of {} x {} weights and {} biases after {} values",
                            layer.weights.rows(), layer.weights.cols(), layer.bias.size(), inputs);
        }
        if (!layer.weights.cast<float>().allFinite() || !layer.bias.cast<float>().allFinite()) {
            throw bad_input("ONNX: network with parameters that are not finite");
        }
        inputs = layer.weights.rows();
    }
}

// Row-major floats as little-endian bytes, as TensorProto.raw_data holds them.
template <typename Matrix>
void add_tensor(onnx::GraphProto& graph, const std::string& name, const Matrix& values) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.add_dims(values.rows());
    if (Matrix::ColsAtCompileTime != 1) tensor.add_dims(values.cols());
    std::string bytes;
    for (Eigen::Index row = 0; row < values.rows(); ++row) {
        for (Eigen::Index column = 0; column < values.cols(); ++column) {
            const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(values(row, column)));
            for (int shift = 0; shift < 32; shift += 8) {
                bytes.push_back(static_cast<char>(bits >> shift & 0xff));
            }
        }
    }
    tensor.set_raw_data(bytes);
}

onnx::NodeProto& add_node(onnx::GraphProto& graph, std::string_view operation,
                          std::initializer_list<std::string> inputs, const std::string& output) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(std::string(operation));
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
}

void set_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
}

void set_shape(onnx::ValueInfoProto& value, const char* name,
               std::initializer_list<std::int64_t> sizes_after_batch) {
    value.set_name(name);
    onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("N");
    for (const std::int64_t size : sizes_after_batch) {
        type.mutable_shape()->add_dim()->set_dim_value(size);
    }
}

std::string serialise(const onnx::ModelProto& model) {
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream coded(&stream);
        coded.SetSerializationDeterministic(true);
        model.SerializeWithCachedSizes(&coded);
    }
    return bytes;
}

}  // namespace

std::string mlp_to_onnx(const Mlp& mlp, const OnnxImage& image) {
    check(mlp, image);
    onnx::ModelProto model;
    model.set_ir_version(kIrVersion);
    model.set_producer_name("mho");
    model.add_opset_import()->set_version(kOperatorSet);
    onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name("mlp");
    set_shape(*graph.add_input(), "input", {1, image.height, image.width});
    set_shape(*graph.add_output(), "logits", {mlp.layers.back().bias.size()});

    std::string value = "flat";
    set_integer(add_node(graph, "Flatten", {"input"}, value), "axis", 1);
    for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
        const bool last = i + 1 == mlp.layers.size();
        const std::string name = fmt::format("fc{}", i + 1);
        add_tensor(graph, name + ".weight", mlp.layers[i].weights);
        add_tensor(graph, name + ".bias", mlp.layers[i].bias);
        const std::string output = last ? "logits" : name;
        onnx::NodeProto& gemm =
            add_node(graph, "Gemm", {value, name + ".weight", name + ".bias"}, output);
        gemm.set_name(name);
        set_integer(gemm, "transB", 1);
        value = output;
        if (!last) {
            add_node(graph, "Relu", {value}, name + ".relu");
            value = name + ".relu";
        }
    }
    // Also fills in the cached sizes that serialise() relies on.
    if (model.ByteSizeLong() > 0x7fffffff) throw bad_input("ONNX: network of over 2 GiB");
    return serialise(model);
}

}  // namespace mho::flows
