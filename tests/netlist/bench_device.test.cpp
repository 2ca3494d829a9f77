// SPDX-License-Identifier: Apache-2.0
// What the benches of a technology are made of, without a simulator.
#include "netlist/bench_device.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

constexpr double kScale = 2e-12;
const ProcessPoint kPoint{"ss", 85};

const Technology& generic40() {
    static const Technology technology = read_technology("generic40");
    return technology;
}

Inverter inverter() {
    return *read_checks(generic40()).inverter;
}

const Instance& instance(const Circuit& circuit, const std::string& name) {
    return body<Instance>(circuit, name);
}

}  // namespace

TEST_CASE("every bench of a technology is sound and stands at its corner and temperature") {
    for (const Deck& deck : {transfer_bench(generic40(), kPoint, "nch", 0.05),
                             transfer_bench(generic40(), kPoint, "pch_io", 2.5),
                             gate_charge_bench(generic40(), kPoint, "pch"),
                             fan_out_bench(generic40(), kPoint, inverter(), 4, kScale),
                             fan_out_bench(generic40(), kPoint, inverter(), 1, kScale),
                             ring_bench(generic40(), kPoint, inverter(), kScale)}) {
        INFO(deck.title);
        CHECK_NOTHROW(require_sound(deck.circuit));
        CHECK_NOTHROW(require_in_range(generic40(), deck.circuit));
        CHECK(deck.libraries.at(0).section == "ss");
        CHECK(deck.temperature_celsius == 85);
        CHECK_FALSE(deck.saved.empty());
        CHECK_THAT(deck.title, ContainsSubstring("generic40, ss, 85 C: "));
        CHECK_NOTHROW(write_deck(deck));
    }
}

TEST_CASE("transfer curves run from off to the device's supply, mirrored for p") {
    const std::string model = GENERATE("nch", "pch", "nch_io", "pch_io");
    const DeviceLimits& limits = generic40().device(model);
    const double supply = generic40().supply(limits.supply).volt * (limits.is_p ? -1 : 1);
    const Deck deck = transfer_bench(generic40(), kPoint, model, 0.05);
    const auto& sweep = std::get<DcSweep>(deck.analysis);
    CHECK(sweep.stop == supply);
    CHECK(sweep.start * supply < 0);
    CHECK(sweep.step * supply > 0);
    // Both the source's potential and the supply are points of the sweep.
    for (const double from : {0.0, sweep.stop}) {
        const double steps = (from - sweep.start) / sweep.step;
        CHECK_THAT(steps, WithinRel(std::round(steps), 1e-9));
    }
    CHECK(dc(deck.circuit, "vd") == (limits.is_p ? -0.05 : 0.05));
    const MosSize& size = body<Mosfet>(deck.circuit, "m1").size;
    CHECK(size.width_m.number() == 1e-6);
    CHECK(size.length_m.number() == limits.min_length_m);
    CHECK(pins(deck.circuit, "m1") == std::vector<std::string>{"d", "g", "0", "0"});
}

TEST_CASE("devices that cannot be 1 um wide are measured at the nearest width") {
    DeviceLimits limits;
    limits.min_width_m = 2e-6;
    limits.max_width_m = 5e-6;
    CHECK(bench_width_m(limits) == 2e-6);
    limits.min_width_m = 1e-7;
    limits.max_width_m = 5e-7;
    CHECK(bench_width_m(limits) == 5e-7);
}

TEST_CASE("the gate is stepped about the supply") {
    const Deck deck = gate_charge_bench(generic40(), kPoint, "pch_io");
    const auto& step = std::get<Pulse>(body<VoltageSource>(deck.circuit, "vg").stimulus.waveform);
    CHECK_THAT(step.pulsed - step.initial, WithinRel(kGateStepVolt, 1e-9));
    CHECK_THAT(0.5 * (step.pulsed + step.initial), WithinRel(-2.5, 1e-9));
    CHECK(pins(deck.circuit, "m1") == std::vector<std::string>{"0", "g", "0", "0"});
}

