// SPDX-License-Identifier: Apache-2.0
// Operators that move values, or meet tensors of different shapes, one image at a time; tensors are
// row-major. Shapes have passed output_shape.
#pragma once

#include <span>

#include "flows/network.h"

namespace mho::flows {

// Writes input tensor `part` of the joined ones: its values go to index `first` on along the axis.
void concat_part(std::span<const float> in, const Shape& in_shape, const Concat& concat, int first,
                 const Shape& out_shape, std::span<float> out);
void pad(std::span<const float> in, const Shape& in_shape, const Pad& pad, const Shape& out_shape,
         std::span<float> out);
void slice(std::span<const float> in, const Shape& in_shape, const Slice& slice,
           std::span<float> out);
void transpose(std::span<const float> in, const Shape& in_shape, const Transpose& transpose,
               const Shape& out_shape, std::span<float> out);
void reduce_mean(std::span<const float> in, const Shape& in_shape, const ReduceMean& mean,
                 std::span<float> out);
void scale_shift(std::span<const float> in, const Shape& in_shape, const ScaleShift& op,
                 std::span<float> out);

// An input with its shape, repeated along axes of extent 1.
struct Repeated {
    std::span<const float> values;
    const Shape& shape;
};
void add(const Repeated& a, const Repeated& b, const Shape& out_shape, std::span<float> out);
void multiply(const Repeated& a, const Repeated& b, const Shape& out_shape, std::span<float> out);

}  // namespace mho::flows
