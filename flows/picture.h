// SPDX-License-Identifier: Apache-2.0
// One JPEG or PNG file as pixels of a wanted size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mho::flows {

// Bytes, rows of pixels from the top, channels interleaved, red first.
struct Picture {
    int channels = 0;  // 1 (grey) or 3
    int height = 0;
    int width = 0;
    std::vector<std::uint8_t> pixels;
};

// JPEG and PNG, told apart by their first bytes; converted to grey or colour as `channels` asks,
// transparency over black. Throws bad_input naming the file when it is neither, cut off or
// corrupt.
Picture read_picture(const std::filesystem::path& path, int channels);

// Bilinear with antialiasing: a triangle filter as wide as the reduction, rows first, coefficients
// of 22 bits and bytes in between, so that the bits are those of Pillow's Image.resize.
Picture resized(const Picture& picture, int height, int width);

// The usual ImageNet steps: the shorter side becomes `shorter` (the other in proportion, rounded
// down), then the middle crop of `height` x `width`. With shorter = 0, pictures of exactly the
// wanted size stay as they are, and others are resized so that the crop takes 7/8 of the shorter
// side (256 for 224). Throws bad_input when the crop is larger than the resized picture.
struct PictureSize {
    int shorter = 0;
    int height = 0;
    int width = 0;
};
Picture fitted(const Picture& picture, const PictureSize& size);

}  // namespace mho::flows
