// SPDX-License-Identifier: Apache-2.0
// One ONNX node as its converter sees it: attributes, constants and activations. Inner part of
// flows/onnx_read.h.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "flows/network.h"

namespace mho::flows {

// Constant tensors by name: those of the file and those computed from them.
using Constants = std::map<std::string, const onnx::TensorProto*, std::less<>>;

// The attributes of one node; each may be asked once, and what nobody asked for is refused.
class Attributes {
  public:
    explicit Attributes(const onnx::NodeProto& node);

    std::int64_t integer(const std::string& name, std::int64_t otherwise);
    float real(const std::string& name, float otherwise);
    std::string text(const std::string& name, const std::string& otherwise);
    std::vector<std::int64_t> integers(const std::string& name);  // empty when absent
    const onnx::TensorProto* tensor(const std::string& name);     // null when absent
    bool has(const std::string& name) const { return unread_.count(name) > 0; }
    void require(const std::string& name, std::int64_t only);
    void finish() const;  // throws when an attribute has not been asked for

  private:
    const onnx::AttributeProto* take(const std::string& name, int type);

    std::map<std::string, const onnx::AttributeProto*> unread_;
};

// What a converter looks at. Members throw bad_input without naming file or node.
struct OnnxSource {
    const onnx::NodeProto& node;
    const Constants& constants;
    const std::vector<Shape>& activations;  // shapes of the inputs that are no constants, in order
    std::int64_t opset;
    Attributes attributes;

    bool is_constant(int index) const;  // input `index` is there and constant
    // The constant at input `index`, or null when the node leaves that input out.
    const onnx::TensorProto* constant(int index) const;
    const onnx::TensorProto& required_constant(int index) const;
    // One number from input `index`, or from the attribute where older operator sets have it.
    float number(int index, const std::string& attribute, float otherwise);
    // Integers in the same way; empty when absent.
    std::vector<std::int64_t> numbers(int index, const std::string& attribute);
};

// `axis` of a tensor of `rank` dimensions (the batch is 0; negative ones count from the end) as an
// axis of a Shape. Throws bad_input for the batch and for axes that are not there.
int axis_without_batch(std::int64_t axis, std::size_t rank);

int to_int(std::int64_t value);  // throws bad_input for a dimension beyond int

}  // namespace mho::flows
