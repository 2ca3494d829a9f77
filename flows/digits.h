// SPDX-License-Identifier: Apache-2.0
// Generated handwritten-like digits: the embedded data set of the demonstration. Every image is
// drawn from strokes with the variations of handwriting (shape, slant, size, pen, smooth
// distortion) and of a scanner (contrast, noise). Image `index` of `seed` is always the same,
// whichever others are drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mho::flows {

// Standard deviations of normal variations unless a range is named; lengths in units of the glyph's
// height.
struct DigitStyle {
    int size = 16;         // pixels a side, 8 .. 256
    double margin = 0.13;  // free border on each side, fraction of the image's side
    double rotation_radian = 0.15;
    double shear = 0.20;
    double log_scale = 0.10;  // of width and of height, each by itself
    double shift = 0.04;
    double control_point = 0.032;   // each control point of a stroke
    double elastic = 0.025;         // each wave of the smooth displacement field
    double pen_radius_low = 0.040;  // uniform range
    double pen_radius_high = 0.085;
    double ink_low = 0.65;  // grey value of a full stroke, uniform range low .. 1
    double noise = 0.12;    // grey value, each pixel by itself
};

struct DigitSet {
    int size = 0;                      // pixels a side
    std::vector<std::uint8_t> pixels;  // images x size x size, row-major; 0 paper, 255 ink
    std::vector<std::uint8_t> labels;  // one per image

    std::size_t count() const { return labels.size(); }
};

// The label of image `index`: each block of ten images holds the ten digits in a drawn order.
int digit_label(std::uint64_t seed, std::uint32_t index);

// Image `index` of `seed`, size x size pixels. Throws bad_input for a size outside 8 .. 256.
std::vector<std::uint8_t> draw_digit(std::uint64_t seed, std::uint32_t index,
                                     const DigitStyle& style = {});

// Images 0 .. count-1. `threads` = 0: one per hardware thread; the result does not depend on it.
DigitSet make_digits(std::uint64_t seed, std::uint32_t count, const DigitStyle& style = {},
                     std::size_t threads = 0);

}  // namespace mho::flows
