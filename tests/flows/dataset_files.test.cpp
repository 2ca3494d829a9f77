// SPDX-License-Identifier: Apache-2.0
// Data sets other than IDX: CIFAR-10, NumPy files, folders of pictures.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "flows/dataset.h"
#include "flows/npz.h"
#include "flows/picture_files.h"
#include "flows/thrown_text.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::write_file;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

std::string load_error(const TemporaryFolder& folder, const DataOptions& options = {}) {
    const std::string text = thrown_text([&] { load_dataset(folder.path(), options); });
    CHECK(text.find('\n') == text.npos);
    return text;
}

DataOptions with(const std::string& preprocessing) {
    DataOptions options;
    options.preprocessing = named_preprocessing(preprocessing);
    return options;
}

// Label, then planes of one value each plus the position.
std::string cifar_record(int label, int red, int green, int blue) {
    std::string record(1, static_cast<char>(label));
    for (const int value : {red, green, blue})
        record += std::string(1024, static_cast<char>(value));
    return record;
}

}  // namespace

TEST_CASE("CIFAR-10 batches give planes, labels and the usual normalisation") {
    const TemporaryFolder folder;
    write_file(folder / "data_batch_2.bin", cifar_record(2, 20, 0, 0));
    write_file(folder / "data_batch_1.bin",
               cifar_record(7, 255, 0, 51) + cifar_record(1, 10, 0, 0));
    const Dataset all = load_dataset(folder.path());
    CHECK(all.format == "cifar10");
    CHECK(all.labels == std::vector<int>{7, 1, 2});
    CHECK((all.channels == 3 && all.height == 32 && all.width == 32));
    CHECK(all.pixels[0] == (1.0f - 0.485f) / 0.229f);
    CHECK(all.pixels[1024] == (0.0f - 0.456f) / 0.224f);
    CHECK(all.pixels[2 * 1024] == (51 / 255.0f - 0.406f) / 0.225f);
    CHECK(load_dataset(folder.path(), 1).labels == std::vector<int>{7});
    // Blue first, less the mean of each channel.
    const Dataset caffe = load_dataset(folder.path(), with("caffe"));
    CHECK(caffe.pixels[0] == 51 - 104);
    CHECK(caffe.pixels[2 * 1024] == 255 - 123);
    write_file(folder / "test_batch.bin", cifar_record(9, 0, 0, 0));
    CHECK(load_dataset(folder.path()).labels == std::vector<int>{9});
}

TEST_CASE("damaged CIFAR-10 batches are refused") {
    const TemporaryFolder folder;
    write_file(folder / "test_batch.bin", cifar_record(1, 0, 0, 0).substr(0, 3000));
    CHECK_THAT(load_error(folder), ContainsSubstring("test_batch.bin: cut off: 3000 bytes"));
    write_file(folder / "test_batch.bin", "");
    CHECK_THAT(load_error(folder), ContainsSubstring("cut off: 0 bytes"));
    write_file(folder / "test_batch.bin", cifar_record(1, 0, 0, 0) + cifar_record(10, 0, 0, 0));
    CHECK_THAT(load_error(folder), ContainsSubstring("label 10 of record 1"));
}

