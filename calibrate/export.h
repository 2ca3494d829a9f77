// SPDX-License-Identifier: Apache-2.0
// A calibrated column as a model for circuit simulators: row levels in, read-out voltage and code
// out. The static transfer of the card, without noise, settling and energy; what the text says in
// its head.
#pragma once

#include <string>
#include <string_view>

#include "behavioral/card.h"
#include "calibrate/column_coefficients.h"

namespace mho::calibrate {

// Subcircuits <name> (ports row_0 .. row_<n-1> out) and <name>_adc (ports in code), behavioural
// sources for ngspice and its relatives; the code is a voltage of 1 V per step.
std::string export_spice(const behavioral::ModelCard& card, const ColumnCoefficients& column,
                         std::string_view name);

// Modules of the same names; electrical ports.
std::string export_verilog_a(const behavioral::ModelCard& card, const ColumnCoefficients& column,
                             std::string_view name);

// Modules of the same names with real ports and an integer code, IEEE 1800-2012.
std::string export_system_verilog(const behavioral::ModelCard& card,
                                  const ColumnCoefficients& column, std::string_view name);

enum class ExportFormat { spice, verilog_a, system_verilog };

// The converter <name>_adc alone, of any card that has one.
std::string export_adc(const behavioral::ModelCard& card, ExportFormat format,
                       std::string_view name);

// Throws bad_input unless `name` is a lower-case identifier, which every language takes.
void require_module_name(std::string_view name);

}  // namespace mho::calibrate
