// SPDX-License-Identifier: Apache-2.0
#include "netlist/cell_1t1r.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/technology.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a cell is its resistor and then an access transistor down to the column") {
    CellSpec spec;
    spec.access_width_m = 0.6e-6;
    spec.access_length_m = 0.3e-6;
    const Definition cell = cell_1t1r(spec);
    CHECK(port_names(*cell) == std::vector<std::string>{"row", "col", "wl"});
    CHECK(cell->devices().size() == 2);
    CHECK(pins(*cell, "rcell") == std::vector<std::string>{"row", "n"});
    CHECK(pins(*cell, "m1") == std::vector<std::string>{"n", "wl", "col", "0"});
    const Mosfet& access = body<Mosfet>(*cell, "m1");
    CHECK(access.model == "nch_io");
    CHECK(access.size.width_m == Value(0.6e-6));
    CHECK(access.size.length_m == Value(0.3e-6));
    CHECK(access.size.multiplier == 1);
    CHECK(check(*cell).empty());
}

TEST_CASE("the cell's resistance is its one parameter and has to be positive") {
    CellSpec spec;
    spec.g_min_siemens = 2e-6;
    const Definition cell = cell_1t1r(spec);
    REQUIRE(cell->parameters().size() == 1);
    CHECK(cell->parameters()[0].name == "r");
    CHECK(cell->parameters()[0].value == Value(1 / 2e-6));
    CHECK(body<Resistor>(*cell, "rcell").ohm == Value::parameter("r"));
    CHECK(cell->needs_positive("r"));
}

TEST_CASE("the shipped technology takes the default cell and refuses one smaller than its rules") {
    const Technology technology = read_technology("generic40");
    CHECK_NOTHROW(require_in_range(technology, *cell_1t1r(CellSpec{})));
    CellSpec spec;
    spec.access_width_m = 0.2e-6;
    CHECK_THAT(bad_input_line([&] { require_in_range(technology, *cell_1t1r(spec)); }),
               ContainsSubstring("cell_1t1r") && ContainsSubstring("width"));
}
