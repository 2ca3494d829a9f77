// SPDX-License-Identifier: Apache-2.0
// Nodes that can be computed while a file is read: constants, the shape arithmetic that exporters
// leave behind, and the scaling of stored integer weights.
#pragma once

#include <optional>
#include <string_view>

#include "flows/onnx_source.h"

namespace mho::flows {

// Constant, ConstantOfShape, Shape, Gather, Unsqueeze, Squeeze, Concat, Slice, Cast, Identity,
// Reshape, Transpose, Add, Sub, Mul, Div, ReduceProd, DequantizeLinear.
bool can_fold(std::string_view operator_type);

// The node's output where all its inputs are constants or it is Shape; nothing where it is not or
// the operator is none of these. Throws bad_input (without naming file or node) for what cannot be
// computed.
std::optional<onnx::TensorProto> fold_constant(OnnxSource source);

}  // namespace mho::flows
