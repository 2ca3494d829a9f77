// SPDX-License-Identifier: Apache-2.0
#include "flows/mapping.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/cell_law.h"

namespace mho::flows {
namespace {

constexpr std::int64_t kMaxTiles = std::int64_t{1} << 20;

double read_volt(const behavioral::ModelCard& card) {
    return 0.5 * card.driver.amplitude_volt;
}

int blocks(int whole, int part) {
    return (whole - 1) / part + 1;
}

double largest_magnitude(const std::vector<float>& weights) {
    float largest = 0;
    for (const float w : weights) largest = std::max(largest, std::abs(w));
    return static_cast<double>(largest);
}

std::vector<TilePlacement> place_tiles(const MappedLayer& layer, const Mapping& mapping) {
    std::vector<TilePlacement> tiles;
    for (int group = 0; group < layer.shape.groups; ++group) {
        for (int r = 0; r < layer.row_blocks; ++r) {
            for (int c = 0; c < layer.column_blocks; ++c) {
                const int input = r * mapping.tile_inputs;
                const int output = c * mapping.tile_outputs;
                tiles.push_back({group, r, c, input,
                                 std::min(mapping.tile_inputs, layer.shape.inputs - input), output,
                                 std::min(mapping.tile_outputs, layer.shape.outputs - output)});
            }
        }
    }
    return tiles;
}

}  // namespace

Mapping map_network(const Network& network, const behavioral::ModelCard& card) {
    const behavioral::ArrayModel& array = card.array;
    if (array.rows < 2 || array.rows % 2 != 0 || array.columns < 1) {
        throw bad_input(
            "card: array of {} rows x {} columns; an even number of rows expected "
            "(pairs of +v and -v)",
            array.rows, array.columns);
    }
    Mapping mapping;
    mapping.tile_inputs = array.rows / 2;
    mapping.tile_outputs = array.columns;
    const auto read = [&](double g) {
        return behavioral::linear_conductance(card.cell, read_volt(card), g);
    };
    mapping.g_low_siemens = read(card.cell.g_min_siemens);
    mapping.g_high_siemens = read(card.cell.g_max_siemens);
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        if (!has_product(network.nodes[n])) continue;
        MappedLayer layer;
        layer.node = n;
        layer.shape = product_shape(network, network.nodes[n]);
        layer.row_blocks = blocks(layer.shape.inputs, mapping.tile_inputs);
        layer.column_blocks = blocks(layer.shape.outputs, mapping.tile_outputs);
        layer.weight_max = largest_magnitude(weights_of(network.nodes[n]));
        layer.first_tile = mapping.tile_count;
        const std::int64_t tiles =
            std::int64_t{layer.shape.groups} * layer.row_blocks * layer.column_blocks;
        if (tiles + mapping.tile_count > kMaxTiles) {
            throw bad_input("network needs more than {} tiles of {} x {} cells", kMaxTiles,
                            array.rows, array.columns);
        }
        layer.tiles = place_tiles(layer, mapping);
        mapping.tile_count += static_cast<std::uint32_t>(tiles);
        const double weights =
            static_cast<double>(layer.shape.inputs) * layer.shape.outputs * layer.shape.groups;
        layer.utilisation =
            weights / (static_cast<double>(tiles) * mapping.tile_inputs * mapping.tile_outputs);
        mapping.layers.push_back(std::move(layer));
    }
    if (mapping.layers.empty()) throw bad_input("network has no Conv or Gemm node to map");
    return mapping;
}

Eigen::MatrixXd target_states(const Network& network, const MappedLayer& layer,
                              const TilePlacement& tile, const behavioral::ModelCard& card) {
    const behavioral::CellLaw& cell = card.cell;
    const double volt = read_volt(card);
    const double low = behavioral::linear_conductance(cell, volt, cell.g_min_siemens);
    const double high = behavioral::linear_conductance(cell, volt, cell.g_max_siemens);
    const std::vector<float>& weights = weights_of(network.nodes[layer.node]);
    Eigen::MatrixXd states =
        Eigen::MatrixXd::Constant(card.array.rows, card.array.columns, cell.g_min_siemens);
    for (int m = 0; m < tile.outputs; ++m) {
        const int output = tile.group * layer.shape.outputs + tile.first_output + m;
        const std::size_t row =
            static_cast<std::size_t>(output) * static_cast<std::size_t>(layer.shape.inputs);
        for (int k = 0; k < tile.inputs; ++k) {
            const auto w =
                static_cast<double>(weights[row + static_cast<std::size_t>(tile.first_input + k)]);
            if (w == 0) continue;
            const double target = low + std::abs(w) / layer.weight_max * (high - low);
            states(2 * k + (w < 0 ? 1 : 0), m) =
                behavioral::state_for_conductance(cell, volt, target);
        }
    }
    return states;
}

}  // namespace mho::flows
