// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>
#include <sstream>

#include "base/error.h"
#include "netlist/example_circuits.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

Deck example() {
    Deck deck;
    deck.title = "a test";
    deck.circuit = mho::test::divider_bench();
    deck.saved = {"v(out)", "i(vin)"};
    return deck;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

// Continuation lines joined, as ngspice reads them.
std::string joined(const std::string& text) {
    std::string result;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("+")) {
            result.pop_back();
            result += line.substr(1);
        } else {
            result += line;
        }
        result += '\n';
    }
    return result;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
}

}  // namespace

TEST_CASE("a deck starts with its title and ends with .end") {
    for (const std::string& text : {write_deck(example()), netlist_text(example())}) {
        const auto lines = lines_of(text);
        CHECK(lines.front() == "a test");
        CHECK(lines.back() == ".end");
        CHECK(occurrences(text, "\n.end\n") == 1);
    }
}

TEST_CASE("the text for in-process use has no analysis and no output") {
    Deck deck = example();
    deck.analysis = Transient{1e-12, 1e-9};
    deck.measures = {{"top", "max v(out)"}};
    const std::string text = netlist_text(deck);
    for (const std::string card : {".control", ".tran", "tran ", ".meas", "meas ", "print"}) {
        CHECK_THAT(text, !ContainsSubstring(card));
    }
    CHECK_THAT(text, ContainsSubstring(".save v(out) i(vin)\n"));
}

TEST_CASE("each subcircuit stands once and before its users") {
    const std::string text = write_deck(example());
    CHECK(occurrences(text, ".subckt divider in out top=1000 bottom=1000\n") == 1);
    CHECK(text.find(".ends divider") < text.find("x1 in middle divider top=3000\n"));
    CHECK_THAT(text, ContainsSubstring("x2 middle out divider top=1000000000 bottom=1000000000\n"));
    CHECK_THAT(text, ContainsSubstring("* divider: two resistors to ground\n"));
    CHECK_THAT(text, ContainsSubstring("* -- stimulus\nvin in 0 dc 1 ac 1\n* -- dividers\n"));
    CHECK_THAT(text, ContainsSubstring("rtop in out {top}\n"));

    Circuit outer("outer", {"a"});
    outer.instance("x1", share(mho::test::divider_block()), {outer.net("a"), outer.net("b")});
    Deck deck;
    deck.circuit.instance("x1", share(std::move(outer)), {deck.circuit.net("in")});
    deck.circuit.voltage_source("vin", deck.circuit.net("in"), kGround, {.dc = 1.0});
    const std::string nested = write_deck(deck);
    CHECK(nested.find(".ends divider") < nested.find(".subckt outer"));
    CHECK(nested.find(".ends outer") < nested.find("x1 in outer"));
}

TEST_CASE("equal subcircuits of one name are one, different ones are refused") {
    const auto block = [](double ohm) {
        Circuit c("block", {"a"});
        c.resistor("r1", c.net("a"), kGround, ohm);
        return share(std::move(c));
    };
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("vin", c.net("in"), kGround, {.dc = 1.0});
    c.instance("x1", block(1e3), {c.net("in")});
    c.instance("x2", block(1e3), {c.net("in")});
    CHECK(occurrences(write_deck(deck), ".subckt block") == 1);
    c.instance("x3", block(2e3), {c.net("in")});
    CHECK_THROWS_WITH(write_deck(deck), ContainsSubstring("'x3'") && ContainsSubstring("'block'"));
}

TEST_CASE("devices are written with all they have") {
    Deck deck;
    Circuit& c = deck.circuit;
    const NetId a = c.net("a");
    const NetId b = c.net("b");
    c.resistor("r1", a, b, 4.7e3);
    c.capacitor("c1", a, kGround, 2.5e-15);
    c.current_source("i1", a, kGround, {.dc = 1e-6});
    c.voltage_source("v1", a, kGround,
                     {.dc = 0.5, .waveform = Pulse{0, 1, 1e-9, 1e-12, 2e-12, 5e-9, 1e-8}});
    c.voltage_source("v2", b, kGround, {.waveform = Pwl{{{0, 0}, {1e-9, 1.5}}}});
    c.voltage_source("v3", c.net("d"), kGround, {.waveform = Sine{0.5, 0.1, 1e6, 1e-9}});
    c.mosfet("m1", {a, b, kGround, kGround}, "nch", {1e-6, 40e-9});
    c.mosfet("m2", {a, b, kGround, kGround}, "pch",
             {.width_m = 1e-6,
              .length_m = 40e-9,
              .fingers = 2,
              .multiplier = 3,
              .threshold_shift_volt = -0.01});
    c.behavioural_voltage("b1", c.net("e"), kGround, "2*v(a)");
    c.behavioural_current("b2", c.net("e"), kGround, "1e-6*i(v1)");
    const std::string text = write_deck(deck);
    for (const std::string line :
         {"r1 a b 4700", "c1 a 0 2.5e-15", "i1 a 0 dc 1e-06",
          "v1 a 0 dc 0.5 pulse(0 1 1e-09 1e-12 2e-12 5e-09 1e-08)",
          "v2 b 0 dc 0 pwl(0 0 1e-09 1.5)", "v3 d 0 dc 0 sin(0.5 0.1 1000000 1e-09)",
          "m1 a b 0 0 nch w=1e-06 l=4e-08", "m2 a b 0 0 pch w=1e-06 l=4e-08 nf=2 m=3 delvto=-0.01",
          "b1 e 0 v=2*v(a)", "b2 e 0 i=1e-6*i(v1)"}) {
        CHECK_THAT(text, ContainsSubstring(fmt::format("\n{}\n", line)));
    }
}

