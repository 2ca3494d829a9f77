// SPDX-License-Identifier: Apache-2.0
// Constant tensors of an ONNX file as numbers.
#pragma once

#include <cstdint>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace mho::flows {

// Dimensions, checked to be positive and of sensible size. Throws bad_input naming the tensor.
std::vector<std::int64_t> tensor_shape(const onnx::TensorProto& tensor);

// Values of a float or double tensor, all finite. Throws bad_input naming the tensor when its type,
// place (external file) or amount of data is another.
std::vector<float> float_values(const onnx::TensorProto& tensor);

// Values of an int64 tensor, in the same way.
std::vector<std::int64_t> integer_values(const onnx::TensorProto& tensor);

}  // namespace mho::flows
