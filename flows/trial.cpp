// SPDX-License-Identifier: Apache-2.0
#include "flows/trial.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/parallel.h"
#include "flows/float_engine.h"

namespace mho::flows {

Trial run_trial(const Network& network, const AnalogNetwork& analog, const Dataset& data,
                const TrialOptions& options) {
    const std::size_t chunks = chunk_count(data.size());
    const std::size_t classes = element_count(network.output_shape());
    std::vector<std::vector<LayerTally>> tallies(chunks);  // empty: chunk not done
    Trial trial;
    trial.classes.assign(data.size(), -1);
    trial.tallies.resize(analog.layers.size());
    std::atomic<bool> stopped = false;
    std::mutex report_mutex;
    std::size_t done = 0, correct = 0;
    const auto counts_energy = [&](std::size_t c) {
        return options.energy_every > 0 && c % options.energy_every == 0;
    };
    parallel_for(chunks, options.threads, [&](std::size_t c) {
        if (stopped || (options.stop && options.stop())) {
            stopped = true;
            return;
        }
        const Chunk chunk = chunk_at(c, data.size());
        std::vector<LayerTally> tally(analog.layers.size());
        const ProductOptions product_options{chunk.first, counts_energy(c)};
        const std::vector<float> scores =
            run_batch(network, data.images(chunk.first, chunk.count), chunk.count,
                      [&](const Product& product) {
                          analog_product(analog, product, product_options,
                                         tally[analog.layer_of_node[product.node]]);
                      });
        const std::vector<int> best = arg_max_rows(scores, classes);
        const auto at = static_cast<std::ptrdiff_t>(chunk.first);
        std::copy(best.begin(), best.end(), trial.classes.begin() + at);
        tallies[c] = std::move(tally);
        if (!options.on_chunk) return;
        const std::lock_guard lock(report_mutex);
        done += chunk.count;
        for (std::size_t i = 0; i < best.size(); ++i) {
            correct += best[i] == data.labels[chunk.first + i] ? 1 : 0;
        }
        options.on_chunk(done, correct);
    });
    for (std::size_t c = 0; c < chunks; ++c) {
        if (tallies[c].empty()) continue;
        const std::size_t count = chunk_at(c, data.size()).count;
        trial.images += count;
        if (counts_energy(c)) trial.energy_images += count;
        for (std::size_t k = 0; k < trial.tallies.size(); ++k) trial.tallies[k] += tallies[c][k];
    }
    return trial;
}

}  // namespace mho::flows
