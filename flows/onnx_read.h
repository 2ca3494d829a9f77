// SPDX-License-Identifier: Apache-2.0
// Networks from ONNX files, through the official protobuf definition.
#pragma once

#include <filesystem>

#include "flows/network.h"

namespace mho::flows {

// Reads and checks the whole graph. Operators: Conv, Gemm, Relu, AveragePool, MaxPool,
// GlobalAveragePool, Flatten, Add (of two activations), Reshape (to one dimension), Identity,
// Dropout, Softmax (over a flat tensor); opset 9 to 17; one input whose first dimension is the
// batch, one output; weights in float or double inside the file. Throws bad_input, one line that
// names the file and, inside the graph, node and operator, for anything else: cut or foreign
// files, unknown operators and attributes, missing weights, shapes that do not fit, cycles,
// unknown tensors, weights that are not finite.
Network read_onnx(const std::filesystem::path& path);

}  // namespace mho::flows
