// SPDX-License-Identifier: Apache-2.0
// Matrix products, and what works on each value or channel.
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "flows/onnx_converters.h"
#include "flows/onnx_tensor.h"

namespace mho::flows {
namespace {

// The weights at input 1, as outputs x inputs; `transposed` when they lie so in the file.
Gemm weight_matrix(const OnnxSource& source, bool transposed, float alpha) {
    const onnx::TensorProto& tensor = source.required_constant(1);
    const auto shape = tensor_shape(tensor);
    if (shape.size() != 2) {
        throw bad_input("weights '{}' have {} dimensions, 2 expected", tensor.name(), shape.size());
    }
    Gemm gemm;
    gemm.inputs = to_int(shape[transposed ? 1 : 0]);
    gemm.outputs = to_int(shape[transposed ? 0 : 1]);
    const std::vector<float> values = float_values(tensor);
    gemm.weights.resize(values.size());
    const auto rows = static_cast<std::size_t>(shape[0]);
    const auto columns = static_cast<std::size_t>(shape[1]);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            const std::size_t to = transposed ? i * columns + j : j * rows + i;
            gemm.weights[to] = alpha * values[i * columns + j];
        }
    }
    return gemm;
}

struct ConstantOperand {
    Shape shape;  // without the batch
    std::vector<float> values;
};

ConstantOperand constant_operand(const onnx::TensorProto& tensor, std::size_t rank) {
    ConstantOperand operand{{}, float_values(tensor)};
    const auto dimensions = tensor_shape(tensor);
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        const bool leading = dimensions.size() - i > rank;  // the batch and what lies before it
        if (leading && dimensions[i] != 1) {
            throw bad_input("constant '{}' has an extent of {} along the batch", tensor.name(),
                            dimensions[i]);
        }
        if (!leading) operand.shape.push_back(to_int(dimensions[i]));
    }
    if (operand.shape.empty()) operand.shape.push_back(1);
    return operand;
}

// Which of the two inputs is constant: 0, 1, or -1 when none is.
int constant_input(const OnnxSource& source) {
    if (source.node.input_size() != 2) {
        throw bad_input("has {} inputs, 2 expected", source.node.input_size());
    }
    if (source.is_constant(0)) return 0;
    return source.is_constant(1) ? 1 : -1;
}

// y = function(constant), which gives scale and shift of the other operand, for each value.
template <typename Function>
Operator with_constant(const OnnxSource& source, int index, Function function) {
    const ConstantOperand operand =
        constant_operand(source.required_constant(index), source.activations[0].size());
    ScaleShift made{operand.shape, {}, {}};
    for (const float c : operand.values) {
        const std::pair<float, float> line = function(c);
        made.scale.push_back(line.first);
        made.shift.push_back(line.second);
        if (!std::isfinite(line.first)) throw bad_input("divides by a constant of {}", c);
    }
    return made;
}

// Values of a per-channel parameter of a batch normalisation.
std::vector<float> channel_values(const OnnxSource& source, int index, int channels) {
    const onnx::TensorProto& tensor = source.required_constant(index);
    std::vector<float> values = float_values(tensor);
    if (values.size() != static_cast<std::size_t>(channels)) {
        throw bad_input("constant '{}' has {} values, {} expected (one per channel)", tensor.name(),
                        values.size(), channels);
    }
    return values;
}

Operator unary(UnaryKind kind, float a = 0, float b = 0) {
    return Unary{kind, a, b};
}

}  // namespace

std::vector<float> read_bias(const OnnxSource& source, int outputs) {
    const onnx::TensorProto* tensor = source.constant(2);
    if (!tensor) return std::vector<float>(static_cast<std::size_t>(outputs), 0.0f);
    std::vector<float> bias = float_values(*tensor);
    if (bias.size() == 1) return std::vector<float>(static_cast<std::size_t>(outputs), bias[0]);
    if (bias.size() != static_cast<std::size_t>(outputs) ||
        tensor_shape(*tensor).back() != static_cast<std::int64_t>(bias.size())) {
        throw bad_input("bias '{}' has {} values, {} expected", tensor->name(), bias.size(),
                        outputs);
    }
    return bias;
}

