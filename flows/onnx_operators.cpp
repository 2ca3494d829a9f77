// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_operators.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/nearest.h"
#include "flows/onnx_converters.h"

namespace mho::flows {
namespace {

template <typename Op>
Operator convert_plain(OnnxSource&) {
    return Op{};
}

template <UnaryKind kind>
Operator convert_unary(OnnxSource&) {
    return Unary{kind, 0, 0};
}

struct Converter {
    std::string_view type;
    bool first_is_activation;  // input 0 may not be a constant
    Operator (*convert)(OnnxSource&);
};

constexpr std::array kConverters = {
    Converter{"Conv", true, convert_conv},
    Converter{"Gemm", true, convert_gemm},
    Converter{"MatMul", false, convert_mat_mul},
    Converter{"BatchNormalization", true, convert_batch_normalization},
    Converter{"Relu", true, convert_plain<Relu>},
    Converter{"Clip", true, convert_clip},
    Converter{"LeakyRelu", true, convert_leaky_relu},
    Converter{"Sigmoid", true, convert_unary<UnaryKind::sigmoid>},
    Converter{"Tanh", true, convert_unary<UnaryKind::tanh>},
    Converter{"HardSigmoid", true, convert_hard_sigmoid},
    Converter{"HardSwish", true, convert_unary<UnaryKind::hard_swish>},
    Converter{"Floor", true, convert_unary<UnaryKind::floor>},
    Converter{"Round", true, convert_unary<UnaryKind::round>},
    Converter{"AveragePool", true, convert_average_pool},
    Converter{"MaxPool", true, convert_max_pool},
    Converter{"GlobalAveragePool", true, convert_plain<GlobalAveragePool>},
    Converter{"ReduceMean", true, convert_reduce_mean},
    Converter{"Add", false, convert_add},
    Converter{"Sub", false, convert_sub},
    Converter{"Mul", false, convert_mul},
    Converter{"Div", false, convert_div},
    Converter{"Concat", false, convert_concat},
    Converter{"Pad", true, convert_pad},
    Converter{"Slice", true, convert_slice},
    Converter{"Flatten", true, convert_flatten},
    Converter{"Reshape", true, convert_reshape},
    Converter{"Squeeze", true, convert_squeeze},
    Converter{"Unsqueeze", true, convert_unsqueeze},
    Converter{"Transpose", true, convert_transpose},
    Converter{"Identity", true, convert_plain<Identity>},
    Converter{"Dropout", true, convert_dropout},
    Converter{"Softmax", true, convert_softmax},
};

const Converter* find_converter(std::string_view type) {
    const auto* const at = std::find_if(kConverters.begin(), kConverters.end(),
                                        [&](const Converter& c) { return c.type == type; });
    return at == kConverters.end() ? nullptr : at;
}

}  // namespace

bool can_convert(std::string_view operator_type) {
    return find_converter(operator_type) != nullptr;
}

std::vector<std::string> convertible_operators() {
    std::vector<std::string> known;
    for (const Converter& each : kConverters) known.emplace_back(each.type);
    return known;
}

Operator convert_operator(OnnxSource source) {
    const onnx::NodeProto& node = source.node;
    const Converter& converter = *find_converter(node.op_type());
    if (source.is_constant(0) && (converter.first_is_activation || source.activations.empty())) {
        throw bad_input("input '{}' is a constant, an activation expected", node.input(0));
    }
    if (source.activations.empty()) throw bad_input("has no input tensor");
    const Operator op = converter.convert(source);
    source.attributes.finish();
    return op;
}

}  // namespace mho::flows
