// SPDX-License-Identifier: Apache-2.0
#include "flows/layer_quality.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "flows/float_engine.h"

namespace mho::flows {
namespace {

struct Sums {
    double signal = 0;
    double error = 0;
    double current = 0;
};

constexpr double kMaxDecibel = 200;

double decibel(const Sums& sums) {
    if (sums.error == 0) return kMaxDecibel;
    if (sums.signal == 0) return -kMaxDecibel;
    return std::clamp(10 * std::log10(sums.signal / sums.error), -kMaxDecibel, kMaxDecibel);
}

}  // namespace

std::vector<LayerQuality> layer_quality(const Network& network, const AnalogNetwork& analog,
                                        const Dataset& data, std::size_t images,
                                        std::size_t threads) {
    std::vector<std::vector<Sums>> by_chunk(chunk_count(images),
                                            std::vector<Sums>(analog.layers.size()));
    parallel_for(by_chunk.size(), threads, [&](std::size_t c) {
        const Chunk chunk = chunk_at(c, images);
        std::vector<float> outputs;
        LayerTally unused;
        const auto compare = [&](const Product& product) {
            float_product(network, product);
            outputs.resize(product.outputs.size());
            Product copy = product;
            copy.outputs = outputs;
            analog_product(analog, copy, {chunk.first, false}, unused);
            Sums& sums = by_chunk[c][analog.layer_of_node[product.node]];
            for (std::size_t i = 0; i < outputs.size(); ++i) {
                const auto exact = static_cast<double>(product.outputs[i]);
                const double error = static_cast<double>(outputs[i]) - exact;
                sums.signal += exact * exact;
                sums.error += error * error;
            }
            sums.current = std::max(sums.current, largest_column_current(analog, product));
        };
        run_batch(network, data.images(chunk.first, chunk.count), chunk.count, compare);
    });
    std::vector<LayerQuality> quality;
    for (std::size_t k = 0; k < analog.layers.size(); ++k) {
        Sums sums;
        for (const auto& chunk : by_chunk) {
            sums.signal += chunk[k].signal;
            sums.error += chunk[k].error;
            sums.current = std::max(sums.current, chunk[k].current);
        }
        quality.push_back({decibel(sums), sums.current});
    }
    return quality;
}

}  // namespace mho::flows
