// SPDX-License-Identifier: Apache-2.0
// Ranges for each product of a network, from a file: of its inputs or of its converters.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "behavioral/converter.h"

namespace mho::flows {

// In the order of the network's Conv and Gemm nodes, digital ones included.
struct LayerRanges {
    std::vector<std::vector<behavioral::AdcLimits>> layers;  // one, or one for each weight slice
};

// An NPY array of layers x 2 or layers x slices x 2 (low and high), as CrossSim keeps them, or a
// TOML file with two arrays of numbers, `low` and `high`, one number a layer. Throws bad_input that
// names the file for anything else, and for ranges that are not finite or do not rise.
LayerRanges read_layer_ranges(const std::filesystem::path& path);

// Throws bad_input naming `file` when there are not ranges for `layers` layers.
void require_layers(const LayerRanges& ranges, std::size_t layers, const std::string& file);

}  // namespace mho::flows
