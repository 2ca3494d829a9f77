// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_fold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "flows/onnx_tensor.h"

namespace mho::flows {
namespace {

constexpr auto kBatch = static_cast<double>(kBatchExtent);

NumberArray list(std::vector<double> values) {
    return {{static_cast<std::int64_t>(values.size())}, true, std::move(values)};
}

NumberArray input(const OnnxSource& source, int index) {
    return number_array(source.required_constant(index));
}

std::size_t as_index(std::int64_t value) {
    return static_cast<std::size_t>(value);
}

// Lists and single numbers are what shapes are computed with.
NumberArray list_input(const OnnxSource& source, int index) {
    NumberArray array = input(source, index);
    if (array.shape.size() > 1) {
        throw bad_input("constant '{}' has {} dimensions; here at most 1 is supported",
                        source.node.input(index), array.shape.size());
    }
    return array;
}

NumberArray fold_constant_node(OnnxSource& source) {
    if (const onnx::TensorProto* tensor = source.attributes.tensor("value")) {
        return number_array(*tensor);
    }
    if (source.attributes.has("value_float")) {
        return {{}, false, {static_cast<double>(source.attributes.real("value_float", 0))}};
    }
    if (source.attributes.has("value_int")) {
        return {{}, true, {static_cast<double>(source.attributes.integer("value_int", 0))}};
    }
    const auto values = source.attributes.integers("value_ints");
    if (values.empty()) throw bad_input("holds no value of a supported kind");
    return list({values.begin(), values.end()});
}

NumberArray fold_constant_of_shape(OnnxSource& source) {
    NumberArray made{integer_values(source.required_constant(0)), false, {0.0}};
    if (const onnx::TensorProto* tensor = source.attributes.tensor("value")) {
        const NumberArray value = number_array(*tensor);
        if (value.values.size() != 1)
            throw bad_input("value holds {} numbers, 1 expected", value.values.size());
        made.integer = value.integer;
        made.values = value.values;
    }
    std::size_t count = 1;
    for (const std::int64_t extent : made.shape) {
        constexpr std::size_t kMost = std::size_t{1} << 24;
        if (extent < 1 || as_index(extent) > kMost / count) {
            throw bad_input("makes a constant with an extent of {}", extent);
        }
        count *= as_index(extent);
    }
    made.values.assign(count, made.values[0]);
    return made;
}

NumberArray fold_shape(OnnxSource& source) {
    std::vector<double> extents{kBatch};
    if (source.activations.empty()) {
        const NumberArray array = input(source, 0);
        extents.assign(array.shape.begin(), array.shape.end());
    } else {
        extents.insert(extents.end(), source.activations[0].begin(), source.activations[0].end());
    }
    const auto rank = static_cast<std::int64_t>(extents.size());
    const auto place = [&](std::int64_t at) {
        return std::clamp(at < 0 ? at + rank : at, std::int64_t{0}, rank);
    };
    const std::int64_t start = place(source.attributes.integer("start", 0));
    const std::int64_t end = place(source.attributes.integer("end", rank));
    if (start >= end) throw bad_input("takes no dimension");
    return list({extents.begin() + start, extents.begin() + end});
}

NumberArray fold_gather(OnnxSource& source) {
    const std::int64_t axis = source.attributes.integer("axis", 0);
    const NumberArray data = list_input(source, 0);
    const NumberArray indices = list_input(source, 1);
    if (data.shape.size() != 1 || (axis != 0 && axis != -1)) {
        throw bad_input("is supported for lists only");
    }
    NumberArray made{indices.shape, data.integer, {}};
    for (const double index : indices.values) {
        const auto count = static_cast<double>(data.values.size());
        const double at = index < 0 ? index + count : index;
        if (!(at >= 0 && at < count)) {
            throw bad_input("takes element {} of {}", index, data.values.size());
        }
        made.values.push_back(data.values[static_cast<std::size_t>(at)]);
    }
    return made;
}

NumberArray fold_unsqueeze(OnnxSource& source) {
    NumberArray array = list_input(source, 0);
    const auto axes = source.numbers(1, "axes");
    if (array.values.size() != 1 && !axes.empty()) {
        throw bad_input("is supported for single numbers only");
    }
    array.shape.insert(array.shape.end(), axes.size(), 1);
    return array;
}

NumberArray fold_squeeze(OnnxSource& source) {
    NumberArray array = input(source, 0);
    if (source.numbers(1, "axes").size() > array.shape.size() || array.values.size() != 1) {
        throw bad_input("is supported for single numbers only");
    }
    array.shape.clear();
    return array;
}

NumberArray fold_concat(OnnxSource& source) {
    source.attributes.integer("axis", 0);
    NumberArray made{{0}, true, {}};
    for (int i = 0; i < source.node.input_size(); ++i) {
        const NumberArray part = list_input(source, i);
        if (part.shape.empty()) throw bad_input("joins a number that is no list");
        made.integer = part.integer;
        made.values.insert(made.values.end(), part.values.begin(), part.values.end());
    }
    made.shape[0] = static_cast<std::int64_t>(made.values.size());
    return made;
}

NumberArray fold_slice(OnnxSource& source) {
    const NumberArray data = list_input(source, 0);
    const auto starts = source.numbers(1, "starts");
    const auto ends = source.numbers(2, "ends");
    const auto axes = source.numbers(3, "axes");
    const auto steps = source.numbers(4, "steps");
    const bool plain = data.shape.size() == 1 && starts.size() == 1 && ends.size() == 1 &&
                       (steps.empty() || (steps.size() == 1 && steps[0] == 1));
    if (!plain) throw bad_input("is supported for lists and steps of 1 only");
    const auto count = static_cast<std::int64_t>(data.values.size());
    const auto place = [&](std::int64_t at) {
        return std::clamp(at < 0 && at >= -count ? at + count : at, std::int64_t{0}, count);
    };
    const std::int64_t first = place(starts[0]), last = place(ends[0]);
    if (first >= last) throw bad_input("takes nothing");
    return {
        {last - first}, data.integer, {data.values.begin() + first, data.values.begin() + last}};
}

NumberArray fold_cast(OnnxSource& source) {
    NumberArray array = input(source, 0);
    const std::int64_t to = source.attributes.integer("to", 0);
    switch (to) {
        case onnx::TensorProto::FLOAT:
        case onnx::TensorProto::DOUBLE:
            array.integer = false;
            break;
        case onnx::TensorProto::INT64:
        case onnx::TensorProto::INT32:
            array.integer = true;
            for (double& value : array.values) value = std::trunc(value);
            break;
        default:
            throw bad_input("attribute to = {} is not supported", to);
    }
    return array;
}

NumberArray fold_identity(OnnxSource& source) {
    return input(source, 0);
}

NumberArray fold_reshape(OnnxSource& source) {
    NumberArray array = input(source, 0);
    source.attributes.require("allowzero", 0);
    std::vector<std::int64_t> target = integer_values(source.required_constant(1));
    const auto count = static_cast<std::int64_t>(array.values.size());
    std::int64_t known = 1, open = -1;
    for (std::size_t i = 0; i < target.size(); ++i) {
        if (target[i] == 0 && i < array.shape.size()) target[i] = array.shape[i];
        if (target[i] == -1 && open < 0) {
            open = static_cast<std::int64_t>(i);
        } else if (target[i] < 1 || target[i] > count / known) {
            throw bad_input("{} values cannot take an extent of {}", count, target[i]);
        } else {
            known *= target[i];
        }
    }
    if (count % known != 0 || (open < 0 && known != count)) {
        throw bad_input("{} values cannot fill extents of {}", count, known);
    }
    if (open >= 0) target[as_index(open)] = count / known;
    array.shape = std::move(target);
    return array;
}

NumberArray fold_transpose(OnnxSource& source) {
    const NumberArray array = input(source, 0);
    const auto order = source.attributes.integers("perm");
    const bool swaps = order.empty() || order == std::vector<std::int64_t>{1, 0};
    if (array.shape.size() != 2 || !swaps) {
        throw bad_input("of a constant is supported for matrices only");
    }
    const std::size_t rows = as_index(array.shape[0]), columns = as_index(array.shape[1]);
    NumberArray made{{array.shape[1], array.shape[0]}, array.integer, {}};
    made.values.reserve(array.values.size());
    for (std::size_t j = 0; j < columns; ++j) {
        for (std::size_t i = 0; i < rows; ++i) made.values.push_back(array.values[i * columns + j]);
    }
    return made;
}

// Element by element; a single number goes with every element of the other side.
template <typename Function>
NumberArray combine(const OnnxSource& source, Function function) {
    const NumberArray a = input(source, 0), b = input(source, 1);
    if (a.values.size() != 1 && b.values.size() != 1 && a.shape != b.shape) {
        throw bad_input("constants have different shapes");
    }
    NumberArray made = a.values.size() >= b.values.size() ? a : b;
    if (a.values.size() == b.values.size() && b.shape.size() > a.shape.size()) made = b;
    for (std::size_t i = 0; i < made.values.size(); ++i) {
        const double x = a.values[a.values.size() == 1 ? 0 : i];
        const double y = b.values[b.values.size() == 1 ? 0 : i];
        if (made.integer && (x == kBatch || y == kBatch)) {
            throw bad_input("computes with the size of the batch");
        }
        const double value = function(x, y);
        if (!std::isfinite(value)) throw bad_input("gives a value that is not finite");
        made.values[i] = made.integer ? std::trunc(value) : value;
    }
    return made;
}

NumberArray fold_add(OnnxSource& source) {
    return combine(source, [](double x, double y) { return x + y; });
}

NumberArray fold_sub(OnnxSource& source) {
    return combine(source, [](double x, double y) { return x - y; });
}

NumberArray fold_mul(OnnxSource& source) {
    return combine(source, [](double x, double y) { return x * y; });
}

NumberArray fold_div(OnnxSource& source) {
    return combine(source, [](double x, double y) { return x / y; });
}

NumberArray fold_reduce_product(OnnxSource& source) {
    const NumberArray array = list_input(source, 0);
    source.attributes.integers("axes");
    const bool keep = source.attributes.integer("keepdims", 1) != 0;
    double product = 1;
    for (const double value : array.values) {
        if (value == kBatch) throw bad_input("computes with the size of the batch");
        product *= value;
    }
    NumberArray made{{}, array.integer, {product}};
    if (keep) made.shape = {1};
    return made;
}

// y = (x - zero) scale, one scale for all or one for each index of an axis.
NumberArray fold_dequantize(OnnxSource& source) {
    const std::int64_t asked = source.attributes.integer("axis", 1);
    NumberArray array = input(source, 0);
    const NumberArray scale = input(source, 1);
    const NumberArray zero =
        source.node.input_size() > 2
            ? input(source, 2)
            : NumberArray{scale.shape, true, std::vector<double>(scale.values.size(), 0.0)};
    const auto rank = static_cast<std::int64_t>(array.shape.size());
    const std::int64_t axis = asked < 0 ? asked + rank : asked;
    const bool single = scale.values.size() == 1;
    if (!single && (axis < 0 || axis >= rank ||
                    scale.values.size() != as_index(array.shape[as_index(axis)]))) {
        throw bad_input("has {} scales for axis {}", scale.values.size(), asked);
    }
    if (zero.values.size() != scale.values.size()) {
        throw bad_input("has {} scales, but {} zero points", scale.values.size(),
                        zero.values.size());
    }
    std::size_t inner = 1;
    for (std::int64_t d = axis + 1; !single && d < rank; ++d)
        inner *= as_index(array.shape[as_index(d)]);
    for (std::size_t i = 0; i < array.values.size(); ++i) {
        const std::size_t at = i / inner % scale.values.size();
        array.values[i] = (array.values[i] - zero.values[at]) * scale.values[at];
    }
    array.integer = false;
    return array;
}

struct Folder {
    std::string_view type;
    NumberArray (*fold)(OnnxSource&);
};

constexpr std::array kFolders = {
    Folder{"Constant", fold_constant_node},
    Folder{"ConstantOfShape", fold_constant_of_shape},
    Folder{"Shape", fold_shape},
    Folder{"Gather", fold_gather},
    Folder{"Unsqueeze", fold_unsqueeze},
    Folder{"Squeeze", fold_squeeze},
    Folder{"Concat", fold_concat},
    Folder{"Slice", fold_slice},
    Folder{"Cast", fold_cast},
    Folder{"Identity", fold_identity},
    Folder{"Reshape", fold_reshape},
    Folder{"Transpose", fold_transpose},
    Folder{"Add", fold_add},
    Folder{"Sub", fold_sub},
    Folder{"Mul", fold_mul},
    Folder{"Div", fold_div},
    Folder{"ReduceProd", fold_reduce_product},
    Folder{"DequantizeLinear", fold_dequantize},
};

}  // namespace

bool can_fold(std::string_view operator_type) {
    return std::any_of(kFolders.begin(), kFolders.end(),
                       [&](const Folder& folder) { return folder.type == operator_type; });
}

std::optional<onnx::TensorProto> fold_constant(OnnxSource source) {
    const std::string& type = source.node.op_type();
    const auto* const folder = std::find_if(kFolders.begin(), kFolders.end(),
                                            [&](const Folder& f) { return f.type == type; });
    if (folder == kFolders.end()) return std::nullopt;
    if (!source.activations.empty() && type != "Shape") return std::nullopt;
    const NumberArray made = folder->fold(source);
    source.attributes.finish();
    return to_tensor(made, source.node.output(0));
}

}  // namespace mho::flows
