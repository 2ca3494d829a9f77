// SPDX-License-Identifier: Apache-2.0
#include "netlist/tia.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/circuit_stats.h"
#include "netlist/technology.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::WithinRel;

TEST_CASE("the read-out closes its loop with the feedback resistor of the spec") {
    const double feedback = GENERATE(2e3, 10e3, 40e3, 1e6);
    ReadoutSpec spec;
    spec.feedback_ohm = feedback;
    const Definition readout = tia(spec);
    CHECK(port_names(*readout) == std::vector<std::string>{"in", "out", "vcm", "ibias", "vdd"});
    CHECK(pins(*readout, "rf") == std::vector<std::string>{"in", "out"});
    CHECK(pins(*readout, "cf") == std::vector<std::string>{"in", "out"});
    CHECK(ohm(*readout, "rf") == feedback);
    // The same damping at every feedback resistor wants cf to fall with its root.
    const double at_10k = farad(*tia(ReadoutSpec{}), "cf");
    CHECK_THAT(farad(*readout, "cf"), WithinRel(at_10k * std::sqrt(10e3 / feedback), 1e-12));
    CHECK(check(*readout).empty());
}

TEST_CASE("the read-out is a differential pair between input and common mode in core devices") {
    const Technology technology = read_technology("generic40");
    const Definition readout = tia(ReadoutSpec{});
    // The feedback is negative only with the input on the pair's inverting side: the branch of m1
    // is mirrored onto v1, which the output stage inverts.
    CHECK(pins(*readout, "m1") == std::vector<std::string>{"f1", "in", "tail", "vdd"});
    CHECK(pins(*readout, "m2") == std::vector<std::string>{"f2", "vcm", "tail", "vdd"});
    CHECK(body<Mosfet>(*readout, "m1").size == body<Mosfet>(*readout, "m2").size);
    CHECK_NOTHROW(require_in_range(technology, *readout));
    for (const auto& [model, number] : count(*readout).mosfets_by_model) {
        INFO(model);
        CHECK((model == "nch" || model == "pch"));
        CHECK(number > 0);
    }
    for (const Device& device : readout->devices()) {
        const auto* mosfet = std::get_if<Mosfet>(&device.body);
        if (mosfet == nullptr) continue;
        INFO(device.name);
        CHECK(readout->net_name(device.pins[3]) == (mosfet->model == "nch" ? "0" : "vdd"));
    }
}
