// SPDX-License-Identifier: Apache-2.0
#include "flows/picture.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "flows/picture_files.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::write_file;
using mho::test::jpeg_bytes;
using mho::test::png_bytes;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

Picture patterned(int channels, int height, int width) {
    Picture picture{channels, height, width, {}};
    for (long i = 0; i < long{channels} * height * width; ++i) {
        picture.pixels.push_back(static_cast<std::uint8_t>((i * i * 7 + i * 31) % 251));
    }
    return picture;
}

// Smooth, so that JPEG keeps it.
Picture ramp(int channels, int height, int width) {
    Picture picture{channels, height, width, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < channels; ++c) {
                picture.pixels.push_back(static_cast<std::uint8_t>(40 + 3 * x + 2 * y + 20 * c));
            }
        }
    }
    return picture;
}

struct Golden {
    int from_height, from_width, height, width;
    std::vector<int> pixels;
};

}  // namespace

TEST_CASE("resizing gives the bytes of Pillow's antialiased bilinear filter") {
    // Image.fromarray(patterned).resize((width, height), Image.BILINEAR) of Pillow 9.4.
    const auto golden = GENERATE(values<Golden>({
        {7,
         5,
         3,
         2,
         {109, 104, 122, 112, 97, 112, 114, 108, 168, 146, 144, 144, 121, 102, 148, 147, 149, 180}},
        {9, 6, 4, 6, {57,  96,  149, 166, 139, 141, 92,  121, 100, 108, 72,  93,  142, 98,  118,
                      102, 100, 112, 173, 110, 165, 112, 170, 163, 133, 147, 145, 121, 104, 144,
                      106, 119, 158, 144, 144, 158, 81,  118, 108, 106, 87,  113, 152, 102, 169,
                      147, 133, 175, 121, 136, 129, 117, 119, 135, 73,  118, 127, 93,  87,  138,
                      52,  131, 74,  181, 151, 85,  127, 89,  173, 163, 167, 185}},
    }));
    const Picture made =
        resized(patterned(3, golden.from_height, golden.from_width), golden.height, golden.width);
    CHECK((made.channels == 3 && made.height == golden.height && made.width == golden.width));
    CHECK(std::vector<int>(made.pixels.begin(), made.pixels.end()) == golden.pixels);
}

TEST_CASE("enlarging interpolates as Pillow does and keeps plain pictures plain") {
    const Picture made = resized(patterned(3, 4, 5), 6, 9);
    CHECK(std::vector<int>(made.pixels.begin(), made.pixels.begin() + 12) ==
          std::vector<int>{0, 38, 90, 52, 104, 86, 139, 214, 80, 170, 157, 130});
    CHECK(std::vector<int>(made.pixels.end() - 6, made.pixels.end()) ==
          std::vector<int>{192, 177, 93, 163, 246, 92});
    Picture plain{1, 5, 7, std::vector<std::uint8_t>(35, 200)};
    for (const std::uint8_t p : resized(plain, 13, 3).pixels) CHECK(p == 200);
}

TEST_CASE("fitting resizes the shorter side and takes the middle") {
    const Picture wide = patterned(1, 8, 20);
    // Shorter side 8 stays; the crop begins at ((20 - 4) / 2, (8 - 4) / 2).
    const Picture crop = fitted(wide, {8, 4, 4});
    CHECK(crop.pixels[0] == wide.pixels[2 * 20 + 8]);
    CHECK(crop.pixels[15] == wide.pixels[5 * 20 + 11]);
    // Without a size: exactly as large stays, others are cropped from 8/7 of the crop.
    CHECK(fitted(wide, {0, 8, 20}).pixels == wide.pixels);
    const Picture eight = patterned(1, 8, 8);
    CHECK(fitted(eight, {0, 7, 7}).pixels[0] == eight.pixels[0]);
    // 20 x 8 to a shorter side of 4: 10 x 4, the crop from column 3 on.
    const Picture half = resized(wide, 4, 10);
    CHECK(fitted(wide, {4, 4, 4}).pixels[0] == half.pixels[3]);
    const Picture tall = patterned(1, 20, 8);
    CHECK(fitted(tall, {4, 4, 4}).pixels[0] == resized(tall, 10, 4).pixels[12]);
    CHECK_THAT(thrown_text([&] {
                   fitted(wide, {4, 4, 12});
               }),
               ContainsSubstring("10 x 4 pixels is smaller than the crop of 12 x 4"));
}

TEST_CASE("PNG pictures are read exactly, JPEG ones nearly, in colour and grey") {
    const TemporaryFolder folder;
    const int channels = GENERATE(1, 3);
    const Picture original = ramp(channels, 17, 23);
    write_file(folder / "a.png", png_bytes(original));
    CHECK(read_picture(folder / "a.png", channels).pixels == original.pixels);
    write_file(folder / "a.jpg", jpeg_bytes(original, 98));
    const Picture read = read_picture(folder / "a.jpg", channels);
    REQUIRE((read.height == 17 && read.width == 23 && read.channels == channels));
    int worst = 0;
    for (std::size_t i = 0; i < read.pixels.size(); ++i) {
        worst = std::max(worst, std::abs(read.pixels[i] - original.pixels[i]));
    }
    CHECK(worst <= 4);
}

TEST_CASE("grey files fill colour networks and colour files grey ones") {
    const TemporaryFolder folder;
    write_file(folder / "grey.jpg", jpeg_bytes(ramp(1, 9, 9), 98));
    const Picture colour = read_picture(folder / "grey.jpg", 3);
    CHECK(colour.pixels[0] == colour.pixels[1]);
    CHECK(colour.pixels[3 * 80] == colour.pixels[3 * 80 + 2]);
    const Picture plain{3, 2, 2, {10, 200, 30, 10, 200, 30, 10, 200, 30, 10, 200, 30}};
    write_file(folder / "colour.jpg", jpeg_bytes(plain, 98));
    // Luma of ITU-R BT.601: 0.299 r + 0.587 g + 0.114 b = 124.
    CHECK(std::abs(read_picture(folder / "colour.jpg", 1).pixels[0] - 124) <= 2);
}

TEST_CASE("pictures cut at any length or of another kind are refused in one line") {
    const TemporaryFolder folder;
    const bool jpeg = GENERATE(false, true);
    const std::string whole =
        jpeg ? jpeg_bytes(patterned(3, 40, 40), 90) : png_bytes(patterned(3, 40, 40));
    for (std::size_t size = 0; size + 20 < whole.size(); size += 61) {
        write_file(folder / "cut", whole.substr(0, size));
        const std::string text = thrown_text([&] { read_picture(folder / "cut", 3); });
        INFO(size << " bytes of " << whole.size());
        REQUIRE(text.rfind("2: " + (folder / "cut").string() + ": ", 0) == 0);
        REQUIRE(text.find('\n') == text.npos);
    }
    CHECK_THAT(thrown_text([&] { read_picture(folder / "none", 3); }), ContainsSubstring("none"));
}
