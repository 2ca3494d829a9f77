// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "calibrate/integrating_macro.h"

namespace mho::apps {

// Codes beside their ideal ones, and the energy by block.
std::string integrating_macro_text(const calibrate::IntegratedMultiply& multiply);

std::string integrating_macro_json(const calibrate::IntegratedMacro& macro,
                                   const netlist::Spec& spec);

}  // namespace mho::apps
