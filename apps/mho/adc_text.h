// SPDX-License-Identifier: Apache-2.0
// An AdcStudy as a table for people and as JSON (docs/adc.md).
#pragma once

#include <string>

#include "calibrate/adc_study.h"
#include "netlist/spec.h"

namespace mho::apps {

std::string adc_table(const calibrate::AdcStudy& study, const netlist::AdcSpec& spec);
std::string adc_json(const calibrate::AdcStudy& study, const netlist::Spec& spec);

}  // namespace mho::apps
