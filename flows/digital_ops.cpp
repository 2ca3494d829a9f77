// SPDX-License-Identifier: Apache-2.0
#include "flows/digital_ops.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
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

// Calls visit(pixels) for every output position of every channel, in order, where `pixels(use)`
// calls use(value) for each value under the kernel that lies inside the image.
template <typename Visit>
void for_each_window(std::span<const float> in, const Shape& shape, const Window& window,
                     Visit visit) {
    const int height = shape[1];
    const int width = shape[2];
    const int out_height = steps(height, window, 0);
    const int out_width = steps(width, window, 1);
    for (int c = 0; c < shape[0]; ++c) {
        const float* const plane = in.data() + std::ptrdiff_t{c} * height * width;
        for (int oy = 0; oy < out_height; ++oy) {
            const int top = oy * window.stride[0] - window.pad_begin[0];
            const int y0 = std::max(top, 0);
            const int y1 = std::min(top + window.kernel[0], height);
            for (int ox = 0; ox < out_width; ++ox) {
                const int left = ox * window.stride[1] - window.pad_begin[1];
                const int x0 = std::max(left, 0);
                const int x1 = std::min(left + window.kernel[1], width);
                visit([&](auto use) {
                    for (int y = y0; y < y1; ++y) {
                        for (int x = x0; x < x1; ++x) use(plane[std::ptrdiff_t{y} * width + x]);
                    }
                });
            }
        }
    }
}

}  // namespace

void im2col(std::span<const float> in, const Shape& shape, const Window& window,
            std::span<float> rows) {
    const int height = shape[1];
    const int width = shape[2];
    const int out_height = steps(height, window, 0);
    const int out_width = steps(width, window, 1);
    float* to = rows.data();
    for (int oy = 0; oy < out_height; ++oy) {
        const int top = oy * window.stride[0] - window.pad_begin[0];
        for (int ox = 0; ox < out_width; ++ox) {
            const int left = ox * window.stride[1] - window.pad_begin[1];
            for (int c = 0; c < shape[0]; ++c) {
                const float* const plane = in.data() + std::ptrdiff_t{c} * height * width;
                for (int ky = 0; ky < window.kernel[0]; ++ky) {
                    const int y = top + ky * window.dilation[0];
                    const bool row_inside = y >= 0 && y < height;
                    for (int kx = 0; kx < window.kernel[1]; ++kx) {
                        const int x = left + kx * window.dilation[1];
                        const bool inside = row_inside && x >= 0 && x < width;
                        *to++ = inside ? plane[std::ptrdiff_t{y} * width + x] : 0.0f;
                    }
                }
            }
        }
    }
}

void average_pool(std::span<const float> in, const Shape& shape, const AveragePool& pool,
                  std::span<float> out) {
    const int whole = pool.window.kernel[0] * pool.window.kernel[1];
    float* to = out.data();
    for_each_window(in, shape, pool.window, [&](auto pixels) {
        float sum = 0;
        int count = 0;
        pixels([&](float value) {
            sum += value;
            ++count;
        });
        const int divisor = pool.count_padding ? whole : std::max(count, 1);
        *to++ = sum / static_cast<float>(divisor);
    });
}

void max_pool(std::span<const float> in, const Shape& shape, const MaxPool& pool,
              std::span<float> out) {
    float* to = out.data();
    for_each_window(in, shape, pool.window, [&](auto pixels) {
        float largest = std::numeric_limits<float>::lowest();
        pixels([&](float value) { largest = std::max(largest, value); });
        *to++ = largest;
    });
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

void add(std::span<const float> a, std::span<const float> b, std::span<float> out) {
    std::transform(a.begin(), a.end(), b.begin(), out.begin(), std::plus<>());
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
