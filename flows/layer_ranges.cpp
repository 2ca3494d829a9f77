// SPDX-License-Identifier: Apache-2.0
#include "flows/layer_ranges.h"

#include <cmath>
#include <cstdint>
#include <variant>

#include "base/error.h"
#include "base/file.h"
#include "flows/npy.h"
#include "netlist/toml_entries.h"

namespace mho::flows {
namespace {

using behavioral::AdcLimits;

std::vector<double> numbers(const netlist::TomlEntries& entries, const std::string& key,
                            const std::string& path) {
    const netlist::TomlEntry* entry = entries.find("", key);
    const auto* list = entry == nullptr ? nullptr : std::get_if<std::vector<double>>(&entry->data);
    if (list == nullptr) {
        throw bad_input("{}: expected '{} = [...]', a number for each layer", path, key);
    }
    return *list;
}

LayerRanges from_toml(const std::string& path) {
    const netlist::TomlEntries entries = netlist::read_toml(read_file(path), path);
    const std::vector<double> low = numbers(entries, "low", path);
    const std::vector<double> high = numbers(entries, "high", path);
    if (low.size() != high.size()) {
        throw bad_input("{}: {} numbers in low, {} in high", path, low.size(), high.size());
    }
    LayerRanges ranges;
    for (std::size_t k = 0; k < low.size(); ++k) ranges.layers.push_back({{low[k], high[k]}});
    return ranges;
}

LayerRanges from_npy(const std::filesystem::path& path) {
    const NpyArray array = read_npy(path);
    const std::vector<std::size_t>& shape = array.shape;
    if ((shape.size() != 2 && shape.size() != 3) || shape.back() != 2 || array.values.empty()) {
        throw bad_input("{}: expected an array of layers x 2 or layers x slices x 2",
                        path.string());
    }
    const std::size_t slices = shape.size() == 3 ? shape[1] : 1;
    LayerRanges ranges;
    for (std::size_t k = 0; k < shape[0]; ++k) {
        ranges.layers.emplace_back();
        for (std::size_t s = 0; s < slices; ++s) {
            const double* pair = array.values.data() + 2 * (k * slices + s);
            ranges.layers.back().push_back({pair[0], pair[1]});
        }
    }
    return ranges;
}

}  // namespace

LayerRanges read_layer_ranges(const std::filesystem::path& path) {
    const LayerRanges ranges =
        path.extension() == ".npy" ? from_npy(path) : from_toml(path.string());
    for (std::size_t k = 0; k < ranges.layers.size(); ++k) {
        for (const AdcLimits& one : ranges.layers[k]) {
            if (std::isfinite(one.low) && std::isfinite(one.high) && one.high > one.low) continue;
            throw bad_input("{}: range {} is {} to {}, expected it to rise", path.string(), k + 1,
                            one.low, one.high);
        }
    }
    return ranges;
}

void require_layers(const LayerRanges& ranges, std::size_t layers, const std::string& file) {
    if (ranges.layers.size() == layers) return;
    throw bad_input("{}: ranges of {} layers, but the network has {} products", file,
                    ranges.layers.size(), layers);
}

}  // namespace mho::flows
