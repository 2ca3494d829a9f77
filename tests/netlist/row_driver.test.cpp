// SPDX-License-Identifier: Apache-2.0
#include "netlist/row_driver.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/technology.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::WithinRel;

TEST_CASE("a row driver is a transmission gate between reference and row") {
    const Definition driver = row_driver(DriverSpec{});
    CHECK(port_names(*driver) == std::vector<std::string>{"ref", "row", "en", "enb", "vddh"});
    CHECK(driver->devices().size() == 2);
    CHECK(pins(*driver, "mn") == std::vector<std::string>{"ref", "en", "row", "0"});
    CHECK(pins(*driver, "mp") == std::vector<std::string>{"ref", "enb", "row", "vddh"});
    CHECK(body<Mosfet>(*driver, "mn").model == "nch_io");
    CHECK(body<Mosfet>(*driver, "mp").model == "pch_io");
    CHECK(check(*driver).empty());
}

TEST_CASE("the driver's devices have the widths asked for and stay within the technology") {
    const Technology technology = read_technology("generic40");
    const double width = GENERATE(0.4e-6, 1e-6, 2e-6, 3e-6, 3.1e-6, 16e-6, 100e-6);
    DriverSpec spec;
    spec.nmos_width_m = width;
    spec.pmos_width_m = 0.5 * width + 0.2e-6;
    const Definition driver = row_driver(spec);
    const auto total = [&](const char* name) {
        const MosSize& size = body<Mosfet>(*driver, name).size;
        CHECK(size.length_m.number() == technology.device("nch_io").min_length_m);
        return size.width_m.number() * size.multiplier;
    };
    CHECK_THAT(total("mn"), WithinRel(spec.nmos_width_m, 1e-12));
    CHECK_THAT(total("mp"), WithinRel(spec.pmos_width_m, 1e-12));
    CHECK_NOTHROW(require_in_range(technology, *driver));
}
