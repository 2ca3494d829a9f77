// SPDX-License-Identifier: Apache-2.0
// Devices as TOML files (docs/formats/device.md), with tables of measurements as CSV beside them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "behavioral/device_model.h"

namespace mho::flows {

// `where` is the file, for messages; `folder` is where its CSV files are. Throws bad_input, one
// line with file, line, section and key, for any slip: unknown keys, missing ones, malformed
// formulas, values out of their range.
behavioral::DeviceModel parse_device(std::string_view text, std::string_view where,
                                     const std::filesystem::path& folder = {});

// The device of a file, or of that name in the shipped folder data/devices. A name with a slash or
// ending in .toml is a file. Throws bad_input with the nearest shipped name.
behavioral::DeviceModel read_device(const std::filesystem::path& name_or_file);

// Names of the shipped devices, sorted.
std::vector<std::string> shipped_devices();

}  // namespace mho::flows
