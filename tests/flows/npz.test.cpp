// SPDX-License-Identifier: Apache-2.0
#include "flows/npz.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "flows/thrown_text.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::flows::NamedArray;
using mho::flows::npz_bytes;
using mho::flows::read_npy;
using mho::test::thrown_text;

TEST_CASE("an archive is a zip file that another reader finds whole") {
    if (mho::test::run_shell("command -v python3").exit_code != 0) SKIP("no python3");
    const std::vector<NamedArray> arrays{{"v(out)", {{3}, {0.5, 1.0 / 3, -1e-300}}},
                                         {"i(v1)", {{2, 1}, {1, 2}}},
                                         {"empty", {{0}, {}}}};
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "a.npz", npz_bytes(arrays));
    const auto listed = mho::test::run_shell(
        "cd '" + folder.path().string() +
        "' && python3 -c \"import zipfile; z = zipfile.ZipFile('a.npz'); "
        "print(z.testzip(), [(i.filename, i.compress_type, i.date_time[0]) for i in "
        "z.infolist()]); z.extractall()\"");
    INFO(listed.err);
    CHECK(listed.out ==
          "None [('v(out).npy', 0, 1980), ('i(v1).npy', 0, 1980), ('empty.npy', 0, 1980)]\n");
    for (const NamedArray& array : arrays) {
        const auto read = read_npy(folder / (array.name + ".npy"));
        CHECK(read.shape == array.array.shape);
        CHECK(read.values == array.array.values);
    }
}

TEST_CASE("equal arrays are equal archives, wherever and whenever they are made") {
    const std::vector<NamedArray> arrays{{"a", {{1}, {1}}}};
    const std::string bytes = npz_bytes(arrays);
    CHECK(npz_bytes(arrays) == bytes);
    CHECK(bytes.starts_with("PK\x03\x04"));
}

TEST_CASE("an archive needs arrays with names of their own") {
    const std::vector<NamedArray> twice{{"a", {{1}, {1}}}, {"a", {{1}, {2}}}};
    CHECK_THAT(thrown_text([&] { (void)npz_bytes(twice); }), ContainsSubstring("'a'"));
    const std::vector<NamedArray> nameless{{"", {{1}, {1}}}};
    CHECK_THAT(thrown_text([&] { (void)npz_bytes(nameless); }), ContainsSubstring("empty"));
    CHECK_THAT(thrown_text([&] { (void)npz_bytes({}); }), ContainsSubstring("at least one"));
}
