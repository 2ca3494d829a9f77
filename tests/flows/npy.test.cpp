// SPDX-License-Identifier: Apache-2.0
#include "flows/npy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/file.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::flows::read_npy;
using mho::test::thrown_text;

namespace {

template <typename T>
std::string bytes_of(std::initializer_list<T> values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), std::data(values), bytes.size());
    return bytes;
}

std::string npy(int major, const std::string& dictionary, const std::string& data) {
    std::string file = std::string("\x93NUMPY") + static_cast<char>(major) + '\0';
    file += static_cast<char>(dictionary.size() & 0xff);
    file += static_cast<char>(dictionary.size() >> 8);
    if (major == 2) file += std::string(2, '\0');
    return file + dictionary + data;
}

std::string header(const std::string& type, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
}

}  // namespace

TEST_CASE("every supported element type and both versions are read exactly") {
    const mho::test::TemporaryFolder folder;
    const auto path = folder / "a.npy";
    const int major = GENERATE(1, 2);
    const auto check = [&](const std::string& type, const std::string& data,
                           const std::vector<double>& expected) {
        mho::write_file(path, npy(major, header(type, "2, 1"), data));
        const auto array = read_npy(path);
        CHECK(array.shape == std::vector<std::size_t>{2, 1});
        CHECK(array.values == expected);
    };
    check("<f4", bytes_of<float>({0.1f, -3.0f}), {static_cast<double>(0.1f), -3.0});
    check("<f8", bytes_of<double>({0.1, -1e300}), {0.1, -1e300});
    check("|b1", bytes_of<std::uint8_t>({1, 0}), {1, 0});
    check("|u1", bytes_of<std::uint8_t>({255, 7}), {255, 7});
    check("<u2", bytes_of<std::uint16_t>({65535, 7}), {65535, 7});
    check("<i8", bytes_of<std::int64_t>({-9007199254740992, 7}), {-9007199254740992.0, 7});
}

TEST_CASE("scalars and empty NPY arrays have the shapes NumPy gives them") {
    const mho::test::TemporaryFolder folder;
    const auto path = folder / "a.npy";
    mho::write_file(path, npy(1, header("<f4", ""), bytes_of<float>({2.5f})));
    CHECK(read_npy(path).shape.empty());
    CHECK(read_npy(path).values == std::vector<double>{2.5});
    mho::write_file(path, npy(1, header("<f4", "0, 3"), ""));
    CHECK(read_npy(path).shape == std::vector<std::size_t>{0, 3});
    CHECK(read_npy(path).values.empty());
}

TEST_CASE("NPY files that are not as they say are refused in one line") {
    const mho::test::TemporaryFolder folder;
    const auto path = folder / "a.npy";
    const std::string whole = npy(1, header("<f4", "2"), bytes_of<float>({1, 2}));
    const auto text_for = [&](const std::string& content) {
        mho::write_file(path, content);
        return thrown_text([&] { read_npy(path); });
    };
    CHECK_THAT(thrown_text([&] { read_npy(folder / "none.npy"); }), ContainsSubstring("none.npy"));
    CHECK_THAT(text_for("not an array"), ContainsSubstring("not an NPY file"));
    CHECK_THAT(text_for(whole.substr(0, 20)), ContainsSubstring("cut off"));
    CHECK_THAT(text_for(whole.substr(0, whole.size() - 1)),
               ContainsSubstring("7 bytes of NPY data, 8 expected"));
    CHECK_THAT(text_for(whole + "x"), ContainsSubstring("9 bytes of NPY data, 8 expected"));
    CHECK_THAT(text_for(npy(3, header("<f4", "2"), "")), ContainsSubstring("version 3"));
    CHECK_THAT(text_for(npy(1, header(">f4", "2"), "")), ContainsSubstring("'>f4'"));
    CHECK_THAT(text_for(npy(1, "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,), }", "")),
               ContainsSubstring("True or False"));
    CHECK_THAT(text_for(npy(1, "{'fortran_order': False, 'shape': (2,), }", "")),
               ContainsSubstring("no 'descr'"));
    CHECK_THAT(text_for(npy(1, header("<f4", "a, 2"), "")), ContainsSubstring("list of sizes"));
    CHECK_THAT(text_for(npy(1, header("<f4", "4294967296, 4294967296"), "")),
               ContainsSubstring("too large"));
    CHECK_THAT(text_for(npy(1, header("<i8", "1"), bytes_of<std::int64_t>({INT64_MAX}))),
               ContainsSubstring("2^53"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK(text_for(whole.substr(0, size)).substr(0, 2) == "2:");
    }
}

TEST_CASE("Fortran order is turned into C order") {
    const mho::test::TemporaryFolder folder;
    const auto path = folder / "a.npy";
    // a[i, j, k] = 100 i + 10 j + k with the first index fastest in the file.
    std::string data;
    for (int k = 0; k < 4; ++k) {
        for (int j = 0; j < 3; ++j) {
            for (int i = 0; i < 2; ++i) data += bytes_of<double>({100.0 * i + 10.0 * j + k});
        }
    }
    mho::write_file(
        path, npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 4), }\n", data));
    const auto array = read_npy(path);
    REQUIRE(array.shape == std::vector<std::size_t>{2, 3, 4});
    for (std::size_t n = 0; n < 24; ++n) {
        const std::size_t expected = 100 * (n / 12) + 10 * (n / 4 % 3) + n % 4;
        CHECK(array.values[n] == static_cast<double>(expected));
    }
}

TEST_CASE("written NPY arrays are read back the same, data aligned to 64 bytes") {
    const mho::test::TemporaryFolder folder;
    for (const mho::flows::NpyArray& array :
         {mho::flows::NpyArray{{}, {2.5}}, mho::flows::NpyArray{{3}, {1, -2, 1e-300}},
          mho::flows::NpyArray{{2, 0}, {}}, mho::flows::NpyArray{{2, 1, 2}, {1, 2, 3, 4}}}) {
        const std::string bytes = mho::flows::npy_bytes(array);
        CHECK((bytes.size() - array.values.size() * sizeof(double)) % 64 == 0);
        mho::write_file(folder / "a.npy", bytes);
        const auto read = read_npy(folder / "a.npy");
        CHECK(read.shape == array.shape);
        CHECK(read.values == array.values);
    }
}
