// SPDX-License-Identifier: Apache-2.0
// The digital float reference: every product by single-precision BLAS.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "flows/dataset.h"
#include "flows/executor.h"
#include "flows/network.h"

namespace mho::flows {

// Images are worked on in chunks of this size, whatever the number of threads: the unit of
// determinism, since BLAS may round otherwise for another matrix height.
inline constexpr std::size_t kChunkImages = 64;

std::size_t chunk_count(std::size_t images);

// Images of chunk `chunk` among `images`: [first, first + count).
struct Chunk {
    std::size_t first = 0;
    std::size_t count = 0;
};
Chunk chunk_at(std::size_t chunk, std::size_t images);

// Y = X W^T with the node's own float weights.
void float_product(const Network& network, const Product& product);

// Throws bad_input, naming both shapes, when the images do not fit the network's input, or when a
// label lies beyond its classes.
void check_data_fits(const Network& network, const Dataset& data);

// Scores, images x classes, of the first `images` of `data` (which check_data_fits). The same bits
// for any number of threads (0: one per hardware thread). `before_chunk`, when given, is asked
// before each chunk and stops the run by throwing.
std::vector<float> float_scores(const Network& network, const Dataset& data, std::size_t images,
                                std::size_t threads,
                                const std::function<void()>& before_chunk = {});

// Class of the highest score in each row of `classes` values; the first one of equals.
std::vector<int> arg_max_rows(std::span<const float> scores, std::size_t classes);

}  // namespace mho::flows
