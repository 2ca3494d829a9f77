// SPDX-License-Identifier: Apache-2.0
// The float kernels of the digital parts of a network, one image at a time; tensors are row-major
// channels x height x width. Plain loops: they are a small part of the time beside the products.
#pragma once

#include <span>

#include "flows/network.h"

namespace mho::flows {

// Writes one row per output position (row by row over the output map) with the values under the
// kernel in the order channel, kernel row, kernel column; padding gives 0. `in` holds the
// `channels` channels of one group, shape {channels, height, width}; `rows` has
// out_height * out_width * channels * kernel values.
void im2col(std::span<const float> in, const Shape& shape, const Window& window,
            std::span<float> rows);

void average_pool(std::span<const float> in, const Shape& shape, const AveragePool& pool,
                  std::span<float> out);
void max_pool(std::span<const float> in, const Shape& shape, const MaxPool& pool,
              std::span<float> out);
void global_average_pool(std::span<const float> in, const Shape& shape, std::span<float> out);
void relu(std::span<const float> in, std::span<float> out);
void apply(const Unary& op, std::span<const float> in, std::span<float> out);  // element by element
void softmax(std::span<const float> in, std::span<float> out);  // shifted by the maximum

}  // namespace mho::flows
