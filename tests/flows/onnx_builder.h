// SPDX-License-Identifier: Apache-2.0
// Small ONNX models made in the test, through the official protobuf.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"

namespace mho::test {

class OnnxBuilder {
  public:
    explicit OnnxBuilder(const std::vector<std::int64_t>& input_shape) {
        auto* opset = model.add_opset_import();
        opset->set_version(13);
        graph().set_name("made");
        auto* type = graph().add_input();
        type->set_name("in");
        auto* tensor = type->mutable_type()->mutable_tensor_type();
        tensor->set_elem_type(onnx::TensorProto::FLOAT);
        tensor->mutable_shape()->add_dim()->set_dim_param("N");
        for (const std::int64_t extent : input_shape) {
            tensor->mutable_shape()->add_dim()->set_dim_value(extent);
        }
    }

    onnx::GraphProto& graph() { return *model.mutable_graph(); }

    // A node "<output>_node" making tensor `output`.
    onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs,
                          const std::string& output) {
        auto& made = *graph().add_node();
        made.set_name(output + "_node");
        made.set_op_type(type);
        for (const std::string& name : inputs) made.add_input(name);
        made.add_output(output);
        return made;
    }

    onnx::TensorProto& weights(const std::string& name, const std::vector<std::int64_t>& shape,
                               const std::vector<float>& values) {
        auto& tensor = *graph().add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(onnx::TensorProto::FLOAT);
        for (const std::int64_t extent : shape) tensor.add_dims(extent);
        for (const float value : values) tensor.add_float_data(value);
        return tensor;
    }

    onnx::TensorProto& integers(const std::string& name, const std::vector<std::int64_t>& values) {
        auto& tensor = *graph().add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(onnx::TensorProto::INT64);
        tensor.add_dims(static_cast<std::int64_t>(values.size()));
        for (const std::int64_t value : values) tensor.add_int64_data(value);
        return tensor;
    }

    void output(const std::string& name) { graph().add_output()->set_name(name); }

    void write(const std::filesystem::path& path) const {
        mho::write_file(path, model.SerializeAsString());
    }

    onnx::ModelProto model;
};

inline void set_integer(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
}

inline void set_real(onnx::NodeProto& node, const std::string& name, float value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
}

inline void set_text(onnx::NodeProto& node, const std::string& name, const std::string& value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::STRING);
    attribute->set_s(value);
}

inline void set_integers(onnx::NodeProto& node, const std::string& name,
                         const std::vector<std::int64_t>& values) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute->add_ints(value);
}

}  // namespace mho::test
