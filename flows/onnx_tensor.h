// SPDX-License-Identifier: Apache-2.0
// Constant tensors of an ONNX file as numbers.
#pragma once

#include <cstdint>
#include <string>
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

// Values of an int64 or int32 tensor, in the same way.
std::vector<std::int64_t> integer_values(const onnx::TensorProto& tensor);

// Stands for the free batch in computed shapes.
inline constexpr std::int64_t kBatchExtent = -(std::int64_t{1} << 52);

// A tensor of any number type, for small calculations: exact for integers up to 2^51, and larger
// ones (that end slices) become 2^51.
struct NumberArray {
    std::vector<std::int64_t> shape;  // empty for a scalar
    bool integer = false;
    std::vector<double> values;  // row-major
};
NumberArray number_array(const onnx::TensorProto& tensor);

// Back into a tensor: int64 or float.
onnx::TensorProto to_tensor(const NumberArray& array, const std::string& name);

}  // namespace mho::flows
