// SPDX-License-Identifier: Apache-2.0
// Operators that only move values.
#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "flows/onnx_converters.h"
#include "flows/onnx_tensor.h"

namespace mho::flows {
namespace {

std::size_t rank_of(const OnnxSource& source) {
    return source.activations[0].size() + 1;  // with the batch
}

// Axes of a Shape, rising; each may be named once.
std::vector<int> axes_without_batch(const std::vector<std::int64_t>& axes, std::size_t rank) {
    std::vector<int> found;
    for (const std::int64_t axis : axes) found.push_back(axis_without_batch(axis, rank));
    std::sort(found.begin(), found.end());
    if (std::adjacent_find(found.begin(), found.end()) != found.end()) {
        throw bad_input("names an axis twice");
    }
    return found;
}

// start, end and step of a slice along an axis of this extent, as ONNX clamps them.
void slice_axis(Slice& slice, std::size_t axis, std::int64_t start, std::int64_t end,
                std::int64_t step) {
    if (step == 0 || std::abs(step) > std::numeric_limits<int>::max()) {
        throw bad_input("step of {} along axis {}", step, axis + 1);
    }
    const std::int64_t extent = slice.shape[axis];
    const auto place = [&](std::int64_t at) { return at < 0 ? at + extent : at; };
    const std::int64_t first = std::clamp(place(std::max(start, -extent - 1)), std::int64_t{0},
                                          step > 0 ? extent : extent - 1);
    const std::int64_t stop =
        std::clamp(place(std::max(end, -extent - 1)), std::int64_t{step > 0 ? 0 : -1}, extent);
    const std::int64_t count =
        step > 0 ? (stop - first + step - 1) / step : (first - stop - step - 1) / -step;
    if (count < 1) throw bad_input("takes nothing along axis {}", axis + 1);
    slice.start[axis] = static_cast<int>(first);
    slice.step[axis] = static_cast<int>(step);
    slice.shape[axis] = static_cast<int>(count);
}

}  // namespace

Operator convert_flatten(OnnxSource& source) {
    const std::int64_t axis = source.attributes.integer("axis", 1);
    if (axis != 1 && axis != 1 - static_cast<std::int64_t>(rank_of(source))) {
        throw bad_input("attribute axis = {} is not supported (1 is)", axis);
    }
    return Flatten{};
}

// To [batch, ...] with batch 0 (keep), 1, -1 or the input's own; a 0 keeps an extent, one -1 is
// what is left.
Operator convert_reshape(OnnxSource& source) {
    source.attributes.require("allowzero", 0);
    const std::vector<std::int64_t> target = integer_values(source.required_constant(1));
    const Shape& in = source.activations[0];
    const auto values = static_cast<std::int64_t>(element_count(in));
    const auto refuse = [&] {
        std::string text;
        for (const std::int64_t extent : target) {
            if (!text.empty()) text += ", ";
            text += extent == kBatchExtent ? "batch" : std::to_string(extent);
        }
        throw bad_input("input of {} cannot become [{}]; [batch, {}] and the like can",
                        describe(in), text, values);
    };
    if (target.size() < 2 || (target[0] != kBatchExtent && (target[0] < -1 || target[0] > 1))) {
        refuse();
    }
    Shape shape;
    std::int64_t known = 1;
    std::size_t open = 0;  // where the -1 stands; 0 is the batch
    for (std::size_t i = 1; i < target.size(); ++i) {
        std::int64_t extent = target[i];
        if (extent == 0 && i <= in.size()) extent = in[i - 1];
        if (extent == -1 && open == 0 && target[0] != -1) {
            open = i;
            extent = 1;
        }
        if (extent < 1 || extent > values / known) refuse();
        known *= extent;
        shape.push_back(static_cast<int>(extent));
    }
    if (open > 0) shape[open - 1] = static_cast<int>(values / known);
    if (static_cast<std::int64_t>(element_count(shape)) != values) refuse();
    if (shape.size() == 1) return Flatten{};
    return Reshape{shape};
}

Operator convert_transpose(OnnxSource& source) {
    std::vector<std::int64_t> order = source.attributes.integers("perm");
    const std::size_t rank = rank_of(source);
    std::vector<std::int64_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::int64_t> all(rank);
    std::iota(all.begin(), all.end(), 0);
    if (sorted != all) throw bad_input("attribute perm is no order of {} dimensions", rank);
    if (order[0] != 0) throw bad_input("moves the batch to another place");
    Transpose made;
    for (std::size_t i = 1; i < rank; ++i) made.order.push_back(static_cast<int>(order[i]) - 1);
    return made;
}

Operator convert_squeeze(OnnxSource& source) {
    const Shape& in = source.activations[0];
    std::vector<int> axes = axes_without_batch(source.numbers(1, "axes"), rank_of(source));
    const bool all = axes.empty();
    Shape shape;
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        const bool named = std::count(axes.begin(), axes.end(), static_cast<int>(axis)) > 0;
        if (named && in[axis] != 1) {
            throw bad_input("axis {} has an extent of {}, 1 expected", axis + 1, in[axis]);
        }
        if (!named && !(all && in[axis] == 1)) shape.push_back(in[axis]);
    }
    if (shape.empty()) shape.push_back(1);
    return Reshape{shape};
}

