// SPDX-License-Identifier: Apache-2.0
#include "flows/system_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/nearest.h"

namespace mho::flows {
namespace {

int pieces(int whole, int most) {
    return most > 0 ? (whole + most - 1) / most : 1;
}

int unit_columns(const SystemSpec& spec) {
    const WeightSpec& weights = spec.weights;
    const bool unit = weights.sign == behavioral::WeightSign::offset &&
                      weights.offset_removal == behavioral::OffsetRemoval::unit_column;
    return unit ? 1 : 0;
}

// At most what is asked for and what fits; groups that fill several arrays are alone in them.
int groups_in_array(const SystemSpec& spec, const LayerMap& layer) {
    const ProductShape& shape = layer.shape;
    int most = spec.array.groups > 0 ? std::min(spec.array.groups, shape.groups) : shape.groups;
    if (spec.array.rows > 0) {
        most = std::min(most, (spec.array.rows - layer.bias_rows) / shape.inputs);
    }
    if (spec.array.columns > 0) {
        most = std::min(most, (spec.array.columns - unit_columns(spec)) / shape.outputs);
    }
    return std::max(1, most);
}

void mark_digital(const std::vector<std::string>& names, std::vector<LayerMap>& layers) {
    std::vector<std::string> known{"first", "last"};
    for (const LayerMap& layer : layers) known.push_back(layer.name);
    for (const std::string& name : names) {
        const auto named = std::find_if(layers.begin(), layers.end(),
                                        [&](const LayerMap& one) { return one.name == name; });
        if (named != layers.end()) {
            named->digital = true;
        } else if (name == "first") {
            layers.front().digital = true;
        } else if (name == "last") {
            layers.back().digital = true;
        } else {
            throw bad_input("digital_layers: the network has no layer '{}'{}", name,
                            did_you_mean(name, known));
        }
    }
}

}  // namespace

void place_layer(const SystemSpec& spec, LayerMap& layer) {
    using namespace behavioral;
    const WeightSpec& weights = spec.weights;
    const ProductShape& shape = layer.shape;
    layer.groups_in_array = groups_in_array(spec, layer);
    const int extra = unit_columns(spec);
    const int rows = layer.groups_in_array * shape.inputs + layer.bias_rows;
    const int columns = layer.groups_in_array * shape.outputs + extra;
    layer.row_parts = pieces(rows, spec.array.rows);
    layer.column_blocks = pieces(columns, spec.array.columns);
    layer.weight_slices = weight_slices({weights.bits, weights.slice_bits, weights.sign});
    layer.copies = layer.op == "Conv" ? std::min(spec.array.copies, shape.positions) : 1;
    const int signs = weights.sign == WeightSign::differential ? 2 : 1;
    const std::int64_t of_weights =
        std::int64_t{layer.row_parts} * layer.column_blocks * layer.shares();
    layer.arrays = of_weights * layer.weight_slices * signs * layer.copies;
    const double array_rows = spec.array.rows > 0 ? spec.array.rows : rows;
    const double array_columns = spec.array.columns > 0 ? spec.array.columns : columns;
    const double used =
        static_cast<double>(shape.groups) * (shape.inputs + layer.bias_rows) * shape.outputs +
        static_cast<double>(layer.shares()) * extra * rows;
    layer.utilisation = used / (static_cast<double>(of_weights) * array_rows * array_columns);
}

std::vector<LayerMap> map_system(const Network& network, const SystemSpec& spec) {
    std::vector<LayerMap> layers;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        const Node& node = network.nodes[n];
        if (!has_product(node)) continue;
        LayerMap layer;
        layer.node = n;
        layer.name = node.name;
        layer.op = operator_name(node.op);
        layer.shape = product_shape(network, node);
        layer.macs = std::int64_t{layer.shape.inputs} * layer.shape.outputs * layer.shape.groups *
                     layer.shape.positions;
        layers.push_back(std::move(layer));
    }
    if (layers.empty()) throw bad_input("network '{}' has no Conv or Gemm node", network.name);
    mark_digital(spec.digital_layers, layers);
    for (LayerMap& layer : layers) {
        if (spec.products == Products::floating) layer.digital = true;
        if (layer.digital) continue;
        layer.bias_rows = spec.weights.bias_in_array ? 1 : 0;
        place_layer(spec, layer);
    }
    return layers;
}

std::string map_text(const std::vector<LayerMap>& layers, const SystemSpec& spec) {
    std::size_t width = 5;
    for (const LayerMap& layer : layers) width = std::max(width, layer.name.size());
    std::string text = fmt::format("{:<{}}  {:>8} {:>14} {:>7} {:>6} {:>7} {:>6} {:>7} {:>12}\n",
                                   "layer", width, "operator", "matrix", "groups", "parts",
                                   "columns", "slices", "arrays", "utilisation");
    std::int64_t arrays = 0;
    for (const LayerMap& layer : layers) {
        const std::string matrix = fmt::format("{} x {}", layer.shape.inputs, layer.shape.outputs);
        std::string groups = fmt::format("{}", layer.shape.groups);
        if (layer.groups_in_array > 1) groups += fmt::format("/{}", layer.groups_in_array);
        const std::string start =
            fmt::format("{:<{}}  {:>8} {:>14} {:>7}", layer.name, width, layer.op, matrix, groups);
        if (layer.digital) {
            text += start + " digital\n";
            continue;
        }
        arrays += layer.arrays;
        text += start + fmt::format(" {:>6} {:>7} {:>6} {:>7} {:>10.1f} %\n", layer.row_parts,
                                    layer.column_blocks, layer.weight_slices, layer.arrays,
                                    100 * layer.utilisation);
    }
    const auto size = [](int count) { return count > 0 ? fmt::format("{}", count) : "any"; };
    return text + fmt::format("{} arrays of {} x {} cells ({})\n", arrays, size(spec.array.rows),
                              size(spec.array.columns), spec.name);
}

}  // namespace mho::flows
