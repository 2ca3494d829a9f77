// SPDX-License-Identifier: Apache-2.0
// Which weight lies in which cell. The weight matrix of a Conv or Gemm node (inputs x outputs, one
// per group) is cut into row blocks of rows/2 inputs and column blocks of `columns` outputs, one
// tile each. A weight is the difference of two cells, one-sided: with the layer's largest |w| as
// scale, w >= 0 is stored in the even row of its pair and w < 0 in the odd one,
//   G = g_low + |w| / w_max (g_high - g_low),
// the other cell at g_low. G is conductance as read through the access device at half the drive
// amplitude, which is what write-verify sees and what tiles are linearised at.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "behavioral/card.h"
#include "flows/network.h"

namespace mho::flows {

struct TilePlacement {
    int group = 0;
    int row_block = 0;
    int column_block = 0;
    int first_input = 0;   // within the group
    int inputs = 0;        // used, <= rows / 2
    int first_output = 0;  // within the group
    int outputs = 0;       // used, <= columns
};

struct MappedLayer {
    std::size_t node = 0;  // index into network.nodes
    ProductShape shape;
    int row_blocks = 0;
    int column_blocks = 0;
    double weight_max = 0;             // largest |w|
    std::vector<TilePlacement> tiles;  // by group, then row block, then column block
    std::uint32_t first_tile = 0;      // number of tiles in earlier layers
    double utilisation = 0;            // part of the tiles' cells that hold weights
};

struct Mapping {
    int tile_inputs = 0;        // rows / 2
    int tile_outputs = 0;       // columns
    double g_low_siemens = 0;   // read conductance of a cell at g_min
    double g_high_siemens = 0;  // ... at g_max
    std::vector<MappedLayer> layers;
    std::uint32_t tile_count = 0;
};

// All Conv and Gemm nodes, in the order of nodes. Throws bad_input when the card's array has an
// odd number of rows, or when the network has no such node or would need more than 2^20 tiles.
Mapping map_network(const Network& network, const behavioral::ModelCard& card);

// Resistor conductances to program, array.rows x array.columns: cells without a weight at
// g_min_siemens.
Eigen::MatrixXd target_states(const Network& network, const MappedLayer& layer,
                              const TilePlacement& tile, const behavioral::ModelCard& card);

}  // namespace mho::flows
