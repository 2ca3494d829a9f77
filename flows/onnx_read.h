// SPDX-License-Identifier: Apache-2.0
// Networks from ONNX files, through the official protobuf definition.
#pragma once

#include <filesystem>

#include "flows/network.h"

namespace mho::flows {

// Reads and checks the whole graph; the operators are those of docs/accuracy.md, opset 9 to 17.
// What constants and shapes alone decide is computed, and scalings after a product are folded into
// it. One input whose first dimension is the batch, one output; weights inside the file. Throws
// bad_input, one line that names the file and, inside the graph, node and operator, for anything
// else: cut or foreign files, unknown operators and attributes, missing weights, shapes that do not
// fit, cycles, unknown tensors, weights that are not finite.
Network read_onnx(const std::filesystem::path& path);

}  // namespace mho::flows
