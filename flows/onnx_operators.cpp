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

struct OperatorConverter {
    std::string_view type;
    bool first_is_activation;  // input 0 may not be a constant
    Operator (*convert)(OnnxSource&);
};

constexpr std::array kConverters = {
    OperatorConverter{"Conv", true, convert_conv},
    OperatorConverter{"Gemm", true, convert_gemm},
    OperatorConverter{"MatMul", false, convert_mat_mul},
    OperatorConverter{"BatchNormalization", true, convert_batch_normalization},
    OperatorConverter{"Relu", true, convert_plain<Relu>},
    OperatorConverter{"Clip", true, convert_clip},
    OperatorConverter{"LeakyRelu", true, convert_leaky_relu},
    OperatorConverter{"Sigmoid", true, convert_unary<UnaryKind::sigmoid>},
    OperatorConverter{"Tanh", true, convert_unary<UnaryKind::tanh>},
    OperatorConverter{"HardSigmoid", true, convert_hard_sigmoid},
    OperatorConverter{"HardSwish", true, convert_unary<UnaryKind::hard_swish>},
    OperatorConverter{"Floor", true, convert_unary<UnaryKind::floor>},
    OperatorConverter{"Round", true, convert_unary<UnaryKind::round>},
    OperatorConverter{"AveragePool", true, convert_average_pool},
    OperatorConverter{"MaxPool", true, convert_max_pool},
    OperatorConverter{"GlobalAveragePool", true, convert_plain<GlobalAveragePool>},
    OperatorConverter{"ReduceMean", true, convert_reduce_mean},
    OperatorConverter{"Add", false, convert_add},
    OperatorConverter{"Sub", false, convert_sub},
    OperatorConverter{"Mul", false, convert_mul},
    OperatorConverter{"Div", false, convert_div},
    OperatorConverter{"Concat", false, convert_concat},
    OperatorConverter{"Pad", true, convert_pad},
    OperatorConverter{"Slice", true, convert_slice},
    OperatorConverter{"Flatten", true, convert_flatten},
    OperatorConverter{"Reshape", true, convert_reshape},
    OperatorConverter{"Squeeze", true, convert_squeeze},
    OperatorConverter{"Unsqueeze", true, convert_unsqueeze},
    OperatorConverter{"Transpose", true, convert_transpose},
    OperatorConverter{"Identity", true, convert_plain<Identity>},
    OperatorConverter{"Dropout", true, convert_dropout},
    OperatorConverter{"Softmax", true, convert_softmax},
};

const OperatorConverter* find_converter(std::string_view type) {
    const auto* const at = std::find_if(kConverters.begin(), kConverters.end(),
                                        [&](const OperatorConverter& c) { return c.type == type; });
    return at == kConverters.end() ? nullptr : at;
}

}  // namespace

bool can_convert(std::string_view operator_type) {
    return find_converter(operator_type) != nullptr;
}

std::vector<std::string> convertible_operators() {
    std::vector<std::string> known;
    for (const OperatorConverter& each : kConverters) known.emplace_back(each.type);
    return known;
}

Operator convert_operator(OnnxSource source) {
    const onnx::NodeProto& node = source.node;
    const OperatorConverter& converter = *find_converter(node.op_type());
    if (source.is_constant(0) && (converter.first_is_activation || source.activations.empty())) {
        throw bad_input("input '{}' is a constant, an activation expected", node.input(0));
    }
    if (source.activations.empty()) throw bad_input("has no input tensor");
    const Operator op = converter.convert(source);
    source.attributes.finish();
    return op;
}

}  // namespace mho::flows
