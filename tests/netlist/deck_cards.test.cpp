// SPDX-License-Identifier: Apache-2.0
// Decks of other people's making: what is read, what is refused, and where.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <variant>

#include "base/error.h"
#include "netlist/circuit_lookup.h"
#include "netlist/deck_names.h"
#include "netlist/deck_read.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;

namespace {

// A deck of these lines below a title.
Deck read_lines(const std::string& lines) {
    return read_deck("title\n" + lines + "\n.end\n", "deck.cir");
}

std::string card_refusal(const std::string& lines) {
    try {
        (void)read_lines(lines);
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        return error.what();
    }
    return "";
}

void check_card_refused(const std::string& lines, const std::string& place,
                        const std::string& text) {
    CAPTURE(lines);
    const std::string message = card_refusal(lines);
    CAPTURE(message);
    CHECK(message.starts_with("deck.cir:" + place + ": "));
    CHECK_THAT(message, ContainsSubstring(text));
}

}  // namespace

TEST_CASE("a deck in another hand means the same as ours") {
    const Deck deck = read_deck(
        "* RC low-pass by somebody\r\n"
        ".PARAM Rload = 2K\tcload={Rload*0.5f}\r\n"
        ".OPTIONS RELTOL=1e-5 ; tighter\r\n"
        ".TEMP 85\r\n"
        "\r\n"
        "* stimulus\r\n"
        "V1 IN GND DC 1 AC 0.5 0 PULSE(0, 1.1, 1n 10p 10p 5n) $ a step\r\n"
        "X1 IN out filter PARAMS: R='Rload'\r\n"
        "I1 0 out 1uA\r\n"
        "B1 mon 0 V = {2*Rload} * V(OUT,0) + I(V9)\r\n"
        "V9 mon 0 0\r\n"
        ".SUBCKT filter a b r=1k\r\n"
        "R1 a b {r}\r\n"
        "* between\r\n"
        "C1 b\r\n"
        "\r\n"
        "+ 0 ; where\r\n"
        "* and\r\n"
        "+ C='cload'\r\n"
        ".ENDS filter\r\n"
        ".IC V(out)=0.25 v(in)={1/4}\r\n"
        ".save V(OUT) i(v1), v( in , out )\r\n"
        ".print tran v(out)\r\n"
        ".MEAS TRAN Td WHEN V(OUT)=0.5 RISE=1\r\n"
        ".tran 1n 0.1u UIC\r\n"
        ".END\r\n"
        "anything at all\r\n",
        "deck.cir");
    CHECK(deck.title == "* RC low-pass by somebody");
    CHECK(deck.options == std::vector<std::string>{"reltol=1e-5"});
    CHECK(deck.temperature_celsius == 85);
    CHECK(deck.analysis == Analysis(Transient{1e-9, 1e-7, 0, true}));
    CHECK(deck.saved == std::vector<std::string>{"v(out)", "i(v1)", "v(in,out)"});
    CHECK(deck.measures == std::vector<Measure>{{"td", "when v(out)=0.5 rise=1"}});
    CHECK(deck.initial_volt ==
          std::vector<std::pair<std::string, double>>{{"out", 0.25}, {"in", 0.25}});
    CHECK(deck.libraries.size() == 1);  // the .param card, for models

    Circuit filter("filter", {"a", "b"}, {{"r", 1e3}});
    filter.resistor("r1", filter.net("a"), filter.net("b"), Value::parameter("r"));
    filter.capacitor("c1", filter.net("b"), kGround, 1e-12);
    Circuit top("top");
    const NetId in = top.net("in");
    const NetId out = top.net("out");
    top.voltage_source("v1", in, kGround, {1.0, 0.5, Pulse{0, 1.1, 1e-9, 1e-11, 1e-11, 5e-9, 0}});
    top.instance("x1", share(std::move(filter)), {in, out}, {{"r", 2e3}});
    top.current_source("i1", kGround, out, {.dc = 1e-6});
    top.voltage_source("v9", top.net("mon"), kGround, {.dc = 0.0});
    // Behind the source whose current it reads.
    top.behavioural_voltage("b1", top.net("mon"), kGround, "(2*2000) * v(out,0) + i(v9)");
    CHECK(deck.circuit == top);
}

