// SPDX-License-Identifier: Apache-2.0
// One ONNX node into one operator of the network; the inner part of flows/onnx_read.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flows/network.h"
#include "flows/onnx_source.h"

namespace mho::flows {

// Whether the ONNX operator can stand in a network.
bool can_convert(std::string_view operator_type);
std::vector<std::string> convertible_operators();

// The operator of the node, which can_convert. Throws bad_input (without naming the file) for what
// is not supported, missing or of the wrong shape.
Operator convert_operator(OnnxSource source);

}  // namespace mho::flows