TEST_CASE("NumPy images are told apart by their shapes and element types") {
    const TemporaryFolder folder;
    const NpyArray labels{{2}, {3, 0}};
    const auto load = [&](const NpyArray& images, const DataOptions& options = {}) {
        const std::vector<NamedArray> arrays{{"x_test", images}, {"y_test", labels}};
        write_file(folder / "data.npz", npz_bytes(arrays));
        return load_dataset(folder.path(), options);
    };
    const Dataset grey = load({{2, 1, 3}, {0, 1, 2, 3, 4, 5}});
    CHECK(grey.format == "npz");
    CHECK(grey.labels == std::vector<int>{3, 0});
    CHECK((grey.channels == 1 && grey.height == 1 && grey.width == 3));
    CHECK(grey.pixels == std::vector<float>{0, 1, 2, 3, 4, 5});  // real numbers stay
    const std::vector<double> twelve{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const Dataset last = load({{2, 2, 1, 3}, twelve});
    CHECK((last.channels == 3 && last.height == 2 && last.width == 1));
    CHECK(last.pixels == std::vector<float>{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11});
    const Dataset first = load({{2, 3, 1, 2}, twelve});
    CHECK((first.channels == 3 && first.height == 1 && first.width == 2));
    CHECK(first.pixels[3] == 3);
    CHECK(load({{2, 6}, twelve}).width == 6);
    CHECK(load({{2, 1, 3}, {0, 255, 2, 3, 4, 5}}, with("unit")).pixels[1] == 1.0f);
    CHECK(load({{2, 3, 1, 2}, twelve}, with("caffe")).pixels[0] == 4 - 104);
}

TEST_CASE("images.npy of bytes is normalised as pictures are") {
    const TemporaryFolder folder;
    // numpy.save of array([[[51, 255]]], dtype=uint8).
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2), }";
    header.append(117 - header.size(), ' ');
    write_file(folder / "images.npy",
               std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n\x33\xff");
    write_file(folder / "labels.npy", npy_bytes({{1}, {4}}));
    const Dataset data = load_dataset(folder.path());
    CHECK(data.format == "npy");
    CHECK(data.pixels == std::vector<float>{0.2f, 1.0f});
    CHECK(data.labels == std::vector<int>{4});
    std::filesystem::remove(folder / "labels.npy");
    CHECK_THAT(load_error(folder), ContainsSubstring("images.npy without labels.npy"));
}

TEST_CASE("NumPy files that are damaged or hold no images with labels are refused") {
    const TemporaryFolder folder;
    const auto text = [&](const NpyArray& images, const NpyArray& labels) {
        write_file(folder / "a.npz",
                   npz_bytes(std::vector<NamedArray>{{"images", images}, {"labels", labels}}));
        return load_error(folder);
    };
    CHECK_THAT(text({{2, 2}, {1, 2, 3, 4}}, {{3}, {0, 1, 2}}),
               ContainsSubstring("2 images, but 3 labels"));
    CHECK_THAT(text({{2}, {1, 2}}, {{2}, {0, 1}}), ContainsSubstring("1 dimensions"));
    CHECK_THAT(text({{1, 2}, {1, 2}}, {{1}, {0.5}}), ContainsSubstring("label 0.5 of image 0"));
    CHECK_THAT(text({{1, 1}, {1e300}}, {{1}, {0}}), ContainsSubstring("not finite"));
    CHECK_THAT(text({{0, 2}, {}}, {{0}, {}}), ContainsSubstring("holds no image"));
    const std::string whole = mho::read_file(folder / "a.npz");
    for (const std::size_t size : {std::size_t{0}, std::size_t{30}, whole.size() / 2}) {
        write_file(folder / "a.npz", whole.substr(0, size));
        CHECK_THAT(load_error(folder), ContainsSubstring("a.npz: not an NPZ archive, or a cut"));
    }
    write_file(folder / "a.npz", npz_bytes(std::vector<NamedArray>{{"weights", {{1}, {0}}}}));
    CHECK_THAT(load_error(folder), ContainsSubstring("has no arrays images and labels") &&
                                       ContainsSubstring("it has weights"));
    write_file(folder / "b.npz", whole);
    CHECK_THAT(load_error(folder), ContainsSubstring("several NPZ archives"));
}

