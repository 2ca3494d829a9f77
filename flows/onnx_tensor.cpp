// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_tensor.h"

#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstring>
#include <string>

#include "base/error.h"

namespace mho::flows {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 31;

std::size_t expected_count(const onnx::TensorProto& tensor) {
    std::int64_t count = 1;
    for (const std::int64_t extent : tensor_shape(tensor)) count *= extent;
    return static_cast<std::size_t>(count);
}

void require_stored_here(const onnx::TensorProto& tensor) {
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
        throw bad_input("weights '{}' lie in an external file; store them in the ONNX file",
                        tensor.name());
    }
}

[[noreturn]] void wrong_amount(const onnx::TensorProto& tensor, std::size_t found,
                               std::size_t expected) {
    throw bad_input("weights '{}' hold {} bytes or values, {} expected by their shape",
                    tensor.name(), found, expected);
}

// Values come as raw little-endian bytes or as a repeated field of their type.
template <typename T, typename Field>
std::vector<T> values_of(const onnx::TensorProto& tensor, const Field& field) {
    require_stored_here(tensor);
    const std::size_t count = expected_count(tensor);
    if (tensor.has_raw_data()) {
        const std::string& raw = tensor.raw_data();
        if (raw.size() != count * sizeof(T)) wrong_amount(tensor, raw.size(), count * sizeof(T));
        std::vector<T> values(count);
        if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
        return values;
    }
    if (static_cast<std::size_t>(field.size()) != count) {
        wrong_amount(tensor, static_cast<std::size_t>(field.size()), count);
    }
    return std::vector<T>(field.begin(), field.end());
}

}  // namespace

std::vector<std::int64_t> tensor_shape(const onnx::TensorProto& tensor) {
    std::vector<std::int64_t> shape(tensor.dims().begin(), tensor.dims().end());
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) {
        if (extent <= 0 || extent > kMaxElements / count) {
            throw bad_input("weights '{}' have a dimension of {}", tensor.name(), extent);
        }
        count *= extent;
    }
    return shape;
}

std::vector<float> float_values(const onnx::TensorProto& tensor) {
    std::vector<float> values;
    if (tensor.data_type() == onnx::TensorProto::FLOAT) {
        values = values_of<float>(tensor, tensor.float_data());
    } else if (tensor.data_type() == onnx::TensorProto::DOUBLE) {
        const auto wide = values_of<double>(tensor, tensor.double_data());
        for (const double value : wide) values.push_back(static_cast<float>(value));
    } else {
        throw bad_input("weights '{}' have element type {}; float or double expected",
                        tensor.name(), tensor.data_type());
    }
    for (const float value : values) {
        if (!std::isfinite(value)) {
            throw bad_input("weights '{}' hold a value that is not finite", tensor.name());
        }
    }
    return values;
}

std::vector<std::int64_t> integer_values(const onnx::TensorProto& tensor) {
    if (tensor.data_type() != onnx::TensorProto::INT64) {
        throw bad_input("constant '{}' has element type {}; int64 expected", tensor.name(),
                        tensor.data_type());
    }
    return values_of<std::int64_t>(tensor, tensor.int64_data());
}

}  // namespace mho::flows
