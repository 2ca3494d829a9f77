// SPDX-License-Identifier: Apache-2.0
// A network on a described system: products of Conv and Gemm nodes by behavioral::SlicedMultiply,
// the rest (bias, activation functions, pooling) and the layers that stay digital in single
// precision.
//
// One product: inputs x become codes, code = round(x / x_max * code_max); weights w become integers
// of -top .. top, top standing for w_max; y = (w_max / top) (x_max / code_max) times what the
// multiply gives, its conversions decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "behavioral/converter.h"
#include "behavioral/device_program.h"
#include "behavioral/sliced_multiply.h"
#include "flows/dataset.h"
#include "flows/executor.h"
#include "flows/network.h"
#include "flows/system_map.h"
#include "flows/system_spec.h"

namespace mho::flows {

// What all programmed instances of a layer share.
struct PlannedLayer {
    LayerMap map;
    double weight_max = 1;
    double activation_max = 0;
    bool signed_inputs = false;
    behavioral::MultiplyOptions options;
    std::uint32_t first_matrix = 0;  // number of products in earlier layers, of all copies
    // Groups that one multiply takes: those that share arrays, or of arrays side by side.
    int together = 1;

    bool side_by_side() const { return together > map.groups_in_array; }
    int blocks() const { return (map.shape.groups + together - 1) / together; }
    Eigen::Index rows(int groups) const {  // with those of biases behind them
        return Eigen::Index{groups} * map.shape.inputs + map.bias_rows;
    }
};

struct SystemPlan {
    SystemSpec spec;
    std::vector<PlannedLayer> layers;
    std::vector<std::size_t> layer_of_node;
    std::uint32_t matrices = 0;
};

struct PlanOptions {
    std::size_t threads = 0;
    std::function<void()> before_chunk;  // asked now and then; stops the work by throwing
};

// Ranges of weights, inputs and converters. Calibrated ones are of the first images of `data`, on
// the float network's own activations; those of converters with cells at their targets, without
// noise, behind their wires. Throws bad_input for what does not fit.
SystemPlan plan_system(const Network& network, const Dataset& data, const SystemSpec& spec,
                       const PlanOptions& options = {});

// One programmed copy.
struct SystemInstance {
    std::uint64_t seed = 1;
    std::uint32_t trial = 0;
    // By layer, then copy and block of groups; none for digital layers.
    std::vector<std::vector<behavioral::SlicedMultiply>> layers;
    std::vector<char> noisy;        // by layer: its reads draw numbers
    behavioral::WriteCost writing;  // of all cells, of devices that verify what they write
};

SystemInstance program_system(const Network& network, const SystemPlan& plan, std::uint64_t seed,
                              std::uint32_t trial, std::size_t threads);

// As products of a plan are to be asked for: system_product takes the groups of a block together.
GroupsTogether groups_together(const SystemPlan& plan);

// Fills product.outputs. `first_image` is the number of the batch's first image in the data set.
// Noise depends on seed, trial, image and position only.
void system_product(const Network& network, const SystemPlan& plan, const SystemInstance& instance,
                    const Product& product, std::size_t first_image,
                    const behavioral::ConversionObserver& observer = {});

// What is missed where cells with an I-V curve stand behind wires, as curve_error of
// flows/cell_currents.h, on some inputs of `product`, a product of layer `k`. Nothing for other
// layers, where currents are exact.
std::optional<double> layer_curve_error(const Network& network, const SystemPlan& plan,
                                        const SystemInstance& instance, std::size_t k,
                                        const Product& product);

// Calls use(product, first image of its batch) for every product of the first `images`, the
// outputs being the exact ones. From several threads.
using ProductUse = std::function<void(const Product&, std::size_t first_image)>;
void each_float_product(const Network& network, const Dataset& data, std::size_t images,
                        const PlanOptions& options, const ProductUse& use,
                        const GroupsTogether& together = {});

// The converters of each weight slice of a layer that has some.
std::vector<behavioral::Converter> layer_converters(const PlannedLayer& layer);

// Columns of a panel that are columns of the array of `product`; the others are padding.
std::size_t used_columns(const PlannedLayer& layer, const Product& product,
                         const behavioral::ConversionPlace& place);

}  // namespace mho::flows
