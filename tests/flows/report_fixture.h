// SPDX-License-Identifier: Apache-2.0
// A made-up inference result with every part, so that reports can be tested without hardware.
#pragma once

#include <string>

#include "behavioral/card.h"
#include "flows/inference_report.h"

namespace mho::test {

// A 6-bit card with a slightly bent ADC, programming error and held-out points.
behavioral::ModelCard report_card();

// Two layers, "fc1" the better and "fc2" the worse one, on report_card().
flows::InferenceReport report_result();

// report_result() as `mho infer` writes it.
std::string report_json();

}  // namespace mho::test
