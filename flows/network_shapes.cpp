// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/error.h"
#include "flows/network.h"

namespace mho::flows {
namespace {

void require_feature_map(const Shape& shape) {
    if (shape.size() != 3) {
        throw bad_input("input has shape {}, channels x height x width expected", describe(shape));
    }
}

void require_rank(std::size_t found, const Shape& shape) {
    if (found != shape.size()) {
        throw bad_input("works on {} dimensions, the input has shape {}", found, describe(shape));
    }
}

// Extent along one axis: floor((in + pads - dilation (kernel - 1) - 1) / stride) + 1.
int slide(int extent, const Window& window, std::size_t axis) {
    const std::int64_t reach = std::int64_t{window.dilation[axis]} * (window.kernel[axis] - 1) + 1;
    const std::int64_t padded =
        std::int64_t{extent} + window.pad_begin[axis] + window.pad_end[axis];
    if (padded < reach) {
        throw bad_input("window of {} is larger than the padded input of {}", reach, padded);
    }
    const std::int64_t steps = (padded - reach) / window.stride[axis] + 1;
    if (steps > std::numeric_limits<int>::max()) throw bad_input("output is too large");
    return static_cast<int>(steps);
}

Shape slide_over(const Shape& in, const Window& window, int channels) {
    return {channels, slide(in[1], window, 0), slide(in[2], window, 1)};
}

Shape shape_of(const Conv& conv, const Shape& in) {
    require_feature_map(in);
    if (in[0] != conv.channels_in) {
        throw bad_input("input has {} channels, the weights expect {}", in[0], conv.channels_in);
    }
    return slide_over(in, conv.window, conv.channels_out);
}

Shape shape_of(const Gemm& gemm, const Shape& in) {
    if (in.empty() || in.back() != gemm.inputs) {
        throw bad_input("input has shape {}, the weights expect {}", describe(in), gemm.inputs);
    }
    Shape out = in;
    out.back() = gemm.outputs;
    return out;
}

Shape shape_of(const AveragePool& pool, const Shape& in) {
    require_feature_map(in);
    return slide_over(in, pool.window, in[0]);
}

Shape shape_of(const MaxPool& pool, const Shape& in) {
    require_feature_map(in);
    return slide_over(in, pool.window, in[0]);
}

Shape shape_of(const GlobalAveragePool&, const Shape& in) {
    require_feature_map(in);
    return {in[0], 1, 1};
}

Shape shape_of(const Flatten&, const Shape& in) {
    return {static_cast<int>(element_count(in))};
}

Shape shape_of(const Softmax&, const Shape& in) {
    if (in.size() != 1) {
        throw bad_input("input has shape {}, a flat one expected", describe(in));
    }
    return in;
}

Shape shape_of(const Relu&, const Shape& in) {
    return in;
}

Shape shape_of(const Identity&, const Shape& in) {
    return in;
}

Shape shape_of(const Unary&, const Shape& in) {
    return in;
}

// Both repeated to a common shape, counted from the last axis; empty when they do not fit.
Shape broadcast(const Shape& a, const Shape& b) {
    Shape out(std::max(a.size(), b.size()));
    for (std::size_t i = 1; i <= out.size(); ++i) {
        const int from_a = i <= a.size() ? a[a.size() - i] : 1;
        const int from_b = i <= b.size() ? b[b.size() - i] : 1;
        if (from_a != from_b && from_a != 1 && from_b != 1) return {};
        out[out.size() - i] = std::max(from_a, from_b);
    }
    return out;
}

Shape shape_of(const ScaleShift& op, const Shape& in) {
    if (broadcast(op.shape, in) != in) {
        throw bad_input("constant of shape {} does not fit the input of {}", describe(op.shape),
                        describe(in));
    }
    return in;
}

Shape shape_of(const Pad& pad, const Shape& in) {
    require_rank(pad.begin.size(), in);
    Shape out = in;
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        const std::int64_t extent = std::int64_t{in[axis]} + pad.begin[axis] + pad.end[axis];
        if (extent > std::numeric_limits<int>::max()) throw bad_input("output is too large");
        out[axis] = static_cast<int>(extent);
    }
    return out;
}

Shape shape_of(const Slice& slice, const Shape& in) {
    require_rank(slice.shape.size(), in);
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        const std::int64_t last =
            slice.start[axis] + std::int64_t{slice.step[axis]} * (slice.shape[axis] - 1);
        if (slice.shape[axis] < 1 || slice.start[axis] < 0 || slice.start[axis] >= in[axis] ||
            last < 0 || last >= in[axis]) {
            throw bad_input("takes nothing, or something outside the input of {}", describe(in));
        }
    }
    return slice.shape;
}