TEST_CASE("waveforms are read with and without parentheses") {
    const auto waveform = [](const std::string& text) {
        const Deck deck = read_lines("V1 a 0 " + text);
        return body<VoltageSource>(deck.circuit, "v1").stimulus;
    };
    const Pwl pwl{{{0, 0}, {1e-9, 1.5}, {2e-9, -1}}};
    CHECK(waveform("pwl(0 0 1n 1.5 2n -1)").waveform == Waveform(pwl));
    CHECK(waveform("PWL 0,0 1n,1.5 2n,-1").waveform == Waveform(pwl));
    CHECK(waveform("pwl 0 0 1n 1.5 2n -1 dc 3") == Stimulus{3.0, 0, pwl});
    CHECK(waveform("sin(0.5 0.1 1meg)").waveform == Waveform(Sine{0.5, 0.1, 1e6, 0}));
    CHECK(waveform("sin(0.5 0.1 1meg 1n 0)").waveform == Waveform(Sine{0.5, 0.1, 1e6, 1e-9}));
    CHECK(waveform("pulse(0 1 0 1p 1p 1n 2n)").waveform ==
          Waveform(Pulse{0, 1, 0, 1e-12, 1e-12, 1e-9, 2e-9}));
    CHECK(waveform("pulse(0 1 0 1p 1p 1n 1e9)").waveform ==
          Waveform(Pulse{0, 1, 0, 1e-12, 1e-12, 1e-9, 0}));
    CHECK(waveform("5") == Stimulus{5.0, 0, {}});
    CHECK(waveform("ac") == Stimulus{0.0, 1, {}});
    CHECK(waveform("ac 2 dc 1") == Stimulus{1.0, 2, {}});
}

TEST_CASE("names that ours cannot be are mapped so that they can be read off again") {
    CHECK(net_name_of("out_1") == "out_1");
    CHECK(net_name_of("0") == "0");
    CHECK(net_name_of("gnd") == "0");
    CHECK(net_name_of("1") == "n_1");
    CHECK(net_name_of("net-3") == "n_net_2d3");
    CHECK(net_name_of("_x") == "n__5fx");
    CHECK(net_path_of("x1.2.out") == "x1.n_2.out");

    const Deck deck = read_lines(
        "R1 1 Net-3 1k\nV1 1 0 1\nB1 Net-3 0 i=1m*V(1)*v(Net-3,0)\n.ic v(1)=1\n.save v(1)\n"
        ".meas noise t when V(Net-3)=0.5\n.noise v(1) v1 dec 1 1 10");
    CHECK(pins(deck.circuit, "r1") == std::vector<std::string>{"n_1", "n_net_2d3"});
    CHECK(body<BehaviouralSource>(deck.circuit, "b1").expression == "1m*v(n_1)*v(n_net_2d3,0)");
    CHECK(deck.initial_volt.at(0).first == "n_1");
    CHECK(deck.saved == std::vector<std::string>{"v(n_1)"});
    CHECK(deck.measures.at(0).expression == "when v(n_net_2d3)=0.5");
    check_card_refused("R1 1 0 1\nR2 n_1 0 1", "3:4",
                       "the net 'n_1' and another one would both be 'n_1'");
}

