// SPDX-License-Identifier: Apache-2.0
// What a sizing study changes: one value of a described system (flows/system_spec.h) over a range.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flows/system_spec.h"

namespace mho::flows {

struct SizeAxis {
    std::string name;    // "rows"
    std::string key;     // of the system file: "array.rows"; empty: wire
    std::string label;   // of a plot's axis, with unit
    bool chosen = true;  // by the designer, as rows and bits are; or a condition to live with
    bool more = true;    // whether the higher value is what one would like to have
    bool logarithmic = false;
    std::vector<double> values;  // rising
};

// "NAME=LOW:HIGH", "NAME=LOW:HIGH:POINTS" or "NAME=VALUE,VALUE...". Names:
//
//   rows, columns      of an array: powers of two and both ends
//   bits               of the converters; weight_bits, input_bits: each whole number
//   wire               resistance of a segment times the highest conductance of a cell, in both
//                      directions (topology a) or along the bitlines (b and c): two a decade
//   on_off             highest over lowest state: three a decade
//   error, read_noise  factors of the device's: octaves
//   readout_noise      in steps of the converter; dose in krad(Si): six, equally far apart
//   time               seconds since programming: one a decade
//
// or any number of the system file by its key, then six values equally far apart. Ranges that start
// at 0 or below are divided evenly. Throws bad_input naming the axis.
SizeAxis parse_axis(std::string_view text);

// The system at one value of an axis, as changes for read_system. Throws bad_input where `wire`
// finds no conductance.
std::vector<std::string> axis_changes(const SizeAxis& axis, double value, const SystemSpec& base);

}  // namespace mho::flows
