// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_operators.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <span>

#include "base/error.h"
#include "base/nearest.h"
#include "flows/onnx_tensor.h"

namespace mho::flows {
namespace {

constexpr int kMaxWindow = 1 << 15;  // keeps products of window numbers inside int

// The attributes of one node; each may be asked once, and what nobody asked for is refused.
class Attributes {
  public:
    explicit Attributes(const onnx::NodeProto& node) {
        for (const auto& attribute : node.attribute()) unread_[attribute.name()] = &attribute;
    }

    std::int64_t integer(const std::string& name, std::int64_t otherwise) {
        const auto* found = take(name, onnx::AttributeProto::INT);
        return found ? found->i() : otherwise;
    }
    float real(const std::string& name, float otherwise) {
        const auto* found = take(name, onnx::AttributeProto::FLOAT);
        return found ? found->f() : otherwise;
    }
    std::string text(const std::string& name, const std::string& otherwise) {
        const auto* found = take(name, onnx::AttributeProto::STRING);
        return found ? found->s() : otherwise;
    }
    std::vector<std::int64_t> integers(const std::string& name) {
        const auto* found = take(name, onnx::AttributeProto::INTS);
        if (!found) return {};
        return {found->ints().begin(), found->ints().end()};
    }
    void require(const std::string& name, std::int64_t only) {
        const std::int64_t value = integer(name, only);
        if (value != only) {
            throw bad_input("attribute {} = {} is not supported ({} is)", name, value, only);
        }
    }
    void finish() const {
        if (!unread_.empty()) {
            throw bad_input("attribute '{}' is not supported", unread_.begin()->first);
        }
    }

  private:
    const onnx::AttributeProto* take(const std::string& name, int type) {
        const auto at = unread_.find(name);
        if (at == unread_.end()) return nullptr;
        const onnx::AttributeProto* found = at->second;
        unread_.erase(at);
        if (found->type() != type) {
            throw bad_input("attribute '{}' has type {}, {} expected", name, found->type(), type);
        }
        return found;
    }

    std::map<std::string, const onnx::AttributeProto*> unread_;
};

// What a converter looks at.
struct Source {
    const onnx::NodeProto& node;
    const Initializers& initializers;
    const std::vector<Shape>& activations;
    Attributes attributes;

    // The constant at input `index`, or null when the node leaves that input out.
    const onnx::TensorProto* constant(int index) const {
        if (index >= node.input_size() || node.input(index).empty()) return nullptr;
        const auto at = initializers.find(node.input(index));
        if (at == initializers.end()) {
            throw bad_input("weights '{}' are not in the file (computed weights are not supported)",
                            node.input(index));
        }
        return at->second;
    }
    const onnx::TensorProto& required_constant(int index) const {
        const onnx::TensorProto* found = constant(index);
        if (!found) throw bad_input("input {} is missing", index + 1);
        return *found;
    }
};

int bounded(std::int64_t value, std::int64_t low, const char* name) {
    if (value < low || value > kMaxWindow) {
        throw bad_input("attribute {} holds {}, {} to {} expected", name, value, low, kMaxWindow);
    }
    return static_cast<int>(value);
}

int to_int(std::int64_t value) {
    if (value > std::numeric_limits<int>::max())
        throw bad_input("dimension {} is too large", value);
    return static_cast<int>(value);
}

std::array<int, 2> pair_of(const std::vector<std::int64_t>& values, std::int64_t low,
                           const char* name) {
    if (values.empty()) return {1, 1};
    if (values.size() != 2) {
        throw bad_input("attribute {} has {} values, 2 expected", name, values.size());
    }
    return {bounded(values[0], low, name), bounded(values[1], low, name)};
}

// SAME_UPPER and SAME_LOWER: output extent = ceil(input / stride), odd padding at end or begin.
void pad_to_same(Window& window, const Shape& in, bool upper) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int64_t extent = in[axis + 1];
        const std::int64_t steps = (extent + window.stride[axis] - 1) / window.stride[axis];
        const std::int64_t reach =
            std::int64_t{window.dilation[axis]} * (window.kernel[axis] - 1) + 1;
        const std::int64_t total =
            std::max<std::int64_t>(0, (steps - 1) * window.stride[axis] + reach - extent);
        const int small = bounded(total / 2, 0, "auto_pad");
        const int large = bounded(total - total / 2, 0, "auto_pad");
        window.pad_begin[axis] = upper ? small : large;
        window.pad_end[axis] = upper ? large : small;
    }
}