TEST_CASE("subcircuits stand in any order, share definitions and have defaults") {
    const Deck deck = read_lines(
        ".param vlow=-1m\nx1 a outer\nx2 b outer w=2u\nx3 b inner\nv1 a 0 {vlow}\n"
        ".subckt outer p w=1u\n.param half={0.5*3}\nx1 p inner l={w}\nr1 p 0 'half'\n.ends\n"
        ".subckt unused a\nr1 a 0 1\n.ends unused\n"
        ".subckt inner 1 l=40n\nm1 1 1 0 0 NCH W=1u L=l nf=2 m=3 delvto='-vlow'\n.ends\n");
    const auto& x1 = body<Instance>(deck.circuit, "x1");
    const auto& x2 = body<Instance>(deck.circuit, "x2");
    CHECK(x1.definition == x2.definition);
    CHECK(x1.parameters.empty());
    CHECK(x2.parameters == std::vector<ParameterValue>{{"w", 2e-6}});
    CHECK(x1.definition->parameters()[0].value == Value(1e-6));
    CHECK(ohm(*x1.definition, "r1") == 1.5);
    const auto& nested = body<Instance>(*x1.definition, "x1");
    CHECK(nested.parameters == std::vector<ParameterValue>{{"l", Value::parameter("w")}});
    CHECK(nested.definition == body<Instance>(deck.circuit, "x3").definition);
    const auto& mosfet = body<Mosfet>(*nested.definition, "m1");
    CHECK(mosfet == Mosfet{"nch", {1e-6, Value::parameter("l"), 2, 3, 1e-3}});
    CHECK(port_names(*nested.definition) == std::vector<std::string>{"n_1"});
}

TEST_CASE("models and libraries are kept as they stand") {
    const Deck deck = read_lines(
        ".LIB 'Models/My File.lib' TT\n.include \"other.INC\"\n.inc plain.inc\n.option klu\n"
        ".model NCH nmos\n+ level=54 ; comment\n.param vt=0.4\nv1 a 0 {vt}\n");
    REQUIRE(deck.libraries.size() == 4);
    CHECK(deck.libraries[0] == Library{"Models/My File.lib", "TT"});
    CHECK(deck.libraries[1] == Library{"other.INC", ""});
    CHECK(deck.libraries[2] == Library{"plain.inc", ""});
    CHECK(deck.libraries[3].text == ".model NCH nmos\n+ level=54 ; comment\n.param vt=0.4\n");
    CHECK(deck.klu);
    CHECK(read_deck(write_deck(deck), "") == deck);
}

TEST_CASE("what a deck does not say has its usual value") {
    const Deck deck = read_deck("\n.end", "deck.cir");
    CHECK(deck.title == "untitled");
    CHECK(deck.analysis == Analysis(OperatingPoint{}));
    CHECK(deck.temperature_celsius == 27);
    CHECK(deck.circuit == Circuit("top"));
    CHECK(read_lines("v1 a 0 1\n.save all @m1[id]").saved.empty());
    CHECK(read_lines(".title  Another\n").title == "Another");
}

TEST_CASE("an analysis is read from a card or from a control block") {
    const std::string sources = "v1 a 0 1\nr1 a 0 1\n";
    CHECK(read_lines(sources + ".dc V1 0 1 0.1").analysis == Analysis(DcSweep{"v1", 0, 1, 0.1}));
    CHECK(read_lines(sources + ".tran 1n 10n 0 2n").analysis ==
          Analysis(Transient{1e-9, 1e-8, 2e-9, false}));
    CHECK(read_lines(sources + ".ac dec 5 1k 1g").analysis == Analysis(SmallSignal{5, 1e3, 1e9}));
    CHECK(read_lines(sources + ".noise V(a) v1 dec 10 1k 1meg").analysis ==
          Analysis(Noise{"a", "v1", 10, 1e3, 1e6}));
    CHECK(read_lines(".param t=1u\n.op").analysis == Analysis(OperatingPoint{}));
    CHECK(read_lines(".param t=1u\n.tran {t/10} {t}").analysis ==
          Analysis(Transient{1e-6 / 10, 1e-6}));
    const Deck deck = read_lines(sources +
                                 ".control\nset numdgt=14\ntran 1n 10n uic\nmeas tran top max "
                                 "v(a)\nprint v(a)\n.endc");
    CHECK(deck.analysis == Analysis(Transient{1e-9, 1e-8, 0, true}));
    CHECK(deck.measures == std::vector<Measure>{{"top", "max v(a)"}});
}

