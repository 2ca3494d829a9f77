// SPDX-License-Identifier: Apache-2.0
// Which arrays of a described system hold which layer of a network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flows/network.h"
#include "flows/system_spec.h"

namespace mho::flows {

struct LayerMap {
    std::size_t node = 0;  // index into network.nodes
    std::string name;
    std::string op;
    ProductShape shape;
    bool digital = false;     // computed in single precision; the rest is 0 then
    int bias_rows = 0;        // that hold biases
    int groups_in_array = 1;  // that share one
    int row_parts = 0;        // of the inputs of the groups that share an array
    int column_blocks = 0;    // of their outputs
    int weight_slices = 0;    // cells of one sign per weight
    int copies = 0;           // that share a convolution's positions
    // row parts x column blocks x slices x shares of groups x copies, twice for pairs of cells
    std::int64_t arrays = 0;
    double utilisation = 0;  // cells that hold weights or biases over all cells of these arrays
    std::int64_t macs = 0;   // per inference

    int shares() const { return (shape.groups + groups_in_array - 1) / groups_in_array; }
};

// Fills in all from row_parts on, for layer.bias_rows rows of biases.
void place_layer(const SystemSpec& spec, LayerMap& layer);

// Every Conv and Gemm node, biases in arrays counted as one row, in the order of nodes. Pairs have
// their negative cells in an array of their own. An array without a number of rows or columns is as
// large as the layer needs. Throws bad_input when the network has no such node, or when
// digital_layers names one that it has not (with the nearest name).
std::vector<LayerMap> map_system(const Network& network, const SystemSpec& spec);

// A table for people: layer -> arrays -> utilisation.
std::string map_text(const std::vector<LayerMap>& layers, const SystemSpec& spec);

}  // namespace mho::flows
