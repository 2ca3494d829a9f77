// SPDX-License-Identifier: Apache-2.0
// What the exports share. Internal to calibrate.
#pragma once

#include <string>
#include <string_view>

#include "behavioral/card.h"

namespace mho::calibrate {

// Shortest decimal that reads back bit for bit.
std::string exact(double value);

// Lines that say what the model is, where it is from and how far it is off, each after `comment`.
std::string export_head(const behavioral::ModelCard& card, std::string_view comment);

// The converter's subcircuit or module <name>_adc.
std::string adc_spice(const behavioral::AdcModel& adc, std::string_view name);
std::string adc_verilog_a(const behavioral::AdcModel& adc, std::string_view name);
std::string adc_system_verilog(const behavioral::AdcModel& adc, std::string_view name);

}  // namespace mho::calibrate
