// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "flows/network.h"

namespace mho::flows {

// Computes a node without a matrix product for one image: `inputs` and `out` hold the values of
// its tensors in row-major order.
void run_digital_node(const Network& network, const Node& node,
                      const std::vector<std::span<const float>>& inputs, std::span<float> out);

}  // namespace mho::flows
