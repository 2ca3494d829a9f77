// SPDX-License-Identifier: Apache-2.0
// The converters of single ONNX operators; inner part of flows/onnx_operators.h. Each throws
// bad_input (without naming file or node) for what is not supported, missing or of the wrong shape.
#pragma once

#include <cstdint>
#include <vector>

#include "flows/network.h"
#include "flows/onnx_source.h"

namespace mho::flows {

// Bias at input 2, one value per output; zeros when there is none.
std::vector<float> read_bias(const OnnxSource& source, int outputs);

Operator convert_conv(OnnxSource& source);
Operator convert_average_pool(OnnxSource& source);
Operator convert_max_pool(OnnxSource& source);
Operator convert_gemm(OnnxSource& source);
Operator convert_mat_mul(OnnxSource& source);
Operator convert_batch_normalization(OnnxSource& source);
Operator convert_add(OnnxSource& source);
Operator convert_mul(OnnxSource& source);
Operator convert_sub(OnnxSource& source);
Operator convert_div(OnnxSource& source);
Operator convert_clip(OnnxSource& source);
Operator convert_leaky_relu(OnnxSource& source);
Operator convert_hard_sigmoid(OnnxSource& source);
Operator convert_softmax(OnnxSource& source);
Operator convert_dropout(OnnxSource& source);
Operator convert_flatten(OnnxSource& source);
Operator convert_reshape(OnnxSource& source);
Operator convert_transpose(OnnxSource& source);
Operator convert_squeeze(OnnxSource& source);
Operator convert_unsqueeze(OnnxSource& source);
Operator convert_slice(OnnxSource& source);
Operator convert_pad(OnnxSource& source);
Operator convert_concat(OnnxSource& source);
Operator convert_reduce_mean(OnnxSource& source);

}  // namespace mho::flows
