// SPDX-License-Identifier: Apache-2.0
// How well each layer of a described system computes on its own.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "flows/system_engine.h"

namespace mho::flows {

struct SystemQuality {
    // As LayerQuality::signal_to_error_db.
    double signal_to_error_db = 0;
    // Part of the conversions whose sum lies more than half a step beyond the first or last code.
    double saturated_fraction = 0;
    std::optional<double> curve_error;  // layer_curve_error, on the first image
};

// One value per layer of `plan`, over the first `images` of `data` (more than 0, and as many at
// most as there are). The same bits for any number of threads.
std::vector<SystemQuality> system_quality(const Network& network, const Dataset& data,
                                          const SystemPlan& plan, const SystemInstance& instance,
                                          std::size_t images, const PlanOptions& options);

}  // namespace mho::flows
