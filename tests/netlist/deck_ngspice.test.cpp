// SPDX-License-Identifier: Apache-2.0
// Decks in the stock simulator, checked against closed forms.
#include <fmt/format.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <string>

#include "base/file.h"
#include "netlist/deck.h"
#include "netlist/example_circuits.h"
#include "netlist/technology.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

#define REQUIRE_NGSPICE() \
    if (std::system("command -v ngspice >/dev/null 2>&1") != 0) SKIP("no ngspice on PATH")

namespace {

std::string run(const Deck& deck) {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "deck.cir", write_deck(deck));
    const std::string command =
        fmt::format("cd '{}' && ngspice -b deck.cir 2>&1 </dev/null", folder.path().string());
    const auto close = [](FILE* pipe) { ::pclose(pipe); };
    const std::unique_ptr<FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
    REQUIRE(pipe);
    std::string output;
    std::array<char, 4096> block{};
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), pipe.get())) {
        output.append(block.data(), got);
    }
    return output;
}

// The number behind the last "name = " of the output.
double printed(const std::string& output, const std::string& name) {
    const std::size_t at = output.rfind(fmt::format("\n{} = ", name));
    INFO(output);
    REQUIRE(at != std::string::npos);
    return std::stod(output.substr(at + name.size() + 4));
}

}  // namespace

TEST_CASE("ngspice solves a written divider as the closed form says") {
    REQUIRE_NGSPICE();
    Deck deck;
    deck.circuit = mho::test::divider_bench();
    deck.saved = {"v(middle)", "i(vin)", voltage_vector("", "out")};
    const std::string output = run(deck);
    CHECK_THAT(output, !ContainsSubstring("rror"));
    CHECK_THAT(output, !ContainsSubstring("arning"));
    const double bottom = 1 / (1 / 1e3 + 1 / 2e9);
    CHECK_THAT(printed(output, "v(middle)"), WithinRel(bottom / (3e3 + bottom), 1e-9));
    CHECK_THAT(printed(output, "v(out)"), WithinRel(0.5 * bottom / (3e3 + bottom), 1e-9));
    CHECK_THAT(printed(output, "i(vin)"), WithinRel(-1 / (3e3 + bottom), 1e-9));
}

TEST_CASE("ngspice measures the time constant of a written RC low-pass") {
    REQUIRE_NGSPICE();
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vin", c.net("in"), kGround,
                     {.waveform = Pulse{0, 1, 1e-9, 1e-15, 1e-15, 1e-6}});
    c.resistor("r1", c.net("in"), c.net("out"), 1e3);
    c.capacitor("c1", c.net("out"), kGround, 1e-12);
    deck.options = {"reltol=1e-6"};
    deck.analysis = Transient{1e-12, 4e-9, 1e-12};
    deck.saved = {"v(out)"};
    deck.measures = {{"td", "trig v(in) val=0.5 rise=1 targ v(out) val=0.5 rise=1"},
                     {"top", "max v(out)"}};
    const std::string output = run(deck);
    CHECK_THAT(output, !ContainsSubstring("rror"));
    const std::string found = output.substr(output.find("\ntd") + 1);
    const double delay = std::stod(found.substr(found.find('=') + 1));
    CHECK_THAT(delay, WithinRel(1e-9 * std::numbers::ln2, 1e-4));
    const std::string top = output.substr(output.find("\ntop") + 1);
    CHECK_THAT(std::stod(top.substr(top.find('=') + 1)), WithinRel(1 - std::exp(-3), 1e-4));
}

TEST_CASE("ngspice runs a pulse without a period once and one with a period again") {
    REQUIRE_NGSPICE();
    const double period = GENERATE(0.0, 20e-9);
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vin", c.net("in"), kGround,
                     {.waveform = Pulse{0, 1, 1e-9, 0.1e-9, 0.1e-9, 9.9e-9, period}});
    c.resistor("r1", c.net("in"), kGround, 1e3);
    deck.analysis = Transient{0.1e-9, 40e-9, 0.1e-9};
    deck.saved = {"v(in)"};
    deck.measures = {{"area", "integ v(in)"}};
    const std::string output = run(deck);
    const std::string area = output.substr(output.find("\narea") + 1);
    CHECK_THAT(std::stod(area.substr(area.find('=') + 1)),
               WithinRel(period > 0 ? 20e-9 : 10e-9, 1e-3));
}

TEST_CASE("ngspice finds kT over C in a written noise deck at its temperature") {
    REQUIRE_NGSPICE();
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vin", c.net("in"), kGround, {.ac = 1});
    c.resistor("r1", c.net("in"), c.net("out"), 1e3);
    c.capacitor("c1", c.net("out"), kGround, 1e-12);
    deck.temperature_celsius = 85;
    deck.saved = {"onoise_total"};
    deck.analysis = Noise{"out", "vin", 50, 1, 1e13};
    constexpr double kBoltzmann = 1.380649e-23;  // SI definition
    const double expected = std::sqrt(kBoltzmann * (273.15 + 85) / 1e-12);
    CHECK_THAT(printed(run(deck), "onoise_total"), WithinRel(expected, 2e-3));
}