TEST_CASE("each inverter of the chain is the fan-out times as large as the one before") {
    const int fan_out = GENERATE(1, 2, 4, 8);
    const Deck deck = fan_out_bench(generic40(), kPoint, inverter(), fan_out, kScale);
    int size = 1;
    for (int stage = 0; stage < 5; ++stage, size *= fan_out) {
        const std::string name = fmt::format("x{}", stage);
        const Circuit& cell = *instance(deck.circuit, name).definition;
        CHECK(body<Mosfet>(cell, "mn").size.multiplier == size);
        CHECK(body<Mosfet>(cell, "mp").size.multiplier == size);
        CHECK(body<Mosfet>(cell, "mn").size.width_m.number() == 120e-9);
        CHECK(body<Mosfet>(cell, "mp").size.width_m.number() == 240e-9);
        CHECK(pins(deck.circuit, name) == std::vector<std::string>{fmt::format("n_{}", stage),
                                                                   fmt::format("n_{}", stage + 1),
                                                                   "vdd"});
    }
}

TEST_CASE("the ring is closed, odd, and starts with a single edge in it") {
    const Deck deck = ring_bench(generic40(), kPoint, inverter(), kScale);
    CHECK(kRingStages % 2 == 1);
    for (int stage = 0; stage < kRingStages; ++stage) {
        const auto nets = pins(deck.circuit, fmt::format("x{}", stage));
        CHECK(nets[0] == fmt::format("n_{}", stage));
        CHECK(nets[1] == fmt::format("n_{}", (stage + 1) % kRingStages));
    }
    REQUIRE(deck.initial_volt.size() == kRingStages + 1);
    // An inverter whose input and output agree is where the edge is.
    int edges = 0;
    for (std::size_t i = 0; i < kRingStages; ++i) {
        const double input = deck.initial_volt[i].second;
        const double output = deck.initial_volt[(i + 1) % kRingStages].second;
        edges += input == output ? 1 : 0;
    }
    CHECK(edges == 1);
    CHECK(deck.initial_volt.back() == std::pair<std::string, double>("vdd", 1.1));
    CHECK(std::get<Transient>(deck.analysis).use_initial_conditions);
}

TEST_CASE("the window of the inverters scales with the technology's time") {
    const auto stop = [](double scale) {
        return std::get<Transient>(
                   fan_out_bench(generic40(), kPoint, inverter(), 4, scale).analysis)
            .stop_second;
    };
    CHECK_THAT(stop(20e-12), WithinRel(10 * stop(2e-12), 1e-12));
}

TEST_CASE("benches of a technology refuse what it does not have") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(bad_input_line([] { transfer_bench(generic40(), kPoint, "nfet", 1); }),
               ContainsSubstring("'nfet'"));
    CHECK_THAT(bad_input_line([] {
                   gate_charge_bench(generic40(), {"typ", 27}, "nch");
               }),
               ContainsSubstring("'typ'"));
    CHECK_THAT(bad_input_line([] {
                   transfer_bench(generic40(), {"tt", -41}, "nch", 1);
               }),
               ContainsSubstring("-40 to 125 degrees Celsius, found -41"));
    CHECK_THAT(bad_input_line([] { fan_out_bench(generic40(), kPoint, inverter(), 0, kScale); }),
               ContainsSubstring("found 0"));
    CHECK_THAT(bad_input_line([] { fan_out_bench(generic40(), kPoint, inverter(), 9, kScale); }),
               ContainsSubstring("found 9"));
    CHECK_THAT(bad_input_line([] { ring_bench(generic40(), kPoint, inverter(), 0); }),
               ContainsSubstring("time scale"));
    CHECK_THAT(bad_input_line([nan] { ring_bench(generic40(), kPoint, inverter(), nan); }),
               ContainsSubstring("time scale"));
    Inverter narrow = inverter();
    narrow.n_width_m = 50e-9;
    CHECK_THAT(bad_input_line([&] { ring_bench(generic40(), kPoint, narrow, kScale); }),
               ContainsSubstring("'mn'") && ContainsSubstring("'nch'"));
}
