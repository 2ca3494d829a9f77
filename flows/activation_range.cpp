// SPDX-License-Identifier: Apache-2.0
#include "flows/activation_range.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/error.h"
#include "base/parallel.h"
#include "flows/float_engine.h"

namespace mho::flows {
namespace {

constexpr std::size_t kBins = 4096;

// Float inference of the first images; `look(chunk, product)` sees every product's inputs.
template <typename Look>
void visit_products(const Network& network, const Dataset& data, const RangeOptions& options,
                    Look look) {
    const std::size_t images = std::min(options.images, data.size());
    parallel_for(chunk_count(images), options.threads, [&](std::size_t c) {
        const Chunk chunk = chunk_at(c, images);
        run_batch(network, data.images(chunk.first, chunk.count), chunk.count,
                  [&](const Product& product) {
                      look(c, product);
                      float_product(network, product);
                  });
    });
}

std::vector<double> largest_values(const Network& network, const Dataset& data,
                                   const RangeOptions& options) {
    const std::size_t chunks = chunk_count(std::min(options.images, data.size()));
    std::vector<std::vector<float>> by_chunk(chunks,
                                             std::vector<float>(network.nodes.size(), 0.0f));
    visit_products(network, data, options, [&](std::size_t c, const Product& product) {
        float& largest = by_chunk[c][product.node];
        for (const float x : product.inputs) {
            if (!std::isfinite(x)) {
                throw bad_input("network '{}': values before node '{}' are not finite",
                                network.name, network.nodes[product.node].name);
            }
            largest = std::max(largest, std::abs(x));
        }
    });
    std::vector<double> ranges(network.nodes.size(), 0.0);
    for (const auto& chunk : by_chunk) {
        for (std::size_t n = 0; n < ranges.size(); ++n) {
            ranges[n] = std::max(ranges[n], static_cast<double>(chunk[n]));
        }
    }
    return ranges;
}

using Histogram = std::vector<std::int64_t>;

// Upper edge of the bin in which `part` of all counts is reached.
double quantile(const Histogram& histogram, double part) {
    std::int64_t total = 0;
    for (const std::int64_t count : histogram) total += count;
    const double wanted = part * static_cast<double>(total);
    std::int64_t reached = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        reached += histogram[bin];
        if (static_cast<double>(reached) >= wanted) {
            return static_cast<double>(bin + 1) / static_cast<double>(kBins);
        }
    }
    return 1.0;
}

std::vector<double> percentiles(const Network& network, const Dataset& data,
                                const RangeOptions& options, const std::vector<double>& largest) {
    const std::size_t chunks = chunk_count(std::min(options.images, data.size()));
    std::vector<std::vector<Histogram>> by_chunk(chunks,
                                                 std::vector<Histogram>(network.nodes.size()));
    visit_products(network, data, options, [&](std::size_t c, const Product& product) {
        const double range = largest[product.node];
        Histogram& histogram = by_chunk[c][product.node];
        histogram.resize(kBins, 0);
        if (range == 0) return;
        for (const float x : product.inputs) {
            const double part = std::abs(static_cast<double>(x)) / range;
            ++histogram[std::min(kBins - 1, static_cast<std::size_t>(part * kBins))];
        }
    });
    std::vector<double> ranges(largest.size(), 0.0);
    for (std::size_t n = 0; n < ranges.size(); ++n) {
        if (largest[n] == 0) continue;
        Histogram all(kBins, 0);
        for (const auto& chunk : by_chunk) {
            for (std::size_t bin = 0; bin < kBins; ++bin) all[bin] += chunk[n][bin];
        }
        ranges[n] = largest[n] * quantile(all, options.percentile / 100);
    }
    return ranges;
}

}  // namespace

std::vector<double> activation_ranges(const Network& network, const Dataset& data,
                                      const RangeOptions& options) {
    if (!(options.percentile > 0 && options.percentile <= 100)) {
        throw bad_input("activation percentile is {}, expected more than 0 and at most 100",
                        options.percentile);
    }
    const std::vector<double> largest = largest_values(network, data, options);
    return options.percentile == 100 ? largest : percentiles(network, data, options, largest);
}

}  // namespace mho::flows