TEST_CASE("parameters of the subcircuit are braced in its expressions, names of nets are not") {
    Circuit block("block", {"g", "out"}, {{"g", 2.0}, {"e", 1.0}});
    block.behavioural_voltage("b1", block.net("out"), kGround, "g*v(g)+1e-3*e+gg(g)");
    Deck deck;
    Circuit& c = deck.circuit;
    c.voltage_source("v1", c.net("a"), kGround, {.dc = 1.0});
    c.instance("x1", share(std::move(block)), {c.net("a"), c.net("o")});
    CHECK_THAT(write_deck(deck), ContainsSubstring("b1 out 0 v={g}*v(g)+1e-3*{e}+gg({g})\n"));
}

TEST_CASE("long lines are continued and say the same") {
    Deck deck;
    Circuit& c = deck.circuit;
    Pwl pwl;
    std::string expression = "pwl(v(a)";
    for (int k = 0; k < 200; ++k) {
        pwl.points.emplace_back(k, k % 7);
        expression += fmt::format(",{},{}", k, k % 5);
    }
    expression += ")";
    c.voltage_source("v1", c.net("a"), kGround, {.waveform = pwl});
    c.behavioural_voltage("b1", c.net("b"), kGround, expression);
    for (int k = 0; k < 300; ++k)
        deck.saved.push_back(voltage_vector("x1", fmt::format("n_{}", k)));
    const std::string text = write_deck(deck);
    for (const std::string& line : lines_of(text)) CHECK(line.size() <= 101);
    std::string whole = joined(text);
    CHECK_THAT(whole, ContainsSubstring(" 197 1 198 2 199 3)\n"));
    std::string compact;
    for (const char letter : whole) {
        if (letter != ' ') compact += letter;
    }
    CHECK_THAT(compact, ContainsSubstring("b1b0v=" + expression + "\n"));
}

TEST_CASE("analyses are written as ngspice commands") {
    CHECK(analysis_command(OperatingPoint{}) == "op");
    CHECK(analysis_command(DcSweep{"vk", 0, 9, 1}) == "dc vk 0 9 1");
    CHECK(analysis_command(Transient{1e-9, 3e-7}) == "tran 1e-09 3e-07");
    CHECK(analysis_command(Transient{1e-9, 3e-7, 1e-10, true}) == "tran 1e-09 3e-07 0 1e-10 uic");
    CHECK(analysis_command(Noise{"out", "vin", 20, 1, 1e9}) ==
          "noise v(out) vin dec 20 1 1000000000");
    CHECK(measure_command(Transient{}, {"td", "when v(out)=0.5"}) ==
          "meas tran td when v(out)=0.5");
    CHECK(measure_command(DcSweep{}, {"top", "max v(out)"}) == "meas dc top max v(out)");
}

TEST_CASE("vectors that measures read are saved with the others") {
    Deck deck = example();
    deck.analysis = Transient{1e-12, 1e-9};
    deck.measures = {{"td", "trig v(in) val=0.5 rise=1 targ v(x1.n) val=0.5 rise=1"},
                     {"q", "integ i(vin)"}};
    CHECK_THAT(write_deck(deck), ContainsSubstring(".save v(out) i(vin) v(in) v(x1.n)\n"));
    deck.saved.clear();
    CHECK_THAT(write_deck(deck), !ContainsSubstring(".save"));
    deck.saved = {"onoise_total"};
    deck.measures.clear();
    deck.analysis = Noise{"out", "vin"};
    CHECK_THAT(write_deck(deck), !ContainsSubstring(".save"));
}

