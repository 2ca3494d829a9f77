// SPDX-License-Identifier: Apache-2.0
#include "flows/size_axis.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "flows/system_toml.h"
#include "flows/thrown_text.h"

using namespace mho::flows;
using mho::test::thrown_text;
using Values = std::vector<double>;

TEST_CASE("axes have points where designers look") {
    CHECK(parse_axis("rows=16:1152").values == Values{16, 32, 64, 128, 256, 512, 1024, 1152});
    CHECK(parse_axis("bits=4:7").values == Values{4, 5, 6, 7});
    const SizeAxis wire = parse_axis("wire=1e-6:1e-3");
    CHECK(wire.values == Values{1e-6, 3.162e-6, 1e-5, 3.162e-5, 1e-4, 3.162e-4, 1e-3});
    CHECK(wire.logarithmic);
    CHECK_FALSE(wire.chosen);
    CHECK(parse_axis("dose=0:100").values == Values{0, 20, 40, 60, 80, 100});
    CHECK(parse_axis("error=0:1").values.size() == 6);
    CHECK(parse_axis("on_off=10:1000:3").values == Values{10, 100, 1000});
    CHECK(parse_axis("rows=64,16,64").values == Values{16, 64});
    CHECK(parse_axis("adc.percentile=99:100:2").values == Values{99, 100});
}

TEST_CASE("slips in an axis are named") {
    const auto text = [](const char* axis) { return thrown_text([&] { parse_axis(axis); }); };
    CHECK(text("rows") == "2: axis 'rows': expected NAME=LOW:HIGH or NAME=VALUE,VALUE");
    CHECK(text("row=1:2").starts_with("2: axis row: unknown (did you mean 'rows'?)"));
    CHECK(text("rows=16") == "nothing thrown");
    CHECK(text("rows=32:16") == "2: axis rows: 32 to 16, expected a rising range");
    CHECK(text("bits=4:x") == "2: axis bits: 'x' is not a number");
    CHECK(text("bits=1:1e9") == "2: axis bits: 1 to 1000000000, expected at most 1000 values");
    CHECK(text("bits=4:8:1").starts_with("2: axis bits: 1 points"));
}

TEST_CASE("wires count relative to the highest conductance") {
    const SizeAxis wire = parse_axis("wire=1e-5,1e-4");
    const auto spec = [](const std::vector<std::string>& changes) {
        return parse_system("schema = \"mho.system/1\"\nname = \"test\"\n", "test", changes);
    };
    CHECK(axis_changes(wire, 1e-4, spec({"device.r_min=1e5"})) ==
          std::vector<std::string>{"wire.r_col=10", "wire.r_row=10"});
    const std::vector<std::string> gates{"device.r_min=1e5", "wire.topology=b",
                                         "inputs.slice_bits=1", "inputs.negative=twos_complement"};
    CHECK(axis_changes(wire, 1e-4, spec(gates)) == std::vector<std::string>{"wire.r_col=10"});
    CHECK(thrown_text([&] {
              axis_changes(wire, 1e-4, spec({}));
          }).starts_with("2: axis wire: the cells have no conductance"));
    CHECK(axis_changes(parse_axis("rows=16,64"), 64, spec({})) ==
          std::vector<std::string>{"array.rows=64"});
}