void read_padding(Source& source, Window& window) {
    const std::vector<std::int64_t> pads = source.attributes.integers("pads");
    const std::string mode = source.attributes.text("auto_pad", "NOTSET");
    if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
        const Shape& in = source.activations[0];
        if (in.size() != 3) {
            throw bad_input("input has shape {}, channels x height x width expected", describe(in));
        }
        pad_to_same(window, in, mode == "SAME_UPPER");
        return;
    }
    if (mode == "VALID") return;
    if (mode != "NOTSET") throw bad_input("attribute auto_pad = {} is not supported", mode);
    if (pads.empty()) return;
    if (pads.size() != 4) throw bad_input("attribute pads has {} values, 4 expected", pads.size());
    window.pad_begin = {bounded(pads[0], 0, "pads"), bounded(pads[1], 0, "pads")};
    window.pad_end = {bounded(pads[2], 0, "pads"), bounded(pads[3], 0, "pads")};
}

// Kernel from the attribute, or `from_weights` where the operator has them.
Window read_window(Source& source, std::array<int, 2> from_weights) {
    Window window;
    const auto kernel = source.attributes.integers("kernel_shape");
    window.kernel = kernel.empty() ? from_weights : pair_of(kernel, 1, "kernel_shape");
    if (window.kernel[0] == 0) throw bad_input("attribute kernel_shape is missing");
    if (from_weights[0] != 0 && window.kernel != from_weights) {
        throw bad_input("kernel_shape {}x{} differs from the weights' {}x{}", window.kernel[0],
                        window.kernel[1], from_weights[0], from_weights[1]);
    }
    window.stride = pair_of(source.attributes.integers("strides"), 1, "strides");
    window.dilation = pair_of(source.attributes.integers("dilations"), 1, "dilations");
    read_padding(source, window);
    return window;
}

