// SPDX-License-Identifier: Apache-2.0
// Files of ranges, and what a system makes of them.
#include "flows/layer_ranges.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "flows/npy.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::flows;
using namespace mho::test;

TEST_CASE("ranges are read from NPY and TOML alike") {
    const TemporaryFolder folder;
    const auto npy = folder.path() / "limits.npy", toml = folder.path() / "limits.toml";
    mho::write_file(npy, npy_bytes({{2, 2}, {-1.5, 2, 0, 3}, "<f8"}));
    mho::write_file(toml, "low = [-1.5, 0]\nhigh = [2, 3.0]\n");
    for (const auto& path : {npy, toml}) {
        const LayerRanges ranges = read_layer_ranges(path);
        REQUIRE(ranges.layers.size() == 2);
        REQUIRE(ranges.layers[0].size() == 1);
        CHECK(ranges.layers[0][0].low == -1.5);
        CHECK(ranges.layers[0][0].high == 2);
        CHECK(ranges.layers[1][0].low == 0);
        CHECK(ranges.layers[1][0].high == 3);
    }
    mho::write_file(npy, npy_bytes({{1, 2, 2}, {-1, 1, -2, 2}, "<f8"}));
    CHECK(read_layer_ranges(npy).layers[0].size() == 2);
}

TEST_CASE("files that hold no ranges are refused by name") {
    const TemporaryFolder folder;
    const auto npy = folder.path() / "limits.npy", toml = folder.path() / "limits.toml";
    const auto refusal = [](const std::filesystem::path& path) {
        return thrown_text([&] { read_layer_ranges(path); });
    };
    CHECK_THAT(refusal(npy), ContainsSubstring("limits.npy"));
    mho::write_file(npy, npy_bytes({{3}, {1, 2, 3}, "<f8"}));
    CHECK_THAT(refusal(npy), ContainsSubstring("layers x 2"));
    mho::write_file(npy, npy_bytes({{1, 2}, {1, 1}, "<f8"}));
    CHECK_THAT(refusal(npy), ContainsSubstring("expected it to rise"));
    mho::write_file(toml, "low = [1]\n");
    CHECK_THAT(refusal(toml), ContainsSubstring("'high = [...]'"));
    mho::write_file(toml, "low = [1]\nhigh = [2, 3]\n");
    CHECK_THAT(refusal(toml), ContainsSubstring("1 numbers in low, 2 in high"));
    CHECK_THAT(thrown_text([] {
                   require_layers({{{{0, 1}}}}, 2, "mine.npy");
               }),
               ContainsSubstring("1 layers, but the network has 2 products"));
}
