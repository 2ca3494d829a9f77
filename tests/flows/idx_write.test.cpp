// SPDX-License-Identifier: Apache-2.0
#include "flows/idx_write.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/file.h"
#include "flows/dataset.h"
#include "support/temporary_folder.h"

using namespace mho::flows;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string hexadecimal(const std::string& bytes, std::size_t count) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

}  // namespace

TEST_CASE("IDX files begin with magic number and sizes, high byte first") {
    const std::array<std::uint8_t, 12> pixels{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255};
    const std::string images = idx_images(pixels, 2, 3);
    CHECK(hexadecimal(images, images.size()) ==
          "00000803"
          "00000002"
          "00000002"
          "00000003"
          "0102030405060708090a0bff");
    const std::array<std::uint8_t, 2> labels{7, 0};
    const std::string text = idx_labels(labels);
    CHECK(hexadecimal(text, text.size()) ==
          "00000801"
          "00000002"
          "0700");
}

TEST_CASE("gzip headers name no time, file or system") {
    const std::string packed = gzip("digits digits digits");
    // RFC 1952: magic, deflate, no flags, time 0, best compression, unknown system.
    CHECK(hexadecimal(packed, 10) ==
          "1f8b0800"
          "00000000"
          "02ff");
    CHECK(gzip("digits digits digits") == packed);
    CHECK_FALSE(gzip("").empty());
}

TEST_CASE("written IDX files are read back, packed or not") {
    const mho::test::TemporaryFolder folder;
    std::vector<std::uint8_t> pixels(3 * 4 * 5);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(4 * i);
    const std::array<std::uint8_t, 3> labels{4, 0, 9};
    mho::write_file(folder / "t10k-images-idx3-ubyte.gz", gzip(idx_images(pixels, 4, 5)));
    mho::write_file(folder / "t10k-labels-idx1-ubyte", idx_labels(labels));
    const Dataset data = load_dataset(folder.path());
    REQUIRE(data.size() == 3);
    CHECK(data.height == 4);
    CHECK(data.width == 5);
    CHECK(data.labels == std::vector<int>{4, 0, 9});
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        CHECK(data.pixels[i] == static_cast<float>(pixels[i]) / 255.0f);
    }
}

TEST_CASE("pixels that are not whole images are refused") {
    const std::array<std::uint8_t, 7> pixels{};
    CHECK_THROWS_WITH(idx_images(pixels, 2, 3), ContainsSubstring("7 pixels"));
    CHECK_THROWS_WITH(idx_images(pixels, 0, 3), ContainsSubstring("0 x 3"));
    CHECK_THROWS_WITH(idx_images(pixels, 7, -1), ContainsSubstring("-1"));
}
