// SPDX-License-Identifier: Apache-2.0
#include "flows/system_calibration.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <span>

#include "behavioral/panel_kernel.h"

namespace mho::flows {
namespace {

using behavioral::AdcLimits;
using behavioral::ConversionPlace;

constexpr std::size_t kSliceBins = 4096;

// Of one weight slice of one layer. Minima, maxima and counts do not depend on their order, so
// neither do they on threads.
struct Seen {
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    std::vector<std::uint64_t> counts;

    double width() const { return (high - low) / static_cast<double>(kSliceBins); }
};
using LayersSeen = std::vector<std::vector<Seen>>;

// Calls use(seen, value) for every sum before conversion, one call at a time.
template <typename Use>
void each_sum(const Network& network, const Dataset& data, const SystemPlan& plan,
              const SystemInstance& instance, const PlanOptions& options, LayersSeen& seen,
              Use use) {
    std::mutex mutex;
    const auto images = std::min(data.size(), static_cast<std::size_t>(plan.spec.adc.images));
    each_float_product(
        network, data, images, options,
        [&](const Product& product, std::size_t first_image) {
            const std::size_t k = plan.layer_of_node[product.node];
            const PlannedLayer& layer = plan.layers[k];
            if (layer.map.digital) return;
            std::vector<float> outputs(product.outputs.size());
            Product copy = product;
            copy.outputs = outputs;
            const auto observe = [&](const ConversionPlace& place, std::span<const float> analog,
                                     std::span<const float>) {
                const std::size_t used = used_columns(layer, product, place);
                Seen& slice = seen[k][static_cast<std::size_t>(place.weight_slice)];
                const std::lock_guard lock(mutex);
                for (std::size_t row = 0; row < analog.size();
                     row += static_cast<std::size_t>(behavioral::kPanelWidth)) {
                    for (std::size_t j = 0; j < used; ++j) {
                        use(slice, static_cast<double>(analog[row + j]));
                    }
                }
            };
            system_product(network, plan, instance, copy, first_image, observe);
        },
        groups_together(plan));
}

// The range that leaves (100 - percentile) / 2 percent of the counts outside at either end.
AdcLimits middle(const Seen& seen, double percentile) {
    double total = 0;
    for (const std::uint64_t count : seen.counts) total += static_cast<double>(count);
    const double outside = total * (100 - percentile) / 200;
    const auto edge = [&](auto first, auto last) {
        double passed = 0;
        std::size_t bins = 0;
        for (auto count = first; count != last; ++count, ++bins) {
            passed += static_cast<double>(*count);
            if (passed > outside) break;
        }
        return static_cast<double>(bins) * seen.width();
    };
    return {seen.low + edge(seen.counts.begin(), seen.counts.end()),
            seen.high - edge(seen.counts.rbegin(), seen.counts.rend())};
}

AdcLimits limits_of(const Seen& seen, double percentile) {
    if (!(seen.high > seen.low)) {  // one value only, or none
        const double at = std::isfinite(seen.low) ? seen.low : 0;
        return {std::min(at, 0.0) - 1, std::max(at, 0.0) + 1};
    }
    return percentile < 100 ? middle(seen, percentile) : AdcLimits{seen.low, seen.high};
}

}  // namespace

std::vector<std::vector<AdcLimits>> calibrated_limits(const Network& network, const Dataset& data,
                                                      const SystemPlan& plan,
                                                      const SystemInstance& instance,
                                                      const PlanOptions& options) {
    LayersSeen seen;
    for (const PlannedLayer& layer : plan.layers) {
        seen.emplace_back(static_cast<std::size_t>(layer.map.weight_slices));
    }
    each_sum(network, data, plan, instance, options, seen, [](Seen& slice, double value) {
        slice.low = std::min(slice.low, value);
        slice.high = std::max(slice.high, value);
    });
    const double percentile = plan.spec.adc.percentile;
    if (percentile < 100) {
        for (auto& layer : seen) {
            for (Seen& slice : layer) slice.counts.assign(kSliceBins, 0);
        }
        each_sum(network, data, plan, instance, options, seen, [](Seen& slice, double value) {
            const double bin = slice.width() > 0 ? (value - slice.low) / slice.width() : 0;
            ++slice.counts[std::min(kSliceBins - 1, static_cast<std::size_t>(bin))];
        });
    }
    std::vector<std::vector<AdcLimits>> limits;
    for (const auto& layer : seen) {
        limits.emplace_back();
        for (const Seen& slice : layer) limits.back().push_back(limits_of(slice, percentile));
    }
    return limits;
}

}  // namespace mho::flows
