// SPDX-License-Identifier: Apache-2.0
#include "flows/digital_ops.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>

namespace mho::flows {
namespace {

// Output extent along one axis (see output_shape).
int steps(int extent, const Window& window, std::size_t axis) {
    const int reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    return (extent + window.pad_begin[axis] + window.pad_end[axis] - reach) / window.stride[axis] +
           1;
}

// One pixel of every window along an axis: pixel offset + stride p of the image for the output
// positions p = first .. end-1, where it lies inside.
struct Tap {
    int offset;
    int stride;
    int first;
    int end;
};
Tap tap(int offset, int stride, int extent, int positions) {
    const int first = offset < 0 ? (-offset + stride - 1) / stride : 0;
    const int end = offset < extent ? (extent - 1 - offset) / stride + 1 : 0;
    return {offset, stride, first, std::min(end, positions)};
}

// Output p is at to[p to_stride] and becomes put(output, its pixel).
template <typename Put>
void along_row(const float* pixels, const Tap& tap, float* to, std::ptrdiff_t to_stride, Put put) {
    for (std::ptrdiff_t p = tap.first; p < tap.end; ++p) {
        to[p * to_stride] = put(to[p * to_stride], pixels[tap.offset + p * tap.stride]);
    }
}

// out = put(out, pixel) for each pixel under each output's window that lies inside the image, row
// by row.
template <typename Put>
void pool(std::span<const float> in, const Shape& shape, const Window& window, float initial,
          Put put, std::span<float> out) {
    const int height = shape[1];
    const int width = shape[2];
    const int out_height = steps(height, window, 0);
    const int out_width = steps(width, window, 1);
    std::fill(out.begin(), out.end(), initial);
    float* to = out.data();
    for (int c = 0; c < shape[0]; ++c) {
        const float* const plane = in.data() + std::ptrdiff_t{c} * height * width;
        for (int oy = 0; oy < out_height; ++oy, to += out_width) {
            const int top = oy * window.stride[0] - window.pad_begin[0];
            for (int y = std::max(top, 0); y < std::min(top + window.kernel[0], height); ++y) {
                for (int kx = 0; kx < window.kernel[1]; ++kx) {
                    const int offset = kx - window.pad_begin[1];
                    along_row(plane + std::ptrdiff_t{y} * width,
                              tap(offset, window.stride[1], width, out_width), to, 1, put);
                }
            }
        }
    }
}

// Pixels of the image under the window at output position `o` along one axis.
int pixels_under(int o, int extent, const Window& window, std::size_t axis) {
    const int begin = o * window.stride[axis] - window.pad_begin[axis];
    return std::max(std::min(begin + window.kernel[axis], extent) - std::max(begin, 0), 0);
}

}  // namespace

void im2col(std::span<const float> in, const Shape& shape, const Window& window,
            std::span<float> rows) {
    const int height = shape[1];
    const int width = shape[2];
    const int out_height = steps(height, window, 0);
    const int out_width = steps(width, window, 1);
    const int row = shape[0] * window.kernel[0] * window.kernel[1];
    const bool padded = window.pad_begin[0] > 0 || window.pad_begin[1] > 0 ||
                        window.pad_end[0] > 0 || window.pad_end[1] > 0;
    if (padded) std::fill(rows.begin(), rows.end(), 0.0f);
    const auto take = [](float, float pixel) { return pixel; };
    for (int oy = 0; oy < out_height; ++oy) {
        const int top = oy * window.stride[0] - window.pad_begin[0];
        float* to = rows.data() + std::ptrdiff_t{oy} * out_width * row;
        for (int c = 0; c < shape[0]; ++c) {
            const float* const plane = in.data() + std::ptrdiff_t{c} * height * width;
            for (int ky = 0; ky < window.kernel[0]; ++ky) {
                const int y = top + ky * window.dilation[0];
                for (int kx = 0; kx < window.kernel[1]; ++kx, ++to) {
                    if (y < 0 || y >= height) continue;
                    const int offset = kx * window.dilation[1] - window.pad_begin[1];
                    along_row(plane + std::ptrdiff_t{y} * width,
                              tap(offset, window.stride[1], width, out_width), to, row, take);
                }
            }
        }
    }
}

void average_pool(std::span<const float> in, const Shape& shape, const AveragePool& average,
                  std::span<float> out) {
    const Window& window = average.window;
    pool(in, shape, window, 0.0f, std::plus<>(), out);
    const int whole = window.kernel[0] * window.kernel[1];
    const int out_height = steps(shape[1], window, 0);
    const int out_width = steps(shape[2], window, 1);
    float* to = out.data();
    for (int c = 0; c < shape[0]; ++c) {
        for (int oy = 0; oy < out_height; ++oy) {
            const int high = pixels_under(oy, shape[1], window, 0);
            for (int ox = 0; ox < out_width; ++ox) {
                const int count = high * pixels_under(ox, shape[2], window, 1);
                *to++ /= static_cast<float>(average.count_padding ? whole : std::max(count, 1));
            }
        }
    }
}

void max_pool(std::span<const float> in, const Shape& shape, const MaxPool& largest,
              std::span<float> out) {
    pool(
        in, shape, largest.window, std::numeric_limits<float>::lowest(),
        [](float a, float b) { return std::max(a, b); }, out);
}

void global_average_pool(std::span<const float> in, const Shape& shape, std::span<float> out) {
    const auto plane = static_cast<std::size_t>(shape[1]) * static_cast<std::size_t>(shape[2]);
    for (std::size_t c = 0; c < out.size(); ++c) {
        const auto values = in.subspan(c * plane, plane);
        out[c] = std::accumulate(values.begin(), values.end(), 0.0f) / static_cast<float>(plane);
    }
}

void relu(std::span<const float> in, std::span<float> out) {
    std::transform(in.begin(), in.end(), out.begin(), [](float x) { return std::max(x, 0.0f); });
}

void apply(const Unary& op, std::span<const float> in, std::span<float> out) {
    const float a = op.a;
    const float b = op.b;
    const auto each = [&](auto function) {
        std::transform(in.begin(), in.end(), out.begin(), function);
    };
    switch (op.kind) {
        case UnaryKind::clip:
            return each([=](float x) { return std::min(std::max(x, a), b); });
        case UnaryKind::leaky_relu:
            return each([=](float x) { return x < 0 ? a * x : x; });
        case UnaryKind::sigmoid:
            return each([](float x) { return 1 / (1 + std::exp(-x)); });
        case UnaryKind::tanh:
            return each([](float x) { return std::tanh(x); });
        case UnaryKind::hard_sigmoid:
            return each([=](float x) { return std::min(std::max(a * x + b, 0.0f), 1.0f); });
        case UnaryKind::hard_swish:
            return each([](float x) { return x * std::min(std::max(x / 6 + 0.5f, 0.0f), 1.0f); });
        case UnaryKind::floor:
            return each([](float x) { return std::floor(x); });
        case UnaryKind::round:
            return each([](float x) { return std::nearbyint(x); });
    }
}

void softmax(std::span<const float> in, std::span<float> out) {
    const float largest = *std::max_element(in.begin(), in.end());
    float sum = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
        out[i] = std::exp(in[i] - largest);
        sum += out[i];
    }
    for (float& value : out) value /= sum;
}

}  // namespace mho::flows
