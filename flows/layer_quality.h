// SPDX-License-Identifier: Apache-2.0
// How well each layer computes on its own, so that a designer sees which one hurts.
#pragma once

#include <cstddef>
#include <vector>

#include "flows/analog_engine.h"
#include "flows/dataset.h"
#include "flows/network.h"

namespace mho::flows {

struct LayerQuality {
    // 20 log10 of the root mean square of the layer's exact products (before bias) over that of the
    // analog ones' error, both for the float network's own activations: errors of earlier layers
    // are not in it. Clipped to +-200.
    double signal_to_error_db = 0;
    double column_current_max_ampere = 0;  // largest magnitude of a column current
};

// One value per layer of `analog`, over the first `images` of `data`.
std::vector<LayerQuality> layer_quality(const Network& network, const AnalogNetwork& analog,
                                        const Dataset& data, std::size_t images,
                                        std::size_t threads);

}  // namespace mho::flows
