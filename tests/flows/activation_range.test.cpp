// SPDX-License-Identifier: Apache-2.0
#include "flows/activation_range.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "flows/made_networks.h"
#include "flows/thrown_text.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using mho::test::thrown_text;
using namespace mho::flows;

TEST_CASE("the range of a layer is its largest input magnitude over the calibration images") {
    const Network network = mho::test::gemm_network(4, 2);
    Dataset data = mho::test::random_data(network, 300, -1, 1);
    data.pixels[5] = -7.5f;         // image 1
    data.pixels[4 * 260] = 100.0f;  // image 260, beyond the calibration images
    const auto ranges = activation_ranges(network, data);
    CHECK(ranges == std::vector<double>{7.5});
    RangeOptions all;
    all.images = 1000;
    CHECK(activation_ranges(network, data, all) == std::vector<double>{100});
}

TEST_CASE("only nodes with a product get a range, after the operators before them") {
    const Network network = mho::test::conv_network();
    const Dataset data = mho::test::random_data(network, 3, -2, 1);
    const auto ranges = activation_ranges(network, data);
    REQUIRE(ranges.size() == 4);
    CHECK((ranges[0] > 1.9 && ranges[0] <= 2));
    CHECK((ranges[1] == 0 && ranges[2] == 0));
    CHECK(ranges[3] > 1);
}

TEST_CASE("a percentile leaves out the stated part of the values") {
    const Network network = mho::test::gemm_network(100, 1);
    Dataset data = mho::test::random_data(network, 1, 0, 1);
    for (std::size_t i = 0; i < 100; ++i) data.pixels[i] = static_cast<float>(i + 1) / 100;
    RangeOptions options;
    options.percentile = 90;
    // 90 of the 100 values are at most 0.9; bins are 1/4096 wide.
    CHECK_THAT(activation_ranges(network, data, options)[0], WithinAbs(0.9, 1.0 / 4096));
}

TEST_CASE("ranges of senseless percentiles or values that are not finite are refused") {
    const Network network = mho::test::gemm_network(4, 2);
    Dataset data = mho::test::random_data(network, 1, 0, 1);
    RangeOptions options;
    for (const double percentile : {0.0, -1.0, 100.1, std::numeric_limits<double>::quiet_NaN()}) {
        options.percentile = percentile;
        CHECK_THAT(thrown_text([&] { activation_ranges(network, data, options); }),
                   ContainsSubstring("percentile"));
    }
    data.pixels[2] = std::numeric_limits<float>::infinity();
    CHECK_THAT(thrown_text([&] { activation_ranges(network, data); }),
               ContainsSubstring("node 'fc' are not finite"));
}
