// SPDX-License-Identifier: Apache-2.0
// A network on programmed tiles: every matrix product of a Conv or Gemm node is done by them, the
// rest (bias, activation functions, pooling) by the digital float engine.
//
// One product: activations x are rounded to drive codes, code = round(x / x_max * code_max) clipped
// to +-code_max; each tile of a row block gives converter codes; these are summed over row blocks,
// turned into a current I by the tile's decoder line, and scaled,
//   y = (I - I_offset) w_max x_max / ((g_high - g_low) amplitude).
// I_offset is each column's current at zero input (Tile::offset_ampere), which a controller reads
// once after programming; it is taken as known exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "behavioral/card.h"
#include "behavioral/tile.h"
#include "flows/executor.h"
#include "flows/mapping.h"
#include "flows/network.h"

namespace mho::flows {

// One programmed copy of the hardware.
struct InstanceOptions {
    std::uint64_t seed = 1;
    std::uint32_t trial = 0;        // names the draw of programming errors and read-out noise
    bool programming_error = true;  // as the card's ProgrammingModel says
    bool readout_noise = true;      // as the card's ReadoutModel says
    bool mismatch = true;           // of read-outs, as the card's MismatchModel says
    bool energy = true;             // tiles can tell their energy; costs time to compile
    std::size_t threads = 0;
};

struct AnalogLayer {
    MappedLayer mapped;
    double activation_max = 0;    // x at full drive
    double value_per_ampere = 0;  // of the sum over row blocks
    std::vector<float> offset;    // added to y: decoder line and columns at zero input; per output
                                  // of all groups
    std::vector<behavioral::Tile> tiles;  // as mapped.tiles, with their used inputs and columns
};

// Immutable; may be used by any number of threads at once.
struct AnalogNetwork {
    std::vector<AnalogLayer> layers;         // as mapping.layers
    std::vector<std::size_t> layer_of_node;  // index into layers, for nodes with a product
    std::uint32_t first_noise_tile = 0;      // tile id in the noise streams
    std::uint64_t seed = 0;
    bool readout_noise = true;
};

// Programs and compiles all tiles of `mapping`. `activation_max` has one value per node
// (flows/activation_range.h). Throws bad_input for a card that tiles refuse.
AnalogNetwork compile_network(const Network& network, const Mapping& mapping,
                              const std::vector<double>& activation_max,
                              const behavioral::ModelCard& card, const InstanceOptions& options);

// The resistor conductances that layer.tiles[tile] of an instance is programmed to.
Eigen::MatrixXd programmed_states(const Network& network, const MappedLayer& layer,
                                  std::size_t tile, const behavioral::ModelCard& card,
                                  const InstanceOptions& options);

// What happened in one layer; additive over batches.
struct LayerTally {
    std::int64_t conversions = 0;  // of columns that carry weights
    std::int64_t saturated = 0;    // of these, at the converter's first or last code
    behavioral::TileEnergy energy;
    LayerTally& operator+=(const LayerTally& other);
};

// Stands in for the tile: fills codes (vectors x used columns) for drive codes (vectors x used
// inputs) of layers[layer].tiles[tile].
using TileMultiply = std::function<void(std::size_t layer, std::size_t tile,
                                        const Eigen::Ref<const behavioral::RowMatrixXf>& drive,
                                        Eigen::Ref<behavioral::RowMatrixXf> codes)>;

struct ProductOptions {
    std::size_t first_image = 0;  // of the batch, names its noise
    bool energy = false;          // count it (the network is compiled with energy)
    TileMultiply multiply = {};   // instead of Tile::run, without noise and energy
};

// Writes product.outputs; adds to `tally` (of the product's layer). A result depends on the image
// alone, not on the batch it is in.
void analog_product(const AnalogNetwork& network, const Product& product,
                    const ProductOptions& options, LayerTally& tally);

// Largest magnitude, over vectors and used columns, of a column current in `product`, ampere.
double largest_column_current(const AnalogNetwork& network, const Product& product);

}  // namespace mho::flows
