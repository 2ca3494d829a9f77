// SPDX-License-Identifier: Apache-2.0
#include "flows/layout_ops.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace mho::flows {
namespace {

// How far a step along each axis of a loop goes in a tensor.
using Strides = std::vector<std::ptrdiff_t>;

Strides row_major(const Shape& shape) {
    Strides strides(shape.size());
    std::ptrdiff_t stride = 1;
    for (std::size_t axis = shape.size(); axis > 0; --axis) {
        strides[axis - 1] = stride;
        stride *= shape[axis - 1];
    }
    return strides;
}

// Of a tensor that is repeated to `shape`.
Strides repeated(const Shape& tensor, const Shape& shape) {
    const Strides own = row_major(tensor);
    Strides strides(shape.size(), 0);
    for (std::size_t i = 1; i <= tensor.size(); ++i) {
        if (tensor[tensor.size() - i] > 1) strides[shape.size() - i] = own[tensor.size() - i];
    }
    return strides;
}

// Calls body(k, i) for every index of `shape` in row-major order: k counts from 0, i is the place
// in a tensor with these strides.
template <typename Body>
void for_each(const Shape& shape, const Strides& strides, std::ptrdiff_t start, Body body) {
    const std::size_t last = shape.size() - 1;
    std::vector<int> index(shape.size(), 0);
    std::ptrdiff_t k = 0, row = start;
    for (;;) {
        for (std::ptrdiff_t j = 0; j < shape[last]; ++j) body(k++, row + j * strides[last]);
        std::size_t axis = last;
        for (;; --axis) {
            if (axis == 0) return;
            row += strides[axis - 1];
            if (++index[axis - 1] < shape[axis - 1]) break;
            row -= strides[axis - 1] * shape[axis - 1];
            index[axis - 1] = 0;
        }
    }
}

template <typename Function>
void combine(const Repeated& a, const Repeated& b, const Shape& shape, std::span<float> out,
             Function function) {
    if (a.shape == shape && b.shape == shape) {
        std::transform(a.values.begin(), a.values.end(), b.values.begin(), out.begin(), function);
        return;
    }
    for_each(shape, repeated(a.shape, shape), 0, [&](std::ptrdiff_t k, std::ptrdiff_t i) {
        out[static_cast<std::size_t>(k)] = a.values[static_cast<std::size_t>(i)];
    });
    for_each(shape, repeated(b.shape, shape), 0, [&](std::ptrdiff_t k, std::ptrdiff_t i) {
        float& value = out[static_cast<std::size_t>(k)];
        value = function(value, b.values[static_cast<std::size_t>(i)]);
    });
}

// Writes the values of `in` at the places that `start` and `strides` give in `out`.
void place(std::span<const float> in, const Shape& shape, const Strides& strides,
           std::ptrdiff_t start, std::span<float> out) {
    for_each(shape, strides, start, [&](std::ptrdiff_t k, std::ptrdiff_t i) {
        out[static_cast<std::size_t>(i)] = in[static_cast<std::size_t>(k)];
    });
}

// Fills `out` from the places that `start` and `strides` give in `in`.
void take(std::span<const float> in, const Shape& shape, const Strides& strides,
          std::ptrdiff_t start, std::span<float> out) {
    for_each(shape, strides, start, [&](std::ptrdiff_t k, std::ptrdiff_t i) {
        out[static_cast<std::size_t>(k)] = in[static_cast<std::size_t>(i)];
    });
}

}  // namespace

void concat_part(std::span<const float> in, const Shape& in_shape, const Concat& concat, int first,
                 const Shape& out_shape, std::span<float> out) {
    const Strides strides = row_major(out_shape);
    place(in, in_shape, strides, first * strides[static_cast<std::size_t>(concat.axis)], out);
}

void pad(std::span<const float> in, const Shape& in_shape, const Pad& pad, const Shape& out_shape,
         std::span<float> out) {
    std::fill(out.begin(), out.end(), pad.value);
    const Strides strides = row_major(out_shape);
    std::ptrdiff_t start = 0;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
        start += pad.begin[axis] * strides[axis];
    }
    place(in, in_shape, strides, start, out);
}

void slice(std::span<const float> in, const Shape& in_shape, const Slice& slice,
           std::span<float> out) {
    Strides strides = row_major(in_shape);
    std::ptrdiff_t start = 0;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
        start += slice.start[axis] * strides[axis];
        strides[axis] *= slice.step[axis];
    }
    take(in, slice.shape, strides, start, out);
}

void transpose(std::span<const float> in, const Shape& in_shape, const Transpose& transpose,
               const Shape& out_shape, std::span<float> out) {
    const Strides own = row_major(in_shape);
    Strides strides;
    for (const int axis : transpose.order) strides.push_back(own[static_cast<std::size_t>(axis)]);
    take(in, out_shape, strides, 0, out);
}

void reduce_mean(std::span<const float> in, const Shape& in_shape, const ReduceMean& mean,
                 std::span<float> out) {
    Shape kept = in_shape;
    for (const int axis : mean.axes) kept[static_cast<std::size_t>(axis)] = 1;
    std::vector<double> sums(out.size(), 0.0);
    for_each(in_shape, repeated(kept, in_shape), 0, [&](std::ptrdiff_t k, std::ptrdiff_t i) {
        sums[static_cast<std::size_t>(i)] += static_cast<double>(in[static_cast<std::size_t>(k)]);
    });
    const auto count = static_cast<double>(in.size() / out.size());
    std::transform(sums.begin(), sums.end(), out.begin(),
                   [&](double sum) { return static_cast<float>(sum / count); });
}

void scale_shift(std::span<const float> in, const Shape& in_shape, const ScaleShift& op,
                 std::span<float> out) {
    for_each(in_shape, repeated(op.shape, in_shape), 0, [&](std::ptrdiff_t k, std::ptrdiff_t i) {
        const auto at = static_cast<std::size_t>(i);
        out[static_cast<std::size_t>(k)] =
            in[static_cast<std::size_t>(k)] * op.scale[at] + op.shift[at];
    });
}

void add(const Repeated& a, const Repeated& b, const Shape& out_shape, std::span<float> out) {
    combine(a, b, out_shape, out, std::plus<>());
}

void multiply(const Repeated& a, const Repeated& b, const Shape& out_shape, std::span<float> out) {
    combine(a, b, out_shape, out, std::multiplies<>());
}

}  // namespace mho::flows