TEST_CASE("elements that are not supported are refused with their place") {
    check_card_refused("D1 a 0 dmod", "2:1", "element 'd1' of kind 'd' is not supported here");
    check_card_refused("r1 a 0 1\n  L1 a 0 1n", "3:3", "element 'l1' of kind 'l'");
    for (const char* card :
         {"e1 a 0 b 0 2", "q1 a b c mod", "u1 a b mod", "k1 l1 l2 1", "(1 2", "@@", "=", "1 2 3"}) {
        check_card_refused(card, "2:1", "is not supported here");
    }
    check_card_refused("r-1 a 0 1", "2:1", "found the device name 'r-1', expected only letters");
    check_card_refused("r1 a 0 1k tc1=1", "2:11", "found 'tc1', expected the end of the card");
    check_card_refused("r1 a 0", "2:7", "found the end of the card, expected a resistance");
    check_card_refused("r1 a", "2:5", "expected a net");
    check_card_refused("r1 a 0 abc", "2:8", "found 'abc', expected a number");
    check_card_refused("r1 a 0 -5", "2:1", "resistance must be positive");
    check_card_refused("c1 a 0 ic=1 1p", "2:8", "found 'ic'");
    check_card_refused("r1 a 0 1\n* c\n+ 2", "4:3", "found '2', expected the end of the card");
    check_card_refused("r1 a 0 1\nr1 a 0 1", "3:1", "already a device");
    check_card_refused("m1 a b c nch w=1 l=1", "2:14", "found 'w', expected a model");
    check_card_refused("m1 a b c 0 nch w=1 l=1 ad=1p", "2:24",
                       "the parameter 'ad' of a transistor");
    check_card_refused("m1 a b c 0 nch w=1 l=1 m=1.5", "2:26", "m is 1.5, expected a whole number");
    check_card_refused("m1 a b c 0 nch.1 w=1 l=1", "2:1", "cannot name a model");
    check_card_refused("m1 a b c 0 nch l=1", "2:1", "width must be positive");
    check_card_refused("x1", "2:3", "expected nets and a subcircuit");
    check_card_refused("x1 a nosub", "2:6", "found no .subckt 'nosub' in this deck");
    check_card_refused("x1 a b s\n.subckt s a\n.ends", "2:1", "'s' has 1 ports, found 2 nets");
    check_card_refused("x1 a s w=1\n.subckt s a\n.ends", "2:1", "'s' has no parameter 'w'");
    check_card_refused("b1 a 0 1", "2:8", "expected v= or i=");
    check_card_refused("b1 a 0 v={v(a)", "2:10", "found '{' without its end");
    check_card_refused("b1 a 0 v=u*2", "2:1", "expression uses 'u'");
    check_card_refused("b1 a 0 v=i(v7)", "2:1", "which is no voltage source here");
    check_card_refused("b1 a 0 v=\"x\"", "2:1", "only lower case letters");
}

TEST_CASE("code models have vectors of nets, nets and open ports") {
    const Deck deck = read_lines("aGate [ 1 b] c NULL [d ] d_mod\nr1 1 b 1");
    const Device& gate = deck.circuit.devices()[0];
    CHECK(std::get<CodeModel>(gate.body) == CodeModel{"d_mod", {2, 0, -1, 1}});
    CHECK(gate.pins.size() == 4);
    CHECK(deck.circuit.net_name(gate.pins[0]) == "n_1");
    CHECK_THAT(write_deck(deck), ContainsSubstring("agate [n_1 b] c null [d] d_mod\n"));
}