Operator convert_gemm(OnnxSource& source) {
    source.attributes.require("transA", 0);
    const bool transposed = source.attributes.integer("transB", 0) != 0;
    const float alpha = source.attributes.real("alpha", 1.0f);
    const float beta = source.attributes.real("beta", 1.0f);
    const Shape& in = source.activations[0];
    Gemm gemm = weight_matrix(source, transposed, alpha);
    if (in.size() != 1) {
        throw bad_input("input has shape {}, the weights expect {}", describe(in), gemm.inputs);
    }
    gemm.bias = read_bias(source, gemm.outputs);
    for (float& value : gemm.bias) value *= beta;
    return gemm;
}

Operator convert_mat_mul(OnnxSource& source) {
    if (source.is_constant(0)) {
        throw bad_input("input '{}' is a constant; only the second one may be",
                        source.node.input(0));
    }
    Gemm gemm = weight_matrix(source, false, 1.0f);
    gemm.bias.assign(static_cast<std::size_t>(gemm.outputs), 0.0f);
    return gemm;
}

Operator convert_batch_normalization(OnnxSource& source) {
    const double epsilon = static_cast<double>(source.attributes.real("epsilon", 1e-5f));
    source.attributes.real("momentum", 0.9f);
    source.attributes.require("training_mode", 0);
    const Shape& in = source.activations[0];
    const int channels = in[0];
    const auto gamma = channel_values(source, 1, channels);
    const auto beta = channel_values(source, 2, channels);
    const auto mean = channel_values(source, 3, channels);
    const auto variance = channel_values(source, 4, channels);
    ScaleShift made{Shape(in.size(), 1), {}, {}};
    made.shape[0] = channels;
    for (std::size_t c = 0; c < gamma.size(); ++c) {
        const double spread = static_cast<double>(variance[c]) + epsilon;
        const double scale = static_cast<double>(gamma[c]) / std::sqrt(spread);
        if (!(spread > 0) || !std::isfinite(scale)) {
            throw bad_input("variance of channel {} is {}, a positive one expected", c,
                            variance[c]);
        }
        made.scale.push_back(static_cast<float>(scale));
        made.shift.push_back(static_cast<float>(static_cast<double>(beta[c]) -
                                                static_cast<double>(mean[c]) * scale));
    }
    return made;
}

Operator convert_add(OnnxSource& source) {
    const int index = constant_input(source);
    if (index < 0) return Add{};
    return with_constant(source, index, [](float c) { return std::pair(1.0f, c); });
}

Operator convert_mul(OnnxSource& source) {
    const int index = constant_input(source);
    if (index < 0) return Mul{};
    return with_constant(source, index, [](float c) { return std::pair(c, 0.0f); });
}

Operator convert_sub(OnnxSource& source) {
    const int index = constant_input(source);
    if (index < 0) throw bad_input("of two activations is not supported");
    const bool minuend = index == 0;
    return with_constant(source, index, [minuend](float c) {
        return minuend ? std::pair(-1.0f, c) : std::pair(1.0f, -c);
    });
}

Operator convert_div(OnnxSource& source) {
    if (constant_input(source) != 1) throw bad_input("by an activation is not supported");
    return with_constant(source, 1, [](float c) { return std::pair(1 / c, 0.0f); });
}

Operator convert_clip(OnnxSource& source) {
    const float low = source.number(1, "min", std::numeric_limits<float>::lowest());
    const float high = source.number(2, "max", std::numeric_limits<float>::max());
    if (!(low <= high)) throw bad_input("clips to {} to {}", low, high);
    return unary(UnaryKind::clip, low, high);
}

Operator convert_leaky_relu(OnnxSource& source) {
    return unary(UnaryKind::leaky_relu, source.attributes.real("alpha", 0.01f));
}

Operator convert_hard_sigmoid(OnnxSource& source) {
    const float alpha = source.attributes.real("alpha", 0.2f);
    return unary(UnaryKind::hard_sigmoid, alpha, source.attributes.real("beta", 0.5f));
}

Operator convert_softmax(OnnxSource& source) {
    // Opset 13 moved the default from 1 to -1: the same on a flat tensor.
    const std::int64_t axis = source.attributes.integer("axis", 1);
    if (source.activations[0].size() == 1 && axis != 1 && axis != -1) {
        throw bad_input("attribute axis = {} is not supported (1 is)", axis);
    }
    return Softmax{};
}

Operator convert_dropout(OnnxSource& source) {
    source.attributes.real("ratio", 0.5f);
    source.attributes.integer("seed", 0);
    return Identity{};
}

}  // namespace mho::flows