std::vector<float> read_bias(const Source& source, int outputs) {
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

Operator convert_conv(Source& source) {
    const onnx::TensorProto& tensor = source.required_constant(1);
    const auto shape = tensor_shape(tensor);
    if (shape.size() != 4) {
        throw bad_input("weights '{}' have {} dimensions, 4 expected (2-D convolution)",
                        tensor.name(), shape.size());
    }
    Conv conv;
    conv.window = read_window(
        source, {bounded(shape[2], 1, "kernel_shape"), bounded(shape[3], 1, "kernel_shape")});
    const std::int64_t groups = source.attributes.integer("group", 1);
    conv.channels_out = to_int(shape[0]);
    if (groups < 1 || groups > shape[0] || shape[0] % groups != 0) {
        throw bad_input("group = {} does not divide {} output channels", groups, shape[0]);
    }
    conv.groups = static_cast<int>(groups);
    conv.channels_in = to_int(shape[1] * groups);
    conv.weights = float_values(tensor);
    conv.bias = read_bias(source, conv.channels_out);
    return conv;
}

Operator convert_gemm(Source& source) {
    source.attributes.require("transA", 0);
    const bool transposed = source.attributes.integer("transB", 0) != 0;
    const float alpha = source.attributes.real("alpha", 1.0f);
    const float beta = source.attributes.real("beta", 1.0f);
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
    gemm.bias = read_bias(source, gemm.outputs);
    for (float& value : gemm.bias) value *= beta;
    return gemm;
}

void require_no_dilation(const Window& window) {
    if (window.dilation != std::array{1, 1}) throw bad_input("dilated pooling is not supported");
}

Operator convert_average_pool(Source& source) {
    AveragePool pool;
    source.attributes.require("ceil_mode", 0);
    pool.count_padding = source.attributes.integer("count_include_pad", 0) != 0;
    pool.window = read_window(source, {0, 0});
    require_no_dilation(pool.window);
    return pool;
}

Operator convert_max_pool(Source& source) {
    source.attributes.require("ceil_mode", 0);
    source.attributes.require("storage_order", 0);
    const MaxPool pool{read_window(source, {0, 0})};
    require_no_dilation(pool.window);
    return pool;
}

// axis counted with the batch dimension as 0; negative ones from the end.
void require_axis_one(Source& source, std::int64_t otherwise) {
    const std::int64_t axis = source.attributes.integer("axis", otherwise);
    const auto rank = static_cast<std::int64_t>(source.activations[0].size()) + 1;
    if (axis != 1 && axis != 1 - rank) {
        throw bad_input("attribute axis = {} is not supported (1 is)", axis);
    }
}

Operator convert_flatten(Source& source) {
    require_axis_one(source, 1);
    return Flatten{};
}

Operator convert_softmax(Source& source) {
    // Opset 13 moved the default from 1 to -1: the same on a flat tensor.
    if (source.activations[0].size() == 1) require_axis_one(source, 1);
    return Softmax{};
}

// [batch, features] with batch 0 (keep), 1 or -1 and features -1 or exact.
Operator convert_reshape(Source& source) {
    source.attributes.require("allowzero", 0);
    const std::vector<std::int64_t> target = integer_values(source.required_constant(1));
    const auto features = static_cast<std::int64_t>(element_count(source.activations[0]));
    const bool flat = target.size() == 2 && target[0] >= -1 && target[0] <= 1 &&
                      (target[1] == features || (target[1] == -1 && target[0] != -1));
    if (!flat) {
        throw bad_input("only a reshape to [batch, {}] is supported here", features);
    }
    return Flatten{};
}

Operator convert_dropout(Source& source) {
    source.attributes.real("ratio", 0.5f);
    source.attributes.integer("seed", 0);
    return Identity{};
}

template <typename Op>
Operator convert_plain(Source&) {
    return Op{};
}

struct Converter {
    std::string_view type;
    int activations;
    Operator (*convert)(Source&);
};

constexpr std::array kConverters = {
    Converter{"Conv", 1, convert_conv},
    Converter{"Gemm", 1, convert_gemm},
    Converter{"Relu", 1, convert_plain<Relu>},
    Converter{"AveragePool", 1, convert_average_pool},
    Converter{"MaxPool", 1, convert_max_pool},
    Converter{"GlobalAveragePool", 1, convert_plain<GlobalAveragePool>},
    Converter{"Flatten", 1, convert_flatten},
    Converter{"Add", 2, convert_plain<Add>},
    Converter{"Reshape", 1, convert_reshape},
    Converter{"Identity", 1, convert_plain<Identity>},
    Converter{"Dropout", 1, convert_dropout},
    Converter{"Softmax", 1, convert_softmax},
};

const Converter* find_converter(std::string_view type) {
    const auto* const at = std::find_if(kConverters.begin(), kConverters.end(),
                                        [&](const Converter& c) { return c.type == type; });
    return at == kConverters.end() ? nullptr : at;
}

}  // namespace

int activation_inputs(std::string_view operator_type) {
    const Converter* converter = find_converter(operator_type);
    return converter ? converter->activations : 0;
}

Operator convert_operator(const onnx::NodeProto& node, const Initializers& initializers,
                          const std::vector<Shape>& activations) {
    const Converter* converter = find_converter(node.op_type());
    if (!converter) {
        std::vector<std::string> known;
        for (const Converter& each : kConverters) known.emplace_back(each.type);
        throw bad_input("operator is not supported{}", did_you_mean(node.op_type(), known));
    }
    Source source{node, initializers, activations, Attributes(node)};
    const Operator op = converter->convert(source);
    source.attributes.finish();
    return op;
}

}  // namespace mho::flows
