// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset.h"

#include <zlib.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "base/file.h"
#include "flows/thrown_text.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::flows::load_dataset;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;

namespace {

std::string idx(std::initializer_list<int> header, const std::string& data) {
    std::string bytes;
    for (const int number : header) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    }
    return bytes + data;
}

std::string gzipped(const std::string& content) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

const std::string kImages = idx({2051, 2, 1, 3}, std::string("\x00\x33\xff\x01\x02\x03", 6));
const std::string kLabels = idx({2049, 2}, std::string("\x07\x01", 2));
constexpr auto kImageName = "t10k-images-idx3-ubyte";
constexpr auto kLabelName = "t10k-labels-idx1-ubyte";

}  // namespace

TEST_CASE("an IDX pair gives pixels over 255 and its labels, gzip or not") {
    const TemporaryFolder folder;
    if (GENERATE(false, true)) {
        mho::write_file(folder / (std::string(kImageName) + ".gz"), gzipped(kImages));
        mho::write_file(folder / (std::string(kLabelName) + ".gz"), gzipped(kLabels));
    } else {
        mho::write_file(folder / kImageName, kImages);
        mho::write_file(folder / kLabelName, kLabels);
    }
    const auto data = load_dataset(folder.path());
    CHECK(data.format == "idx");
    CHECK(data.size() == 2);
    CHECK(data.labels == std::vector<int>{7, 1});
    CHECK((data.channels == 1 && data.height == 1 && data.width == 3));
    CHECK(data.pixels == std::vector<float>{0.0f, 0.2f, 1.0f, 1 / 255.0f, 2 / 255.0f, 3 / 255.0f});
    CHECK(data.images(1, 1)[0] == 1 / 255.0f);

    CHECK(load_dataset(folder.path(), 1).labels == std::vector<int>{7});
    CHECK(load_dataset(folder.path(), 1).pixels.size() == 3);
    CHECK(load_dataset(folder.path(), 99).size() == 2);
}

TEST_CASE("the test set is chosen where a training set lies beside it, and a lone pair is enough") {
    const TemporaryFolder folder;
    mho::write_file(folder / "digits-images-idx3.bin", idx({2051, 1, 1, 1}, "a"));
    mho::write_file(folder / "digits-labels-idx1.bin", idx({2049, 1}, std::string("\x05", 1)));
    CHECK(load_dataset(folder.path()).labels == std::vector<int>{5});
    mho::write_file(folder / kImageName, kImages);
    mho::write_file(folder / kLabelName, kLabels);
    CHECK(load_dataset(folder.path()).labels == std::vector<int>{7, 1});
    // Packed and unpacked side by side: the plain one is taken.
    mho::write_file(folder / (std::string(kImageName) + ".gz"), "garbage");
    CHECK(load_dataset(folder.path()).labels == std::vector<int>{7, 1});
}

TEST_CASE("damaged IDX files are refused with the file and the numbers") {
    const TemporaryFolder folder;
    const auto text_for = [&](const std::string& images, const std::string& labels) {
        mho::write_file(folder / kImageName, images);
        mho::write_file(folder / kLabelName, labels);
        return thrown_text([&] { load_dataset(folder.path()); });
    };
    CHECK_THAT(text_for(kImages.substr(0, 19), kLabels),
               ContainsSubstring("19 bytes found, 22 expected") && ContainsSubstring(kImageName));
    CHECK_THAT(text_for(kImages.substr(0, 9), kLabels),
               ContainsSubstring("9 bytes found, 16 expected"));
    CHECK_THAT(text_for("", kLabels), ContainsSubstring("0 bytes found, 16 expected"));
    CHECK_THAT(text_for(kImages + "x", kLabels), ContainsSubstring("more than the 22 bytes"));
    CHECK_THAT(text_for(kLabels, kLabels), ContainsSubstring("magic number 2049, 2051 expected"));
    CHECK_THAT(text_for(kImages, kImages), ContainsSubstring("magic number 2051, 2049 expected") &&
                                               ContainsSubstring(kLabelName));
    CHECK_THAT(text_for(kImages, idx({2049, 3}, "abc")), ContainsSubstring("2 images, but 3"));
    CHECK_THAT(text_for(idx({2051, 0, 1, 3}, ""), kLabels), ContainsSubstring("no data"));
    CHECK_THAT(text_for(idx({2051, 2, 70000, 3}, ""), kLabels), ContainsSubstring("70000"));
    // A part of the data set is taken from whole files only.
    mho::write_file(folder / kImageName, kImages.substr(0, 20));
    mho::write_file(folder / kLabelName, kLabels);
    CHECK_THAT(thrown_text([&] { load_dataset(folder.path(), 1); }), ContainsSubstring("cut off"));
}

TEST_CASE("damaged gzip data are refused") {
    const TemporaryFolder folder;
    mho::write_file(folder / kLabelName, kLabels);
    // Noise does not compress, so its blocks carry the damage to the checksum.
    std::string noise(5000, '\0');
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i * 31 >> 3);
    const std::string whole = gzipped(idx({2051, 2, 50, 50}, noise));
    std::string flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x55);
    std::string wrong_sum = whole;
    wrong_sum[whole.size() - 6] = static_cast<char>(wrong_sum[whole.size() - 6] ^ 0x55);
    const auto path = folder / (std::string(kImageName) + ".gz");
    for (const std::string& content : {flipped, wrong_sum}) {
        mho::write_file(path, content);
        CHECK_THAT(thrown_text([&] { load_dataset(folder.path()); }),
                   ContainsSubstring("corrupt gzip") && ContainsSubstring("images-idx3"));
    }
    mho::write_file(path, whole.substr(0, whole.size() / 2));
    CHECK_THAT(thrown_text([&] { load_dataset(folder.path()); }), ContainsSubstring("2: "));
}

TEST_CASE("folders without one clear data set are refused") {
    const TemporaryFolder folder;
    const auto text = [&] { return thrown_text([&] { load_dataset(folder.path()); }); };
    CHECK_THAT(text(), ContainsSubstring("no data set found"));
    CHECK_THAT(thrown_text([&] { load_dataset(folder / "absent"); }),
               ContainsSubstring("no such data folder"));
    mho::write_file(folder / "a-images-idx3", kImages);
    CHECK_THAT(text(), ContainsSubstring("images without a label file"));
    CHECK_THAT(thrown_text([&] { load_dataset(folder / "a-images-idx3"); }),
               ContainsSubstring("not a folder"));
    mho::write_file(folder / "a-labels-idx1", kLabels);
    mho::write_file(folder / "b-labels-idx1", kLabels);
    CHECK_THAT(text(), ContainsSubstring("several IDX files"));
}

TEST_CASE("the MNIST test set has its known sizes, class counts and pixel sum") {
    MHO_REQUIRE_SHARED(folder, "mnist");
    const auto data = load_dataset(folder);
    CHECK(data.size() == 10000);
    CHECK((data.channels == 1 && data.height == 28 && data.width == 28));
    std::vector<int> counts(10);
    for (const int label : data.labels) ++counts.at(static_cast<std::size_t>(label));
    // Class counts of the published test set.
    CHECK(counts == std::vector<int>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
    const double mean = std::accumulate(data.pixels.begin(), data.pixels.end(), 0.0) /
                        static_cast<double>(data.pixels.size());
    CHECK(std::abs(mean - 0.1325) < 5e-5);  // often quoted mean of the test images
}
