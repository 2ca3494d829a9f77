// SPDX-License-Identifier: Apache-2.0
#include "flows/system_quality.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "behavioral/panel_kernel.h"
#include "flows/float_engine.h"

namespace mho::flows {
namespace {

constexpr double kMostDecibel = 200;

// Sums over a layer's products; each chunk of images has its own, added in order.
struct SystemSums {
    double signal = 0;
    double error = 0;
    std::size_t converted = 0;
    std::size_t saturated = 0;
};

double decibel(const SystemSums& sums) {
    if (sums.error == 0) return kMostDecibel;
    if (sums.signal == 0) return -kMostDecibel;
    return std::clamp(10 * std::log10(sums.signal / sums.error), -kMostDecibel, kMostDecibel);
}

// Counts the sums that lie more than half a step beyond the first or last code.
void count_saturated(const behavioral::Converter& converter, std::span<const float> analog,
                     std::size_t used, SystemSums& sums) {
    constexpr auto kPanel = static_cast<std::size_t>(behavioral::kPanelWidth);
    const auto low = static_cast<float>(converter.low() - converter.lsb() / 2);
    const auto high =
        static_cast<float>(converter.low() + converter.lsb() * (converter.code_max() + 0.5));
    for (std::size_t row = 0; row < analog.size(); row += kPanel) {
        for (std::size_t j = row; j < row + used; ++j) {
            sums.saturated += analog[j] < low || analog[j] > high ? 1 : 0;
        }
        sums.converted += used;
    }
}

void add_product(const Network& network, const SystemPlan& plan, const SystemInstance& instance,
                 const Product& product, std::size_t first_image, SystemSums& sums) {
    const PlannedLayer& layer = plan.layers[plan.layer_of_node[product.node]];
    std::vector<float> outputs(product.outputs.size());
    Product copy = product;
    copy.outputs = outputs;
    std::vector<behavioral::Converter> converters;
    behavioral::ConversionObserver observer;
    if (layer.options.adc.kind != behavioral::AdcKind::none) {
        converters = layer_converters(layer);
        observer = [&](const behavioral::ConversionPlace& place, std::span<const float> analog,
                       std::span<const float>) {
            count_saturated(converters[static_cast<std::size_t>(place.weight_slice)], analog,
                            used_columns(layer, product, place), sums);
        };
    }
    system_product(network, plan, instance, copy, first_image, observer);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto exact = static_cast<double>(product.outputs[i]);
        const double error = static_cast<double>(outputs[i]) - exact;
        sums.signal += exact * exact;
        sums.error += error * error;
    }
}

}  // namespace

std::vector<SystemQuality> system_quality(const Network& network, const Dataset& data,
                                          const SystemPlan& plan, const SystemInstance& instance,
                                          std::size_t images, const PlanOptions& options) {
    std::vector<std::vector<SystemSums>> parts(chunk_count(images),
                                               std::vector<SystemSums>(plan.layers.size()));
    std::vector<std::optional<double>> curve(plan.layers.size());
    each_float_product(
        network, data, images, options,
        [&](const Product& product, std::size_t first_image) {
            const std::size_t k = plan.layer_of_node[product.node];
            add_product(network, plan, instance, product, first_image,
                        parts[first_image / kChunkImages][k]);
            const bool first = first_image == 0 && product.first_image == 0 && product.group == 0;
            if (first) curve[k] = layer_curve_error(network, plan, instance, k, product);
        },
        groups_together(plan));
    std::vector<SystemQuality> quality;
    for (std::size_t k = 0; k < plan.layers.size(); ++k) {
        SystemSums all;
        for (const auto& part : parts) {
            all.signal += part[k].signal;
            all.error += part[k].error;
            all.converted += part[k].converted;
            all.saturated += part[k].saturated;
        }
        SystemQuality layer{decibel(all), 0, curve[k]};
        if (all.converted > 0) {
            layer.saturated_fraction =
                static_cast<double>(all.saturated) / static_cast<double>(all.converted);
        }
        quality.push_back(layer);
    }
    return quality;
}

}  // namespace mho::flows
