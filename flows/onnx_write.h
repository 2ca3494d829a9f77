// SPDX-License-Identifier: Apache-2.0
// Writes networks that mho trained as ONNX files (flows/onnx_read.h reads such files).
#pragma once

#include <string>

#include "flows/train.h"

namespace mho::flows {

// One-channel images, height x width = inputs of the first layer.
struct OnnxImage {
    int height = 0;
    int width = 0;
};

// The bytes of an ONNX file (IR version 7, operator set 13): input `input`, N x 1 x height x width;
// Flatten, then Gemm (transB = 1) per layer with Relu between; output `logits`, N x classes.
// Parameters are rounded to float. Equal networks give equal bytes. Throws bad_input for an image
// that does not fit the first layer, layers that do not fit each other, and parameters that are not
// finite as float.
std::string mlp_to_onnx(const Mlp& mlp, const OnnxImage& image);

}  // namespace mho::flows
