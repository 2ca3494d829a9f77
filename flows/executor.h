// SPDX-License-Identifier: Apache-2.0
// Runs a network on a batch of images. Matrix products of Conv and Gemm nodes go through a hook,
// so that digital float and analog tiles share everything else: im2col, bias, pooling, ...
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "flows/network.h"

namespace mho::flows {

// One product Y = X W^T, asked for by the executor, or those of some groups side by side.
struct Product {
    std::size_t node = 0;           // index into network.nodes; has_product(nodes[node])
    int group = 0;                  // of a grouped convolution, the first one here
    std::size_t vectors = 0;        // images x positions, image after image
    ProductShape shape;             // K = shape.inputs, M = shape.outputs, of one group
    std::span<const float> inputs;  // X: vectors x (groups here) K, row-major
    std::span<float>
        outputs;  // Y: vectors x (groups here) M, row-major, without bias; to be written
    std::size_t first_image = 0;  // number of the first image in the batch
    int together = 1;             // groups here
};

using ProductHook = std::function<void(const Product&)>;

// For a node, how many of its groups a product takes at most; the last one may take fewer.
using GroupsTogether = std::function<int(std::size_t node)>;

// Scores (count x classes, row-major) of `count` images, image after image in `pixels`. The result
// depends on the batch only as far as the hook's does. `hook` is called in the order of nodes and
// groups; of a network with large tensors, for a few images after the other, so that a run stays
// near 128 MiB. Throws bad_input when `pixels` does not hold `count` images of the network's input
// shape. Without `together` each group is a product of its own.
std::vector<float> run_batch(const Network& network, std::span<const float> pixels,
                             std::size_t count, const ProductHook& hook,
                             const GroupsTogether& together = {});

}  // namespace mho::flows
