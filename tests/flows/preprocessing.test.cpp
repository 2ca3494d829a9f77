// SPDX-License-Identifier: Apache-2.0
#include "flows/preprocessing.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

#include "base/file.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;
using namespace mho::flows;

TEST_CASE("the named normalisations are those of the networks they come from") {
    CHECK(normalised(named_preprocessing("unit"), 0, 51) == 0.2f);
    CHECK(normalised(named_preprocessing("none"), 2, 51) == 51);
    CHECK(normalised(named_preprocessing("signed"), 1, 255) == 1);
    CHECK(normalised(named_preprocessing("signed"), 1, 0) == -1);
    CHECK(normalised(named_preprocessing("imagenet"), 2, 255) == (1 - 0.406f) / 0.225f);
    CHECK(normalised(named_preprocessing("caffe"), 0, 104) == 0);
    CHECK(named_preprocessing("caffe").bgr);
    CHECK_THAT(thrown_text([] { named_preprocessing("imagnet"); }),
               ContainsSubstring("'imagnet' is not known") && ContainsSubstring("'imagenet'"));
    CHECK_THAT(thrown_text([] { lookup_tables(named_preprocessing("imagenet"), 1); }),
               ContainsSubstring("3 values of mean, but the images have 1 channel"));
}

TEST_CASE("a file beside the network says how its input is made, an option goes before it") {
    const TemporaryFolder folder;
    const auto model = folder / "net.onnx";
    CHECK_FALSE(find_preprocessing("", model).has_value());
    mho::write_file(folder / "net.toml",
                    "# as trained\ndivisor = 1\nmean = [1, 2.5, 3]\nstd = 2\norder = \"bgr\"\n"
                    "resize = 236\ncrop = 200\n");
    const Preprocessing how = *find_preprocessing("", model);
    CHECK(normalised(how, 1, 10.5f) == 4);
    CHECK((how.bgr && how.resize == 236 && how.crop == 200));
    CHECK(find_preprocessing("unit", model)->resize == 0);
    CHECK(find_preprocessing((folder / "net.toml").string(), "other.onnx")->crop == 200);
    CHECK_THAT(thrown_text([&] { find_preprocessing("none.toml", model); }),
               ContainsSubstring("none.toml"));
}

TEST_CASE("slips in a preprocessing file are named with their line") {
    const TemporaryFolder folder;
    const auto text = [&](const std::string& content) {
        mho::write_file(folder / "net.toml", content);
        return thrown_text([&] { read_preprocessing(folder / "net.toml"); });
    };
    CHECK_THAT(text("\nmeen = 1"),
               ContainsSubstring("net.toml:2: unknown key 'meen'") && ContainsSubstring("'mean'"));
    CHECK_THAT(text("divisor = 0"), ContainsSubstring("net.toml:1: divisor: a positive number"));
    CHECK_THAT(text("divisor = \"x\""), ContainsSubstring("divisor: a finite number"));
    CHECK_THAT(text("mean = []"), ContainsSubstring("mean: at least one number"));
    CHECK_THAT(text("std = [1, 0]"), ContainsSubstring("std: positive numbers"));
    CHECK_THAT(text("order = \"brg\""), ContainsSubstring("order: \"rgb\" or \"bgr\""));
    CHECK_THAT(text("crop = 2.5"), ContainsSubstring("crop: a whole number"));
    CHECK_THAT(text("mean = [1,"), ContainsSubstring("net.toml:1:"));
}