Operator convert_unsqueeze(OnnxSource& source) {
    const Shape& in = source.activations[0];
    const auto wanted = source.numbers(1, "axes");
    if (wanted.empty()) throw bad_input("axes are missing");
    const std::vector<int> axes = axes_without_batch(wanted, rank_of(source) + wanted.size());
    Shape shape = in;
    for (const int axis : axes) shape.insert(shape.begin() + axis, 1);
    return Reshape{shape};
}

Operator convert_slice(OnnxSource& source) {
    const Shape& in = source.activations[0];
    const auto starts = source.numbers(1, "starts");
    const auto ends = source.numbers(2, "ends");
    std::vector<std::int64_t> axes = source.numbers(3, "axes");
    std::vector<std::int64_t> steps = source.numbers(4, "steps");
    if (axes.empty()) {
        axes.resize(starts.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    if (steps.empty()) steps.assign(starts.size(), 1);
    if (starts.empty() || ends.size() != starts.size() || axes.size() != starts.size() ||
        steps.size() != starts.size()) {
        throw bad_input("has {} starts, {} ends, {} axes and {} steps", starts.size(), ends.size(),
                        axes.size(), steps.size());
    }
    Slice made{std::vector<int>(in.size(), 0), std::vector<int>(in.size(), 1), in};
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const bool whole = starts[i] == 0 && ends[i] >= std::numeric_limits<int>::max();
        if (axes[i] == 0 && whole && steps[i] == 1) continue;  // the whole batch
        const int axis = axis_without_batch(axes[i], rank_of(source));
        slice_axis(made, static_cast<std::size_t>(axis), starts[i], ends[i], steps[i]);
    }
    return made;
}

Operator convert_pad(OnnxSource& source) {
    const std::string mode = source.attributes.text("mode", "constant");
    if (mode != "constant") throw bad_input("attribute mode = {} is not supported", mode);
    const std::vector<std::int64_t> pads = source.numbers(1, "pads");
    const std::size_t rank = rank_of(source);
    if (pads.size() != 2 * rank) {
        throw bad_input("has {} pads, {} expected for {} dimensions", pads.size(), 2 * rank, rank);
    }
    if (pads[0] != 0 || pads[rank] != 0) throw bad_input("pads the batch");
    Pad made;
    for (std::size_t axis = 1; axis < rank; ++axis) {
        for (const std::int64_t count : {pads[axis], pads[rank + axis]}) {
            if (count < 0) throw bad_input("pads by {}; negative pads are not supported", count);
        }
        made.begin.push_back(to_int(pads[axis]));
        made.end.push_back(to_int(pads[rank + axis]));
    }
    made.value = source.number(2, "value", 0.0f);
    return made;
}

Operator convert_concat(OnnxSource& source) {
    for (int i = 0; i < source.node.input_size(); ++i) {
        if (source.is_constant(i)) {
            throw bad_input("input '{}' is a constant, an activation expected",
                            source.node.input(i));
        }
    }
    if (!source.attributes.has("axis")) throw bad_input("attribute axis is missing");
    return Concat{axis_without_batch(source.attributes.integer("axis", 1), rank_of(source))};
}

Operator convert_reduce_mean(OnnxSource& source) {
    const bool keep = source.attributes.integer("keepdims", 1) != 0;
    const std::vector<std::int64_t> axes = source.attributes.integers("axes");
    if (axes.empty()) throw bad_input("attribute axes is missing (it would average the batch)");
    return ReduceMean{axes_without_batch(axes, rank_of(source)), keep};
}

}  // namespace mho::flows