TEST_CASE("code models that cannot be held are refused with their place") {
    check_card_refused("a1 [a b mod", "2:12",
                       "found the end of the card, expected ']' behind the nets");
    check_card_refused("a1 [a [b] mod", "2:7", "found '[' inside a vector of nets");
    check_card_refused("a1 a] mod", "2:4", "found ']', expected '[' before it");
    check_card_refused("a1 [] mod", "2:1", "a vector of nets may not be empty");
    check_card_refused("a1 null mod", "2:1", "a code model needs a net");
    check_card_refused("a1 ~a b mod", "2:4", "'~a' of a code model is not supported here");
    check_card_refused("a1 %v(a) b mod", "2:4", "'%v' of a code model is not supported here");
    check_card_refused("a1 a b [c]", "2:1", "'[c]' cannot name a model");
    check_card_refused("a1 [a null] b mod", "2:1", "a net named 'null'");
    check_card_refused("a1", "2:3", "expected a model");
}

TEST_CASE("sources that cannot be held are refused with their place") {
    const std::string v = "v1 a 0 ";
    check_card_refused(v, "2:7", "expected a value, dc, ac, pulse, pwl or sin");
    check_card_refused(v + "exp(0 1 1n 1n)", "2:8", "found 'exp', expected a value, dc, ac, pulse");
    check_card_refused(v + "external", "2:8", "found 'external'");
    check_card_refused(v + "trnoise(1 1n)", "2:8", "found 'trnoise'");
    check_card_refused(v + "pulse(0 1)", "2:8", "pulse has 2 numbers, expected 6 to 7");
    check_card_refused(v + "pulse(0 1 0 0 0 1n)", "2:1", "must be positive");
    check_card_refused(v + "pwl(0 1 1n)", "2:8", "pwl has 3 numbers, expected pairs");
    check_card_refused(v + "pwl(0 1 1n 2", "2:20", "expected a number or ')'");
    check_card_refused(v + "pwl(1n 1 0 2)", "2:1", "increasing");
    check_card_refused(v + "pwl(0 0) r=1n", "2:17", "found 'r'");
    check_card_refused(v + "sin(0 1 1k 0 3)", "2:8", "damping or phase");
    check_card_refused(v + "ac 1 90", "2:13", "a phase of ac is not supported");
    check_card_refused(v + "1 pwl(0 0) sin(0 1 1)", "2:19", "a second waveform");
    check_card_refused(v + "{x}", "2:9", "'x' is no parameter");
}

TEST_CASE("cards that are not supported are refused with their place") {
    const std::string sources = "v1 a 0 1\nr1 a 0 1\n";
    for (const char* card : {".global vdd", ".func f(x) {x}", ".pz 1 0 2 0 vol pz",
                             ".step param x 1 2 3", ".if (1)", ".tf v(a) v1", "."}) {
        check_card_refused(card, "2:1", "is not supported here, expected one of .param");
    }
    check_card_refused(sources + ".op\n.tran 1n 2n", "5:1", "a second analysis, expected one");
    check_card_refused(sources + ".op x", "4:5", "expected the end of the card");
    check_card_refused(sources + ".dc v1 0 1", "4:11", "expected a step");
    check_card_refused(sources + ".dc v2 0 1 1", "4:1", "found 'v2' in the analysis");
    check_card_refused(sources + ".dc r1 0 1 1", "4:1", "expected an independent source");
    check_card_refused(sources + ".dc v1 0 1 1 v2 0 1 1", "4:14", "a second sweep");
    check_card_refused(sources + ".tran 1n", "4:9", "expected a stop time");
    check_card_refused(sources + ".tran 1n 2n 1n", "4:13", "a start of the output");
    check_card_refused(sources + ".noise v(a,b) v1 dec 1 1 2", "4:12", "expected ')'");
    check_card_refused(sources + ".noise v(b) v1 dec 1 1 2", "4:1", "no net 'b'");
    check_card_refused(sources + ".ac lin 5 1 2", "4:5", "found 'lin', expected dec");
    check_card_refused(sources + ".noise v(a) v1 oct 1 1 2", "4:16", "found 'oct', expected dec");
    check_card_refused(sources + ".noise v(a) v1 dec 1.5 1 2", "4:20", "whole number");
    check_card_refused(sources + ".meas pz t max v(a)", "4:7", "found 'pz', expected op, dc, tran");
    check_card_refused(sources + ".meas tran 1t max v(a)", "4:12", "found '1t', expected a name");
    check_card_refused(sources + ".meas tran t", "4:13", "expected what to measure");
    check_card_refused(sources + ".op\n.meas tran t max v(a)", "5:1", "one of 'op'");
    check_card_refused(".temp 27\n.temp 28", "3:1", "a second temperature");
    check_card_refused(".temp", "2:6", "expected a temperature");
    check_card_refused(".ic v(a)", "2:9", "expected '='");
    check_card_refused(".ic i(a)=1", "2:5", "found 'i', expected v(net)=volt");
    check_card_refused(".lib 'a.lib'", "2:13", "expected a section");
    check_card_refused(".include", "2:9", "expected a file");
    check_card_refused(".option", "2:8", "expected an option");
    check_card_refused(".param", "2:7", "expected a parameter");
    check_card_refused(".param a", "2:9", "expected '='");
    check_card_refused(".param a={1/0}", "2:11", "expected a finite number");
}