TEST_CASE("ngspice sweeps an index through a long continued table") {
    REQUIRE_NGSPICE();
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vk", c.net("k"), kGround, {});
    std::string table = "pwl(v(k)";
    for (int k = 0; k < 100; ++k) {
        table += fmt::format(",{},{}.125", k, (k * k) % 17);
    }
    c.behavioural_voltage("b1", c.net("out"), kGround, table + ")");
    c.resistor("r1", c.net("out"), kGround, 1e3);
    deck.analysis = DcSweep{"vk", 0, 99, 1};
    deck.saved = {"v(out)"};
    const std::string output = run(deck);
    CHECK_THAT(output, !ContainsSubstring("rror"));
    int rows = 0;
    for (std::size_t at = 0; (at = output.find("\n", at)) != std::string::npos; ++at) {
        int index = 0;
        double k = 0;
        double value = 0;
        if (std::sscanf(output.c_str() + at + 1, "%d\t%lf\t%lf", &index, &k, &value) != 3) continue;
        CHECK(index == rows);
        CHECK_THAT(value, WithinRel((rows * rows) % 17 + 0.125, 1e-9));
        ++rows;
    }
    CHECK(rows == 100);
}

TEST_CASE("ngspice takes parameters in the expressions of a subcircuit") {
    REQUIRE_NGSPICE();
    Circuit block("block", {"g", "out"}, {{"g", 2.0}});
    block.behavioural_voltage("b1", block.net("out"), kGround, "g*v(g)+1e-3");
    block.resistor("rload", block.net("out"), block.net("g"), 1e3);
    block.voltage_source("vs", block.net("g"), block.net("h"), {.dc = Value::parameter("g")});
    block.resistor("rh", block.net("h"), kGround, 1e3);
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("v1", c.net("a"), kGround, {.dc = 0.5});
    c.instance("x1", share(std::move(block)), {c.net("a"), c.net("o")}, {{"g", 3.0}});
    deck.saved = {"v(o)", voltage_vector("x1", "h"), current_vector("x1", "vs")};
    const std::string output = run(deck);
    CHECK_THAT(printed(output, "v(o)"), WithinRel(1.501, 1e-9));
    CHECK_THAT(printed(output, "v(x1.h)"), WithinRel(-2.5, 1e-9));
    CHECK_THAT(printed(output, "i(v.x1.vs)"), WithinRel(-2.5e-3, 1e-9));
}

TEST_CASE("a transistor deck gives the same with its models inlined as with the library") {
    REQUIRE_NGSPICE();
    const Technology technology = read_technology("generic40");
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vd", c.net("d"), kGround, {.dc = 1.1});
    c.voltage_source("vg", c.net("g"), kGround, {.dc = 0.8});
    const MosPins pins{c.net("d"), c.net("g"), kGround, kGround};
    c.mosfet("m1", pins, "nch", {1e-6, 40e-9});
    deck.libraries = {model_library(technology, "tt")};
    deck.saved = {"i(vd)"};
    const double current = -printed(run(deck), "i(vd)");
    CHECK(current > 1e-5);
    CHECK(current < 1e-3);

    const Deck inlined = inline_libraries(deck);
    CHECK_THAT(write_deck(inlined), !ContainsSubstring("\n.lib"));
    CHECK(-printed(run(inlined), "i(vd)") == current);

    // The threshold shift reaches the model: a higher threshold means less current.
    Deck shifted = deck;
    shifted.circuit.mosfet("m2", pins, "nch",
                           {.width_m = 1e-6, .length_m = 40e-9, .threshold_shift_volt = 0.05});
    const double both = -printed(run(shifted), "i(vd)");
    CHECK(both - current < 0.95 * current);
    CHECK(both - current > 0.5 * current);
    Deck doubled = deck;
    doubled.circuit.mosfet("m2", pins, "nch",
                           {.width_m = 1e-6, .length_m = 40e-9, .multiplier = 2});
    CHECK_THAT(-printed(run(doubled), "i(vd)"), WithinRel(3 * current, 1e-6));
}

TEST_CASE("many saved vectors are all kept") {
    REQUIRE_NGSPICE();
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("v1", c.net("n", 0), kGround, {.dc = 1.0});
    for (int k = 0; k < 200; ++k) {
        c.resistor(fmt::format("r{}", k), c.net("n", k), k < 199 ? c.net("n", k + 1) : kGround,
                   1.0);
        deck.saved.push_back(voltage_vector("", fmt::format("n_{}", k)));
    }
    const std::string output = run(deck);
    for (int k = 0; k < 200; ++k) {
        CHECK_THAT(printed(output, fmt::format("v(n_{})", k)), WithinRel((200 - k) / 200.0, 1e-9));
    }
}

TEST_CASE("ngspice finds the corner frequency in a written small-signal deck") {
    REQUIRE_NGSPICE();
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vin", c.net("in"), kGround, {.ac = 1});
    c.resistor("r1", c.net("in"), c.net("out"), 1e3);
    c.capacitor("c1", c.net("out"), kGround, 1e-12);
    deck.saved = {"v(out)"};
    deck.analysis = SmallSignal{.points_per_decade = 200, .from_hertz = 1e6, .to_hertz = 1e10};
    deck.measures = {{"corner", "when vm(out)=0.70710678"}};
    const std::string output = run(deck);
    const std::string corner = output.substr(output.find("\ncorner") + 1);
    const double expected = 1 / (2 * std::numbers::pi * 1e3 * 1e-12);
    CHECK_THAT(std::stod(corner.substr(corner.find('=') + 1)), WithinRel(expected, 1e-4));
}
