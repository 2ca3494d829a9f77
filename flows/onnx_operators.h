// SPDX-License-Identifier: Apache-2.0
// One ONNX node into one operator of the network; the inner part of flows/onnx_read.h.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "flows/network.h"

namespace onnx {
class NodeProto;
class TensorProto;
}  // namespace onnx

namespace mho::flows {

// The file's constant tensors by name; they live as long as the parsed model.
using Initializers = std::map<std::string, const onnx::TensorProto*, std::less<>>;

// How many leading inputs of a node are activations (the rest are its weights); 0 for an unknown
// operator.
int activation_inputs(std::string_view operator_type);

// The operator of `node` for activations of these shapes. Throws bad_input (without naming the
// file) for what is not supported, missing or of the wrong shape.
Operator convert_operator(const onnx::NodeProto& node, const Initializers& initializers,
                          const std::vector<Shape>& activations);

}  // namespace mho::flows
