// SPDX-License-Identifier: Apache-2.0
// One pass of a data set through one programmed instance.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "flows/analog_engine.h"
#include "flows/dataset.h"
#include "flows/network.h"

namespace mho::flows {

struct TrialOptions {
    std::size_t threads = 0;
    std::size_t energy_every = 1;  // energy is counted in every n-th chunk; 0: not at all
    std::function<bool()> stop;    // asked before each chunk; true ends the pass early
    // Told after each chunk, one call at a time: images done so far and how many were right.
    std::function<void(std::size_t done, std::size_t correct)> on_chunk;
};

struct Trial {
    std::vector<int> classes;         // arg-max per image; -1 where the pass did not come
    std::size_t images = 0;           // classified
    std::size_t energy_images = 0;    // of these, with energy counted
    std::vector<LayerTally> tallies;  // per layer, over all classified images
};

// The same bits for any number of threads.
Trial run_trial(const Network& network, const AnalogNetwork& analog, const Dataset& data,
                const TrialOptions& options);

}  // namespace mho::flows
