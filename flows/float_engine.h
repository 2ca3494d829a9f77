// SPDX-License-Identifier: Apache-2.0
// The digital float reference: a data set through a network in single precision.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "flows/dataset.h"
#include "flows/executor.h"
#include "flows/network.h"

namespace mho::flows {

// Images go through the executor in chunks of this size, whatever the number of threads: the unit
// of determinism, since a product may round otherwise for another matrix height.
inline constexpr std::size_t kChunkImages = 64;

std::size_t chunk_count(std::size_t images);

// Images of chunk `chunk` among `images`: [first, first + count).
struct Chunk {
    std::size_t first = 0;
    std::size_t count = 0;
};
Chunk chunk_at(std::size_t chunk, std::size_t images);

// Y = X W^T with the node's own float weights, in the calling thread.
void float_product(const Network& network, const Product& product);

// Throws bad_input, naming both shapes, when the images do not fit the network's input, or when a
// label lies beyond its classes.
void check_data_fits(const Network& network, const Dataset& data);

struct FloatOptions {
    std::size_t images = 0;  // the first so many; 0: all
    std::size_t threads = 0;
    std::function<bool()> stop;  // asked before each batch; true ends the run early
    // Told after each batch, one call at a time: images done so far and how many were right.
    std::function<void(std::size_t done, std::size_t correct)> on_batch;
};

struct FloatRun {
    std::vector<float> scores;  // images x classes
    std::size_t images = 0;     // fewer than asked for only after an early stop
};

// Scores of `data` (which check_data_fits) by oneDNN. An image's bits depend neither on threads nor
// on the other images. Throws bad_input when a score is not finite.
FloatRun run_float(const Network& network, const Dataset& data, const FloatOptions& options);

// Scores of the first `images`. `before_chunk`, when given, is asked now and then and stops the
// run by throwing.
std::vector<float> float_scores(const Network& network, const Dataset& data, std::size_t images,
                                std::size_t threads,
                                const std::function<void()>& before_chunk = {});

// Class of the highest score in each row of `classes` values; the first one of equals.
std::vector<int> arg_max_rows(std::span<const float> scores, std::size_t classes);

}  // namespace mho::flows
