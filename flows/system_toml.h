// SPDX-License-Identifier: Apache-2.0
// Systems as TOML files (docs/formats/system.md), and single values changed from a command line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "flows/system_spec.h"

namespace mho::flows {

// `where` is the file, for messages; a device that is a file stands in `folder`, or with a change
// in the current one. Each of `changes` is "key=value", for example "array.rows=256" or
// "weights.sign=offset", and replaces or adds that value. Throws bad_input, one line with file,
// line and key or with the change, for any slip: unknown keys (with the nearest one), values of
// another kind or out of their range, values that exclude each other.
SystemSpec parse_system(std::string_view text, std::string_view where,
                        const std::vector<std::string>& changes = {},
                        const std::filesystem::path& folder = {});

// The system of a file, or of that name in the shipped folder data/systems. A name with a slash or
// ending in .toml is a file. Throws bad_input with the nearest shipped name.
SystemSpec read_system(const std::filesystem::path& name_or_file,
                       const std::vector<std::string>& changes = {});

// The whole description, defaults included, as parse_system reads it.
std::string system_to_toml(const SystemSpec& spec);

std::vector<std::string> shipped_systems();  // names, sorted

}  // namespace mho::flows