TEST_CASE("an NPZ archive with a flipped byte is read the same or refused") {
    const TemporaryFolder folder;
    const std::vector<NamedArray> arrays{{"images", {{2, 2}, {1, 2, 3, 4}}},
                                         {"labels", {{2}, {0, 1}}}};
    const std::string whole = npz_bytes(arrays);
    int refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += 3) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
        write_file(folder / "a.npz", damaged);
        const std::string text = thrown_text([&] {
            const auto read = read_npz(folder / "a.npz");
            REQUIRE(read.at(0).array.values == arrays[0].array.values);
        });
        if (text == "nothing thrown") continue;
        REQUIRE(text.rfind("2: ", 0) == 0);
        ++refused;
    }
    CHECK(refused > 50);
}

TEST_CASE("pictures come in the order of their list, from the places it may mean") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "some");
    write_file(folder / "some/a.png", mho::test::plain_png(4, 6, 255, 0, 51));
    write_file(folder / "some/b.png", mho::test::plain_png(4, 6, 0, 255, 0));
    write_file(folder / "some_labels.csv", "file,class,remark\nb.png,12,second\r\n\na.png, 3\n");
    DataOptions options;
    options.input = {3, 4, 6};
    for (const auto& data_folder : {folder.path(), folder / "some", folder / "some/"}) {
        const Dataset data = load_dataset(data_folder, options);
        CHECK(data.format == "pictures");
        CHECK(data.labels == std::vector<int>{12, 3});
        CHECK(data.pixels[24] == (1.0f - 0.456f) / 0.224f);
        CHECK(data.pixels[72] == (1.0f - 0.485f) / 0.229f);
        CHECK(data.pixels[72 + 48] == (0.2f - 0.406f) / 0.225f);
    }
    options.limit = 1;
    CHECK(load_dataset(folder.path(), options).labels == std::vector<int>{12});
    options.input = {1, 4, 6};
    const Dataset grey = load_dataset(folder.path(), options);
    CHECK(grey.channels == 1);
    CHECK(grey.image_size() == 24);
}

TEST_CASE("lists of pictures that say nothing clear are refused") {
    const TemporaryFolder folder;
    DataOptions options;
    options.input = {3, 2, 2};
    write_file(folder / "a.png", mho::test::plain_png(2, 2, 1, 2, 3));
    const auto text_for = [&](const std::string& list) {
        write_file(folder / "labels.txt", list);
        return load_error(folder, options);
    };
    CHECK_THAT(text_for(""), ContainsSubstring("labels.txt: names no picture"));
    CHECK_THAT(text_for("a.png 1\na.png x\n"), ContainsSubstring("labels.txt:2: a file name"));
    CHECK_THAT(text_for("a.png -1\nb"), ContainsSubstring("labels.txt:2:"));
    CHECK_THAT(text_for("none.png 1\n"), ContainsSubstring("names 'none.png', which is not"));
    write_file(folder / "b.png", "not a picture");
    CHECK_THAT(text_for("b.png 1\n"), ContainsSubstring("b.png: neither a JPEG nor a PNG"));
    write_file(folder / "labels.csv", "a.png,1\n");
    CHECK_THAT(load_error(folder, options), ContainsSubstring("several label lists"));
}

TEST_CASE("the shared ImageNet sample decodes to its stored bytes") {
    MHO_REQUIRE_SHARED(folder, "imagenet");
    MHO_REQUIRE_SHARED(raw, "imagenet/first16_rgb_u8_hwc.bin");
    DataOptions options = with("none");
    options.limit = 4;
    options.input = {3, 256, 256};
    const Dataset data = load_dataset(folder, options);
    REQUIRE(data.size() == 4);
    CHECK(data.labels == std::vector<int>{0, 2, 4, 6});
    const std::string bytes = mho::read_file(raw);
    std::size_t differ = 0;
    for (std::size_t k = 0; k < data.pixels.size(); ++k) {
        const std::size_t image = k / 196608, c = k % 196608 / 65536, p = k % 65536;
        const auto expected = static_cast<unsigned char>(bytes[image * 196608 + p * 3 + c]);
        differ += data.pixels[k] != static_cast<float>(expected) ? 1 : 0;
    }
    CHECK(differ == 0);
}