Shape shape_of(const ReduceMean& mean, const Shape& in) {
    Shape out;
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        const bool reduced = std::count(mean.axes.begin(), mean.axes.end(), static_cast<int>(axis));
        if (!reduced) out.push_back(in[axis]);
        if (reduced && mean.keep_axes) out.push_back(1);
    }
    if (out.empty()) out.push_back(1);
    return out;
}

Shape shape_of(const Reshape& reshape, const Shape& in) {
    if (element_count(reshape.shape) != element_count(in)) {
        throw bad_input("input of {} has another number of values than {}", describe(in),
                        describe(reshape.shape));
    }
    return reshape.shape;
}

Shape shape_of(const Transpose& transpose, const Shape& in) {
    require_rank(transpose.order.size(), in);
    Shape out;
    for (const int axis : transpose.order) out.push_back(in[static_cast<std::size_t>(axis)]);
    return out;
}

Shape shape_of_two(const Shape& a, const Shape& b) {
    Shape out = broadcast(a, b);
    if (out.empty()) {
        throw bad_input("inputs have different shapes, {} and {}", describe(a), describe(b));
    }
    return out;
}

Shape shape_of_concat(const Concat& concat, const std::vector<Shape>& inputs) {
    Shape out = inputs[0];
    const auto axis = static_cast<std::size_t>(concat.axis);
    if (axis >= out.size()) {
        throw bad_input("axis {} is none of an input of shape {}", axis + 1, describe(out));
    }
    std::int64_t extent = out[axis];
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        Shape fitted = inputs[i];
        if (axis < fitted.size()) fitted[axis] = out[axis];
        if (fitted != out) {
            throw bad_input("inputs of shapes {} and {} cannot be joined", describe(inputs[0]),
                            describe(inputs[i]));
        }
        extent += inputs[i][axis];
    }
    if (extent > std::numeric_limits<int>::max()) throw bad_input("output is too large");
    out[axis] = static_cast<int>(extent);
    return out;
}

Shape shape_of_output(const Operator& op, const std::vector<Shape>& inputs) {
    if (inputs.empty()) throw bad_input("has no input tensor");
    if (const auto* concat = std::get_if<Concat>(&op)) return shape_of_concat(*concat, inputs);
    const bool two = std::holds_alternative<Add>(op) || std::holds_alternative<Mul>(op);
    if (inputs.size() != (two ? 2u : 1u)) {
        throw bad_input("has {} input tensors, {} expected", inputs.size(), two ? 2 : 1);
    }
    return std::visit(Overloaded{[&](const Add&) { return shape_of_two(inputs[0], inputs[1]); },
                                 [&](const Mul&) { return shape_of_two(inputs[0], inputs[1]); },
                                 [&](const Concat&) { return inputs[0]; },
                                 [&](const auto& one) { return shape_of(one, inputs[0]); }},
                      op);
}

}  // namespace

Shape output_shape(const Operator& op, const std::vector<Shape>& inputs) {
    constexpr double kMaxElements = 1 << 28;
    const Shape shape = shape_of_output(op, inputs);
    double elements = 1;
    for (const int extent : shape) elements *= extent;
    if (elements > kMaxElements) throw bad_input("output of {} is too large", describe(shape));
    return shape;
}

}  // namespace mho::flows
