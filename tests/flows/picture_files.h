// SPDX-License-Identifier: Apache-2.0
// Pictures as files, made in the test.
#pragma once

#include <png.h>
#include <turbojpeg.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "flows/picture.h"

namespace mho::test {

inline std::string png_bytes(const flows::Picture& picture) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(picture.width);
    image.height = static_cast<png_uint_32>(picture.height);
    image.format = picture.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    png_alloc_size_t size = 0;
    REQUIRE(png_image_write_to_memory(&image, nullptr, &size, 0, picture.pixels.data(), 0,
                                      nullptr) != 0);
    std::string bytes(size, '\0');
    REQUIRE(png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.pixels.data(), 0,
                                      nullptr) != 0);
    bytes.resize(size);
    return bytes;
}

// One colour.
inline std::string plain_png(int height, int width, int red, int green, int blue) {
    flows::Picture picture{3, height, width, {}};
    for (int i = 0; i < height * width; ++i) {
        for (const int value : {red, green, blue}) {
            picture.pixels.push_back(static_cast<std::uint8_t>(value));
        }
    }
    return png_bytes(picture);
}

inline std::string jpeg_bytes(const flows::Picture& picture, int quality) {
    const tjhandle encoder = tjInitCompress();
    unsigned char* made = nullptr;
    unsigned long size = 0;
    const bool grey = picture.channels == 1;
    REQUIRE(tjCompress2(encoder, picture.pixels.data(), picture.width, 0, picture.height,
                        grey ? TJPF_GRAY : TJPF_RGB, &made, &size, grey ? TJSAMP_GRAY : TJSAMP_444,
                        quality, 0) == 0);
    std::string bytes(reinterpret_cast<const char*>(made), size);
    tjFree(made);
    tjDestroy(encoder);
    return bytes;
}

}  // namespace mho::test