TEST_CASE("blocks that do not fit together are refused with their place") {
    check_card_refused(".subckt s a\nr1 a 0 1", "2:1", "found .subckt without .ends");
    check_card_refused(".subckt s a\n.subckt t a", "3:1", "found .subckt inside of subcircuit 's'");
    check_card_refused(".subckt s a\n.ends t", "3:7", "found 't', expected 's'");
    check_card_refused(".ends", "2:1", "found .ends outside");
    check_card_refused(".subckt", "2:8", "expected a name");
    check_card_refused(".subckt s a\n.ends\n.subckt S a\n.ends", "4:9", "two subcircuits 's'");
    check_card_refused(".subckt s a\n.model m nmos\n.ends", "3:1",
                       "'.model' inside of a subcircuit");
    check_card_refused("x1 a s\n.subckt s a a\n.ends", "3:1", "port 'a' appears twice");
    check_card_refused("x1 a s\n.subckt s 1 n_1\n.ends", "3:13", "becomes that of another one");
    check_card_refused("x1 a s\n.subckt s a w=\n.ends", "3:15", "expected a number");
    check_card_refused("x1 a s\n.subckt s a\nx1 a s\n.ends", "3:1", "contains itself");
    check_card_refused("x1 a s\n.subckt s a\nx1 a t\n.ends\n.subckt t a\nx1 a s\n.ends", "3:1",
                       "contains itself");
    check_card_refused("x1 a s\n.subckt s a w=1\nr1 a 0 {2*w}\n.ends", "4:11",
                       "an expression of the subcircuit's parameter 'w' cannot be kept");
    check_card_refused(".control\nop", "2:1", "found .control without .endc");
    check_card_refused(".control\nop\nwrite x\n.endc", "4:1",
                       "the command 'write' is not supported");
    check_card_refused("+ 1", "2:1", "found a continuation '+'");
    check_card_refused("r1 a 0 1\x01", "2:9", "found control character 0x01");
    check_card_refused("* ---- library a.lib\n.model n nmos", "2:1", "end of library");
    CHECK_THROWS_WITH(read_deck("", "x.cir"), ContainsSubstring("x.cir:1:1: the deck is empty"));
    CHECK_THROWS_WITH(read_deck("title\nr1 a 0 1\n", "x.cir"),
                      ContainsSubstring("x.cir:2:1: the deck ends here, expected '.end'"));
}

TEST_CASE("subcircuits nested without measure are refused, not followed") {
    std::string lines = "x1 a s0\n";
    for (int k = 0; k < 20000; ++k) {
        lines += fmt::format(".subckt s{} a\nx1 a s{}\n.ends\n", k, k + 1);
    }
    CHECK_THAT(card_refusal(lines), ContainsSubstring("nested deeper than 64"));
}
