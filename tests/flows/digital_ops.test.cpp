// SPDX-License-Identifier: Apache-2.0
#include "flows/digital_ops.h"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::flows;

namespace {

Window window(int kernel, int stride, int pad) {
    Window made;
    made.kernel = {kernel, kernel};
    made.stride = {stride, stride};
    made.pad_begin = {pad, pad};
    made.pad_end = {pad, pad};
    return made;
}

constexpr int kChannels = 2, kHeight = 7, kWidth = 5;

std::vector<float> image() {
    std::vector<float> pixels(kChannels * kHeight * kWidth);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        pixels[i] = static_cast<float>(i * i % 101) - 40;
    }
    return pixels;
}

// Kernel, stride, dilation, padding before and after, on both axes.
std::vector<Window> odd_windows() {
    std::vector<Window> made;
    for (const auto& [kernel, stride, dilation, before, after] : {std::array{1, 1, 1, 0, 0},
                                                                  {1, 2, 1, 0, 0},
                                                                  {3, 1, 1, 1, 1},
                                                                  {3, 2, 1, 0, 1},
                                                                  {2, 3, 2, 2, 0},
                                                                  {5, 1, 1, 2, 2},
                                                                  {3, 1, 2, 4, 3},
                                                                  {2, 1, 1, 6, 7},
                                                                  {4, 7, 1, 3, 9}}) {
        Window w = window(kernel, stride, 0);
        w.dilation = {dilation, dilation};
        w.pad_begin = {before, before};
        w.pad_end = {after, after};
        made.push_back(w);
    }
    return made;
}

int outputs(int extent, const Window& w, std::size_t axis) {
    const int reach = w.dilation[axis] * (w.kernel[axis] - 1) + 1;
    return (extent + w.pad_begin[axis] + w.pad_end[axis] - reach) / w.stride[axis] + 1;
}

// The pixels of image() under one window, row by row; none where there is padding.
std::vector<std::optional<float>> under_window(const Window& w, int channel, int oy, int ox) {
    const std::vector<float> in = image();
    std::vector<std::optional<float>> under;
    for (int ky = 0; ky < w.kernel[0]; ++ky) {
        for (int kx = 0; kx < w.kernel[1]; ++kx) {
            const int y = oy * w.stride[0] - w.pad_begin[0] + ky * w.dilation[0];
            const int x = ox * w.stride[1] - w.pad_begin[1] + kx * w.dilation[1];
            under.emplace_back();
            if (y < 0 || y >= kHeight || x < 0 || x >= kWidth) continue;
            under.back() = in[static_cast<std::size_t>((channel * kHeight + y) * kWidth + x)];
        }
    }
    return under;
}

}  // namespace

TEST_CASE("average pooling counts padding only where asked") {
    const std::vector<float> in{1, 2, 3, 4};
    std::vector<float> out(4);
    average_pool(in, {1, 2, 2}, {window(2, 2, 1), false}, out);
    CHECK(out == std::vector<float>{1, 2, 3, 4});
    average_pool(in, {1, 2, 2}, {window(2, 2, 1), true}, out);
    CHECK(out == std::vector<float>{0.25f, 0.5f, 0.75f, 1.0f});
}

TEST_CASE("max pooling ignores padding even where all values are negative") {
    const std::vector<float> in{-1, -2, -3, -4};
    std::vector<float> out(1);
    max_pool(in, {1, 2, 2}, {window(3, 3, 1)}, out);
    CHECK(out[0] == -1);
}

TEST_CASE("pooling slides over each channel on its own with stride and unequal padding") {
    // Two channels of 3 x 4; kernel 2 x 3, stride 1 x 2, one column of padding on the left.
    std::vector<float> in(24);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i);
    Window w;
    w.kernel = {2, 3};
    w.stride = {1, 2};
    w.pad_begin = {0, 1};
    const Shape out_shape = output_shape(MaxPool{w}, {{2, 3, 4}});
    CHECK(out_shape == Shape{2, 2, 2});
    std::vector<float> out(8);
    max_pool(in, {2, 3, 4}, {w}, out);
    CHECK(out == std::vector<float>{5, 7, 9, 11, 17, 19, 21, 23});
    average_pool(in, {2, 3, 4}, {w, false}, out);
    CHECK(out == std::vector<float>{2.5, 4, 6.5, 8, 14.5, 16, 18.5, 20});
}

TEST_CASE("global pooling averages each channel and softmax survives large scores") {
    std::vector<float> out(2);
    global_average_pool(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 1, 3}, out);
    CHECK(out == std::vector<float>{2, 5});
    softmax(std::vector<float>{1000, 1001}, out);
    CHECK_THAT(out[1], WithinRel(1.0f / (1.0f + std::exp(-1.0f)), 1e-6f));
    CHECK_THAT(out[0] + out[1], WithinAbs(1.0f, 1e-6f));
}

TEST_CASE("im2col orders channel, kernel row, kernel column and pads with zero") {
    const std::vector<float> in{1, 2, 3, 4, 5, 6, 7, 8};  // two channels of 2 x 2
    Window w = window(2, 1, 0);
    w.pad_begin = {0, 1};
    std::vector<float> rows(2 * 8);
    im2col(in, {2, 2, 2}, w, rows);
    CHECK(rows == std::vector<float>{0, 1, 0, 3, 0, 5, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("im2col picks the pixels of the definition for any stride, dilation and padding") {
    const Window w = GENERATE(Catch::Generators::from_range(odd_windows()));
    std::vector<float> expected;
    for (int oy = 0; oy < outputs(kHeight, w, 0); ++oy) {
        for (int ox = 0; ox < outputs(kWidth, w, 1); ++ox) {
            for (int c = 0; c < kChannels; ++c) {
                for (const auto& pixel : under_window(w, c, oy, ox)) {
                    expected.push_back(pixel.value_or(0.0f));
                }
            }
        }
    }
    std::vector<float> found(expected.size(), -1.0f);
    im2col(image(), {kChannels, kHeight, kWidth}, w, found);
    CHECK(found == expected);
}

TEST_CASE("pooling works on the pixels of the definition for any stride and padding") {
    Window w = GENERATE(Catch::Generators::from_range(odd_windows()));
    w.dilation = {1, 1};
    std::vector<float> largest, average;
    for (int c = 0; c < kChannels; ++c) {
        for (int oy = 0; oy < outputs(kHeight, w, 0); ++oy) {
            for (int ox = 0; ox < outputs(kWidth, w, 1); ++ox) {
                float most = std::numeric_limits<float>::lowest(), sum = 0, count = 0;
                for (const auto& pixel : under_window(w, c, oy, ox)) {
                    if (!pixel) continue;
                    most = std::max(most, *pixel);
                    sum += *pixel;
                    ++count;
                }
                largest.push_back(most);
                average.push_back(sum / std::max(count, 1.0f));
            }
        }
    }
    std::vector<float> found(largest.size());
    max_pool(image(), {kChannels, kHeight, kWidth}, {w}, found);
    CHECK(found == largest);
    average_pool(image(), {kChannels, kHeight, kWidth}, {w, false}, found);
    CHECK(found == average);
}

TEST_CASE("relu works element by element") {
    std::vector<float> out(3);
    relu(std::vector<float>{-1, 0, 2}, out);
    CHECK(out == std::vector<float>{0, 0, 2});
}
