// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "flows/inference_report.h"

namespace mho::flows {

// Sentences on what limits trust in the report: card quantities out of tolerance, arrays or
// currents outside the ranges that the card was checked in, saturated converters, an early stop.
std::vector<std::string> inference_notes(const InferenceReport& report);

}  // namespace mho::flows
