// SPDX-License-Identifier: Apache-2.0
#include "flows/analog_engine.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "base/parallel.h"
#include "base/random.h"
#include "behavioral/programming.h"
#include "behavioral/simd.h"

namespace mho::flows {
namespace {

using behavioral::RowMatrixXf;
using behavioral::Tile;
using behavioral::TileEnergy;
using Eigen::Index;

// Vectors per step: codes of all row blocks of a typical layer stay in the second-level cache.
constexpr Index kStep = 1024;

// Nearest integer for |v| < 2^22, ties to even: adding 1.5 * 2^23 leaves no bits behind the point.
// Unlike std::nearbyint it compiles to vector instructions on every x86-64.
float round_small(float v) {
    constexpr float kShift = 12582912.0f;
    return (v + kShift) - kShift;
}

MHO_SIMD_CLONES void quantise(const float* x, Index count, float codes_per_value, float code_max,
                              float* codes) {
    for (Index i = 0; i < count; ++i) {
        const float scaled = x[i] * codes_per_value;
        codes[i] = round_small(std::min(std::max(scaled, -code_max), code_max));
    }
}

// Drive codes of `count` vectors.
void drive_codes(const AnalogLayer& layer, const Product& product, Index first, Index count,
                 RowMatrixXf& codes) {
    const Index inputs = product.shape.inputs;
    const auto code_max = static_cast<float>(layer.tiles.front().input_code_max());
    const float per_value =
        layer.activation_max > 0 ? static_cast<float>(code_max / layer.activation_max) : 0.0f;
    codes.resize(count, inputs);
    quantise(product.inputs.data() + first * inputs, count * inputs, per_value, code_max,
             codes.data());
}

// Adds the codes of a tile to `sums` (vectors x M) and counts the saturated ones.
void collect(const RowMatrixXf& codes, const TilePlacement& place, float code_max,
             RowMatrixXf& sums, LayerTally& tally) {
    std::int64_t saturated = 0;
    for (Index v = 0; v < codes.rows(); ++v) {
        const float* const from = codes.data() + v * codes.outerStride();
        float* const to = sums.data() + v * sums.outerStride() + place.first_output;
        for (int m = 0; m < place.outputs; ++m) {
            to[m] += from[m];
            saturated += from[m] <= 0.0f || from[m] >= code_max;
        }
    }
    tally.saturated += saturated;
    tally.conversions += codes.rows() * place.outputs;
}

// Placements of one group, in order.
struct GroupTiles {
    std::size_t first = 0;
    std::size_t count = 0;
};
GroupTiles tiles_of_group(const MappedLayer& layer, int group) {
    const auto count =
        static_cast<std::size_t>(layer.row_blocks) * static_cast<std::size_t>(layer.column_blocks);
    return {count * static_cast<std::size_t>(group), count};
}

// What a sum of codes alone leaves out of y, per output of all groups.
std::vector<float> output_offsets(const AnalogLayer& layer) {
    const MappedLayer& mapped = layer.mapped;
    const double at_zero = layer.tiles.front().decoder().ampere_at_code_zero * mapped.row_blocks;
    std::vector<double> ampere(static_cast<std::size_t>(mapped.shape.outputs) *
                                   static_cast<std::size_t>(mapped.shape.groups),
                               at_zero);
    for (std::size_t t = 0; t < mapped.tiles.size(); ++t) {
        const TilePlacement& place = mapped.tiles[t];
        const int first = place.group * mapped.shape.outputs + place.first_output;
        for (int m = 0; m < place.outputs; ++m) {
            ampere[static_cast<std::size_t>(first + m)] -= layer.tiles[t].offset_ampere()(m);
        }
    }
    std::vector<float> offsets;
    for (const double i : ampere) offsets.push_back(static_cast<float>(i * layer.value_per_ampere));
    return offsets;
}

const AnalogLayer& layer_at(const AnalogNetwork& network, const Product& product) {
    return network.layers[network.layer_of_node[product.node]];
}

struct TileAt {
    const AnalogNetwork& network;
    const AnalogLayer& layer;
    std::size_t tile;
};

void run_tile(const TileAt& at, std::size_t first_sample,
              const Eigen::Ref<const RowMatrixXf>& inputs, RowMatrixXf& codes,
              TileEnergy* energy_sum) {
    std::optional<behavioral::NoiseStream> noise;
    if (at.network.readout_noise) {
        noise = {at.network.seed,
                 at.network.first_noise_tile + at.layer.mapped.first_tile +
                     static_cast<std::uint32_t>(at.tile),
                 static_cast<std::uint32_t>(first_sample)};
    }
    TileEnergy energy;
    at.layer.tiles[at.tile].run(inputs, codes, noise, energy_sum == nullptr ? nullptr : &energy);
    if (energy_sum != nullptr) *energy_sum += energy;
}

}  // namespace

Eigen::MatrixXd programmed_states(const Network& network, const MappedLayer& layer,
                                  std::size_t tile, const behavioral::ModelCard& card,
                                  const InstanceOptions& options) {
    const Eigen::MatrixXd target = target_states(network, layer, layer.tiles[tile], card);
    if (!options.programming_error) return target;
    RandomStream random(options.seed, RandomPurpose::programming_error, options.trial,
                        layer.first_tile + static_cast<std::uint32_t>(tile));
    return behavioral::programmed(card.programming, card.cell, target, random);
}

AnalogNetwork compile_network(const Network& network, const Mapping& mapping,
                              const std::vector<double>& activation_max,
                              const behavioral::ModelCard& card, const InstanceOptions& options) {
    AnalogNetwork made;
    made.layer_of_node.resize(network.nodes.size());
    made.first_noise_tile = options.trial * mapping.tile_count;
    made.seed = options.seed;
    made.readout_noise = options.readout_noise;
    struct Job {
        std::size_t layer;
        std::size_t tile;
    };
    std::vector<Job> jobs;
    for (std::size_t k = 0; k < mapping.layers.size(); ++k) {
        for (std::size_t t = 0; t < mapping.layers[k].tiles.size(); ++t) jobs.push_back({k, t});
    }
    std::vector<std::optional<Tile>> tiles(jobs.size());
    parallel_for(jobs.size(), options.threads, [&](std::size_t j) {
        const Eigen::MatrixXd states =
            programmed_states(network, mapping.layers[jobs[j].layer], jobs[j].tile, card, options);
        behavioral::TileOptions tile_options;
        tile_options.row_response =
            options.energy ? behavioral::RowResponse::build : behavioral::RowResponse::skip;
        const TilePlacement& place = mapping.layers[jobs[j].layer].tiles[jobs[j].tile];
        tile_options.inputs_used = place.inputs;
        tile_options.columns_used = place.outputs;
        if (options.mismatch) {
            RandomStream random(options.seed, RandomPurpose::mismatch, options.trial,
                                mapping.layers[jobs[j].layer].first_tile +
                                    static_cast<std::uint32_t>(jobs[j].tile));
            tile_options.spread = behavioral::draw_spread(card, random);
        }
        tiles[j] = behavioral::compile_tile(card, states, tile_options);
    });
    const double full_scale_ampere =
        (mapping.g_high_siemens - mapping.g_low_siemens) * card.driver.amplitude_volt;
    for (std::size_t k = 0; k < mapping.layers.size(); ++k) {
        const MappedLayer& mapped = mapping.layers[k];
        made.layer_of_node[mapped.node] = k;
        const double range = activation_max[mapped.node];
        const double value_per_ampere = mapped.weight_max * range / full_scale_ampere;
        made.layers.push_back({mapped, range, value_per_ampere, {}, {}});
    }
    for (std::size_t j = 0; j < jobs.size(); ++j) {
        made.layers[jobs[j].layer].tiles.push_back(std::move(*tiles[j]));
    }
    for (AnalogLayer& layer : made.layers) layer.offset = output_offsets(layer);
    return made;
}

LayerTally& LayerTally::operator+=(const LayerTally& other) {
    conversions += other.conversions;
    saturated += other.saturated;
    energy += other.energy;
    return *this;
}

void analog_product(const AnalogNetwork& network, const Product& product,
                    const ProductOptions& options, LayerTally& tally) {
    const AnalogLayer& layer = layer_at(network, product);
    const GroupTiles group = tiles_of_group(layer.mapped, product.group);
    const Index outputs = product.shape.outputs;
    const behavioral::Decoder& decoder = layer.tiles.front().decoder();
    const auto code_max = static_cast<float>(layer.tiles.front().output_code_max());
    const auto value_per_code =
        static_cast<float>(decoder.ampere_per_code * layer.value_per_ampere);
    const Eigen::Map<const Eigen::RowVectorXf> offset(
        layer.offset.data() + product.group * product.shape.outputs, outputs);
    const std::size_t first_sample = (options.first_image + product.first_image) *
                                     static_cast<std::size_t>(product.shape.positions);
    RowMatrixXf drive, codes, sums;
    const auto vectors = static_cast<Index>(product.vectors);
    for (Index first = 0; first < vectors; first += kStep) {
        const Index count = std::min(kStep, vectors - first);
        drive_codes(layer, product, first, count, drive);
        sums.setZero(count, outputs);
        for (std::size_t t = group.first; t < group.first + group.count; ++t) {
            const Tile& tile = layer.tiles[t];
            const TilePlacement& place = layer.mapped.tiles[t];
            codes.resize(count, tile.columns());
            const auto inputs = drive.middleCols(place.first_input, place.inputs);
            if (options.multiply) {
                options.multiply(network.layer_of_node[product.node], t, inputs, codes);
            } else {
                run_tile({network, layer, t}, first_sample + static_cast<std::size_t>(first),
                         inputs, codes, options.energy ? &tally.energy : nullptr);
            }
            collect(codes, place, code_max, sums, tally);
        }
        Eigen::Map<RowMatrixXf>(product.outputs.data() + first * outputs, count, outputs) =
            (sums * value_per_code).rowwise() + offset;
    }
}

double largest_column_current(const AnalogNetwork& network, const Product& product) {
    const AnalogLayer& layer = layer_at(network, product);
    const GroupTiles group = tiles_of_group(layer.mapped, product.group);
    RowMatrixXf drive, ampere;
    float largest = 0;
    const auto vectors = static_cast<Index>(product.vectors);
    for (Index first = 0; first < vectors; first += kStep) {
        const Index count = std::min(kStep, vectors - first);
        drive_codes(layer, product, first, count, drive);
        for (std::size_t t = group.first; t < group.first + group.count; ++t) {
            const Tile& tile = layer.tiles[t];
            const TilePlacement& place = layer.mapped.tiles[t];
            ampere.resize(count, tile.columns());
            tile.currents(drive.middleCols(place.first_input, place.inputs), ampere);
            largest = std::max(largest, ampere.cwiseAbs().maxCoeff());
        }
    }
    return static_cast<double>(largest);
}

}  // namespace mho::flows
