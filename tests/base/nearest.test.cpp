// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

TEST_CASE("the nearest name is found for slips and not for strangers") {
    const std::vector<std::string> known{"rows", "columns", "row_layer", "bits"};
    CHECK(mho::nearest_name("row", known) == "rows");
    CHECK(mho::nearest_name("colums", known) == "columns");
    CHECK(mho::nearest_name("btis", known) == "bits");  // a swap is one edit
    CHECK(mho::nearest_name("temperature", known).empty());
    CHECK(mho::nearest_name("", known).empty());
    CHECK(mho::did_you_mean("row_layr", known) == " (did you mean 'row_layer'?)");
}
