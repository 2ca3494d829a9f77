// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_tensor.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
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
    if (tensor.data_type() == onnx::TensorProto::INT32) {
        const auto narrow = values_of<std::int32_t>(tensor, tensor.int32_data());
        return {narrow.begin(), narrow.end()};
    }
    if (tensor.data_type() != onnx::TensorProto::INT64) {
        throw bad_input("constant '{}' has element type {}; int64 expected", tensor.name(),
                        tensor.data_type());
    }
    return values_of<std::int64_t>(tensor, tensor.int64_data());
}

NumberArray number_array(const onnx::TensorProto& tensor) {
    NumberArray array{tensor_shape(tensor), true, {}};
    const auto fill = [&](const auto& values) {
        array.values.assign(values.begin(), values.end());
    };
    switch (tensor.data_type()) {
        case onnx::TensorProto::FLOAT:
        case onnx::TensorProto::DOUBLE:
            array.integer = false;
            fill(float_values(tensor));
            break;
        case onnx::TensorProto::INT8:
            fill(values_of<std::int8_t>(tensor, tensor.int32_data()));
            break;
        case onnx::TensorProto::UINT8:
        case onnx::TensorProto::BOOL:
            fill(values_of<std::uint8_t>(tensor, tensor.int32_data()));
            break;
        default:
            for (const std::int64_t value : integer_values(tensor)) {
                // Ends of slices are often the largest integer: anything far out means the same.
                constexpr std::int64_t kLimit = -kBatchExtent / 2;
                array.values.push_back(static_cast<double>(
                    value == kBatchExtent ? value : std::clamp(value, -kLimit, kLimit)));
            }
    }
    return array;
}

onnx::TensorProto to_tensor(const NumberArray& array, const std::string& name) {
    onnx::TensorProto tensor;
    tensor.set_name(name);
    for (const std::int64_t extent : array.shape) tensor.add_dims(extent);
    tensor.set_data_type(array.integer ? onnx::TensorProto::INT64 : onnx::TensorProto::FLOAT);
    for (const double value : array.values) {
        if (array.integer) {
            tensor.add_int64_data(static_cast<std::int64_t>(value));
        } else {
            tensor.add_float_data(static_cast<float>(value));
        }
    }
    return tensor;
}

}  // namespace mho::flows
