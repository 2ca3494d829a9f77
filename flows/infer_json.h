// SPDX-License-Identifier: Apache-2.0
// Inference reports as JSON (docs/formats/inference.md).
#pragma once

#include <string>
#include <string_view>

#include "flows/infer_float.h"
#include "flows/inference_report.h"

namespace mho::flows {

// The value of the key "schema".
inline constexpr std::string_view kInferenceSchema = "mho.inference/1";

// Indented text with a final line break. Throws bad_input when a text in the report is not UTF-8.
std::string inference_to_json(const InferenceReport& report);

// The same without what only hardware has.
std::string float_inference_to_json(const FloatInference& result);

}  // namespace mho::flows
