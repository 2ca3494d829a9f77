// SPDX-License-Identifier: Apache-2.0
#include "flows/float_engine.h"

#include <cblas.h>

#include <algorithm>

#include "base/error.h"
#include "base/parallel.h"
#include "behavioral/single_thread_blas.h"

namespace mho::flows {
std::size_t chunk_count(std::size_t images) {
    return (images + kChunkImages - 1) / kChunkImages;
}

Chunk chunk_at(std::size_t chunk, std::size_t images) {
    const std::size_t first = chunk * kChunkImages;
    return {first, std::min(kChunkImages, images - first)};
}

void float_product(const Network& network, const Product& product) {
    behavioral::use_single_thread_blas();
    const int k = product.shape.inputs;
    const int m = product.shape.outputs;
    const std::vector<float>& weights = weights_of(network.nodes[product.node]);
    const float* const group = weights.data() + static_cast<std::size_t>(product.group) *
                                                    static_cast<std::size_t>(k) *
                                                    static_cast<std::size_t>(m);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(product.vectors), m, k,
                1.0f, product.inputs.data(), k, group, k, 0.0f, product.outputs.data(), m);
}

void check_data_fits(const Network& network, const Dataset& data) {
    const Shape& input = network.input_shape();
    const bool fits = input == Shape{data.channels, data.height, data.width} ||
                      input == Shape{static_cast<int>(data.image_size())};
    if (!fits) {
        throw bad_input("{}: images of {}x{}x{} do not fit the network's input of {}",
                        data.path.string(), data.channels, data.height, data.width,
                        describe(input));
    }
    const int classes = network.output_shape()[0];
    const int largest = *std::max_element(data.labels.begin(), data.labels.end());
    if (largest >= classes) {
        throw bad_input("{}: label {} lies beyond the network's {} classes", data.path.string(),
                        largest, classes);
    }
}

std::vector<float> float_scores(const Network& network, const Dataset& data, std::size_t images,
                                std::size_t threads, const std::function<void()>& before_chunk) {
    const auto classes = element_count(network.output_shape());
    std::vector<float> scores(images * classes);
    parallel_for(chunk_count(images), threads, [&](std::size_t c) {
        if (before_chunk) before_chunk();
        const Chunk chunk = chunk_at(c, images);
        const std::vector<float> part =
            run_batch(network, data.images(chunk.first, chunk.count), chunk.count,
                      [&](const Product& product) { float_product(network, product); });
        std::copy(part.begin(), part.end(),
                  scores.begin() + static_cast<std::ptrdiff_t>(chunk.first * classes));
    });
    return scores;
}

std::vector<int> arg_max_rows(std::span<const float> scores, std::size_t classes) {
    std::vector<int> best(scores.size() / classes);
    for (std::size_t i = 0; i < best.size(); ++i) {
        const auto row = scores.subspan(i * classes, classes);
        best[i] = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return best;
}

}  // namespace mho::flows