TEST_CASE("options, temperature, comments and libraries are written") {
    Deck deck = example();
    CHECK_THAT(write_deck(deck), !ContainsSubstring("klu"));
    deck.klu = true;
    deck.options = {"reltol=1e-05"};
    deck.temperature_celsius = 85;
    deck.comments = {"first", "", "second"};
    deck.libraries = {{"/models/a.lib", "tt"}, {"/models/b.inc", ""}, {"c.lib", "ff", "* text"}};
    deck.initial_volt = {{"out", 0.25}};
    deck.guessed_volt = {{"x1.n", 0.5}};
    const std::string text = write_deck(deck);
    for (const std::string part :
         {"a test\n* first\n*\n* second\n", "\n.option klu\n", "\n.option reltol=1e-05\n",
          "\n.temp 85\n", "\n.lib '/models/a.lib' tt\n", "\n.include '/models/b.inc'\n",
          "\n* ---- library c.lib, section ff\n* text\n* ---- end of library\n",
          "\n.ic v(out)=0.25\n", "\n.nodeset v(x1.n)=0.5\n"}) {
        CHECK_THAT(text, ContainsSubstring(part));
    }
}

TEST_CASE("text that would break out of its line is refused") {
    const auto refused = [](auto change) {
        Deck deck = example();
        change(deck);
        CHECK_THROWS_AS(write_deck(deck), mho::Error);
        CHECK_THROWS_AS(netlist_text(deck), mho::Error);
    };
    const std::string bad = "x\n.control";
    refused([&](Deck& deck) { deck.title = bad; });
    refused([&](Deck& deck) { deck.title = ""; });
    refused([&](Deck& deck) { deck.comments = {bad}; });
    refused([&](Deck& deck) { deck.options = {bad}; });
    refused([&](Deck& deck) { deck.saved = {bad}; });
    refused([&](Deck& deck) { deck.measures = {{"m", bad}}; });
    refused([&](Deck& deck) { deck.measures = {{"M 1", "max v(out)"}}; });
    refused([&](Deck& deck) { deck.initial_volt = {{bad, 1.0}}; });
    refused([&](Deck& deck) { deck.initial_volt = {{"out", kNotANumber}}; });
    refused([&](Deck& deck) { deck.guessed_volt = {{bad, 1.0}}; });
    refused([&](Deck& deck) { deck.guessed_volt = {{"out", kNotANumber}}; });
    refused([&](Deck& deck) { deck.libraries = {{bad, "tt"}}; });
    refused([&](Deck& deck) { deck.libraries = {{"a'b", "tt"}}; });
    refused([&](Deck& deck) { deck.libraries = {{"a", bad}}; });
    refused([&](Deck& deck) { deck.temperature_celsius = kNotANumber; });
    refused([&](Deck& deck) { deck.circuit = mho::test::divider_block(); });
}

TEST_CASE("analyses that cannot run are refused") {
    const auto refused = [](const Analysis& analysis, const std::string& part) {
        Deck deck = example();
        deck.analysis = analysis;
        CHECK_THROWS_WITH(write_deck(deck), ContainsSubstring(part));
    };
    refused(DcSweep{"vnone", 0, 1, 0.1}, "'vnone'");
    refused(DcSweep{"x1", 0, 1, 0.1}, "'x1'");
    refused(DcSweep{"vin", 0, 1, 0}, "does not end");
    refused(DcSweep{"vin", 0, 1, -0.1}, "does not end");
    refused(DcSweep{"vin", 1, 0, 0.1}, "does not end");
    refused(DcSweep{"vin", kNotANumber, 1, 0.1}, "start");
    refused(DcSweep{"vin", 0, kNotANumber, 0.1}, "stop");
    refused(DcSweep{"vin", 0, 1, kNotANumber}, "step");
    refused(Transient{0, 1e-9}, "step");
    refused(Transient{1e-12, -1}, "stop");
    refused(Transient{1e-12, 1e-9, -1}, "largest step");
    refused(Noise{"none", "vin"}, "'none'");
    refused(Noise{"out", "vnone"}, "'vnone'");
    refused(Noise{"out", "vin", 0}, "point");
    refused(Noise{"out", "vin", 10, 0, 1}, "start frequency");
    refused(Noise{"out", "vin", 10, 2, 1}, "rising");
    refused(SmallSignal{0, 1, 2}, "ac needs rising frequencies and at least one point");
    refused(SmallSignal{1, 0, 2}, "ac start frequency");
    Deck deck = example();
    deck.analysis = DcSweep{"vin", 1, 0, -0.25};
    CHECK_NOTHROW(write_deck(deck));
}

TEST_CASE("hierarchical vectors are named as ngspice flattens them") {
    CHECK(voltage_vector("", "out") == "v(out)");
    CHECK(voltage_vector("x1.x2", "n") == "v(x1.x2.n)");
    CHECK(current_vector("", "vs") == "i(vs)");
    CHECK(current_vector("x1.x2", "vs") == "i(v.x1.x2.vs)");
}

TEST_CASE("decks are equal by content") {
    CHECK(example() == example());
    Deck other = example();
    other.klu = true;
    CHECK_FALSE(example() == other);
    other = example();
    other.circuit.resistor("radd", other.circuit.net("in"), kGround, 1e3);
    CHECK_FALSE(example() == other);
}
