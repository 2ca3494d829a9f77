// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "netlist/circuit_stats.h"
#include "netlist/example_circuits.h"
#include "netlist/flat_circuit.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// The action throws one Error(bad_input) whose line has both parts.
template <typename Action>
void check_refused(Action action, const std::string& first, const std::string& second = "") {
    try {
        action();
        FAIL_CHECK("accepted, though it should be refused with: " << first);
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        CHECK_THAT(error.what(), ContainsSubstring(first));
        CHECK_THAT(error.what(), ContainsSubstring(second));
    }
}

}  // namespace

TEST_CASE("a circuit keeps what was put into it") {
    const Circuit c = mho::test::divider_block();
    CHECK(c.name() == "divider");
    REQUIRE(c.ports().size() == 2);
    CHECK(c.net_name(c.ports()[0]) == "in");
    CHECK(c.is_port(c.find_net("out")));
    CHECK_FALSE(c.is_port(kGround));
    CHECK(c.net_count() == 3);
    REQUIRE(c.devices().size() == 2);
    CHECK(c.devices()[0].name == "rtop");
    CHECK(std::get<Resistor>(c.devices()[0].body).ohm == Value::parameter("top"));
    CHECK(c.needs_positive("top"));
    CHECK_FALSE(c.needs_positive("absent"));
    CHECK(c.has_device("rbottom"));
    CHECK_FALSE(c.has_device("rmiddle"));
}

TEST_CASE("net names with indices follow one convention") {
    Circuit c("c");
    CHECK(c.net_name(c.net("row", 3)) == "row_3");
    CHECK(c.net_name(c.net("u", 3, 7)) == "u_3_7");
    CHECK(c.net("0") == kGround);
    CHECK(c.net("a") == c.net("a"));
}

TEST_CASE("names that ngspice would read as something else are refused") {
    Circuit c("c");
    const NetId a = c.net("a");
    for (const std::string bad :
         {"", "A", "1", "a-b", "a.b", "a b", "_a", "a\n", "\xc3\xa4", "a+"}) {
        CAPTURE(bad);
        check_refused([&] { c.net(bad); }, "circuit 'c'", "net");
        check_refused([&] { c.resistor("r" + bad + "!", a, kGround, 1); }, "device");
        check_refused([&] { Circuit named(bad); }, "circuit '");
        check_refused([&] { Circuit("s", {bad}); }, "net");
        check_refused([&] { Circuit("s", {}, {{bad, 1.0}}); }, "parameter");
        check_refused([&] { c.mosfet("m1", {a, a, a, a}, bad, {1e-6, 1e-6}); }, "'m1'", "model");
    }
    check_refused([&] { c.net("gnd"); }, "'gnd' is ground");
    check_refused([&] { c.resistor("", a, kGround, 1); }, "no name");
    check_refused([&] { Circuit("s", {}, {{"time", 1.0}}); }, "'time' cannot name a parameter");
}

TEST_CASE("a device name starts with the letter of its kind") {
    Circuit c("c");
    const NetId a = c.net("a");
    const MosPins pins{a, a, a, a};
    check_refused([&] { c.resistor("x1", a, kGround, 1); }, "'x1'", "start with 'r'");
    check_refused([&] { c.capacitor("r1", a, kGround, 1); }, "'r1'", "start with 'c'");
    check_refused([&] { c.voltage_source("s1", a, kGround, {}); }, "start with 'v'");
    check_refused([&] { c.current_source("v1", a, kGround, {}); }, "start with 'i'");
    check_refused([&] { c.mosfet("n1", pins, "nch", {1e-6, 1e-6}); }, "start with 'm'");
    check_refused([&] { c.behavioural_voltage("v1", a, kGround, "1"); }, "start with 'b'");
    check_refused([&] { c.instance("u1", share(Circuit("empty")), std::vector<NetId>{}); },
                  "start with 'x'");
}

TEST_CASE("duplicates are refused at once") {
    Circuit c("c");
    c.resistor("r1", c.net("a"), kGround, 1);
    check_refused([&] { c.resistor("r1", c.net("a"), kGround, 2); }, "'r1'", "already");
    CHECK(c.devices().size() == 1);
    check_refused([] { Circuit("s", {"a", "a"}); }, "port 'a'", "twice");
    check_refused([] { Circuit("s", {"0"}); }, "port '0'", "ground");
    check_refused([] { Circuit("s", {}, {{"p", 1.0}, {"p", 2.0}}); }, "parameter 'p'", "twice");
}

TEST_CASE("values that no device can have are refused naming the device") {
    Circuit c("c");
    const NetId a = c.net("a");
    const MosPins pins{a, a, kGround, kGround};
    for (const double bad : {0.0, -1.0, kNoNumber, kInf, -kInf}) {
        CAPTURE(bad);
        check_refused([&] { c.resistor("r1", a, kGround, bad); }, "'r1'", "resistance");
        check_refused([&] { c.capacitor("c1", a, kGround, bad); }, "'c1'", "capacitance");
        check_refused([&] { c.mosfet("m1", pins, "nch", {bad, 1e-6}); }, "'m1'", "width");
        check_refused([&] { c.mosfet("m1", pins, "nch", {1e-6, bad}); }, "'m1'", "length");
    }
    for (const double bad : {kNoNumber, kInf}) {
        check_refused([&] { c.voltage_source("v1", a, kGround, {.dc = bad}); }, "'v1'", "dc");
        check_refused([&] { c.current_source("i1", a, kGround, {.ac = bad}); }, "'i1'", "ac");
        check_refused(
            [&] {
                c.mosfet("m1", pins, "nch",
                         {.width_m = 1e-6, .length_m = 1e-6, .threshold_shift_volt = bad});
            },
            "'m1'", "threshold");
    }
    check_refused(
        [&] { c.mosfet("m1", pins, "nch", {.width_m = 1e-6, .length_m = 1e-6, .fingers = 0}); },
        "'m1'", "fingers");
    check_refused(
        [&] { c.mosfet("m1", pins, "nch", {.width_m = 1e-6, .length_m = 1e-6, .multiplier = 0}); },
        "'m1'", "multiplier");
    CHECK(c.devices().empty());
}

TEST_CASE("waveforms that ngspice would bend are refused") {
    Circuit c("c");
    const NetId a = c.net("a");
    const auto add = [&](Waveform waveform) {
        c.voltage_source("v1", a, kGround, {.waveform = std::move(waveform)});
    };
    const Pulse good{0, 1, 0, 1e-12, 1e-12, 1e-9, 2e-9};
    Pulse bad = good;
    bad.rise_second = 0;
    check_refused([&] { add(bad); }, "'v1'", "rise");
    bad = good;
    bad.delay_second = -1;
    check_refused([&] { add(bad); }, "'v1'", "not negative");
    bad = good;
    bad.pulsed = kNoNumber;
    check_refused([&] { add(bad); }, "'v1'", "finite");
    bad = good;
    bad.period_second = 0.5e-9;
    check_refused([&] { add(bad); }, "'v1'", "period");
    check_refused([&] { add(Pwl{}); }, "'v1'", "point");
    check_refused([&] { add(Pwl{{{0, 0}, {0, 1}}}); }, "'v1'", "increasing");
    check_refused([&] { add(Pwl{{{-1, 0}}}); }, "'v1'", "negative");
    check_refused([&] { add(Pwl{{{0, kInf}}}); }, "'v1'", "finite");
    check_refused([&] { add(Sine{0, 1, 0, 0}); }, "'v1'", "frequency");
    check_refused([&] { add(Sine{0, kNoNumber, 1, 0}); }, "'v1'", "finite");
    check_refused([&] { add(Sine{0, 1, 1, -1}); }, "'v1'", "delay");
    add(good);
    CHECK(c.has_device("v1"));
}

TEST_CASE("a net of a larger circuit is refused") {
    Circuit large("large");
    const NetId far = large.net("n", 5);
    (void)large.net("other");
    const NetId last = large.net("last");
    Circuit small("small");
    CHECK_NOTHROW(large.resistor("r1", far, last, 1));
    check_refused([&] { small.resistor("r1", last, kGround, 1); }, "'r1'", "not of this circuit");
    check_refused([&] { (void)small.find_net("n_5"); }, "no net 'n_5'");
}

TEST_CASE("instances are checked against their definition") {
    const Definition divider = share(mho::test::divider_block());
    Circuit c("c");
    const NetId a = c.net("a");
    const NetId b = c.net("b");
    check_refused([&] { c.instance("x1", divider, {a}); }, "'x1'", "2 ports, found 1");
    check_refused([&] { c.instance("x1", nullptr, {a, b}); }, "'x1'", "definition");
    check_refused([&] { c.instance("x1", divider, {{"in", a}}); }, "'x1'", "'out'");
    check_refused([&] { c.instance("x1", divider, {{"in", a}, {"in", b}}); }, "'x1'", "twice");
    check_refused(
        [&] {
            c.instance("x1", divider, {{"in", a}, {"ot", b}});
        },
        "'x1'", "no port 'ot'");
    check_refused(
        [&] {
            c.instance("x1", divider, {a, b}, {{"tip", 1.0}});
        },
        "'x1'", "no parameter 'tip'");
    check_refused(
        [&] {
            c.instance("x1", divider, {a, b}, {{"top", 1.0}, {"top", 2.0}});
        },
        "'x1'", "twice");
    check_refused(
        [&] {
            c.instance("x1", divider, {a, b}, {{"top", -5.0}});
        },
        "'x1'", "must be positive and finite, found -5");
    check_refused([&] { c.instance("x1", divider, {a, b}, {{"top", kNoNumber}}); }, "'x1'", "top");
    CHECK(c.devices().empty());
}

TEST_CASE("a resistance stays positive through levels of parameters") {
    const Definition divider = share(mho::test::divider_block());
    Circuit wrapper("wrapper", {"in", "out"}, {{"r", 5.0}, {"unused", -1.0}});
    wrapper.instance("x1", divider, {wrapper.net("in"), wrapper.net("out")},
                     {{"top", Value::parameter("r")}});
    CHECK(wrapper.needs_positive("r"));
    CHECK_FALSE(wrapper.needs_positive("unused"));
    const Definition shared = share(std::move(wrapper));
    Circuit c("c");
    check_refused(
        [&] {
            c.instance("x1", shared, {c.net("a"), c.net("b")}, {{"r", 0.0}});
        },
        "'x1'", "parameter 'r'");
    CHECK_NOTHROW(c.instance("x1", shared, {c.net("a"), c.net("b")}, {{"unused", -2.0}}));

    Circuit negative("negative", {"a"}, {{"r", -1.0}});
    check_refused(
        [&] { negative.resistor("r1", negative.net("a"), kGround, Value::parameter("r")); }, "'r1'",
        "found -1");
    check_refused(
        [&] { negative.resistor("r1", negative.net("a"), kGround, Value::parameter("q")); }, "'r1'",
        "no parameter");
    check_refused([] { Circuit("s", {}, {{"p", kInf}}); }, "parameter 'p'", "finite");
}

TEST_CASE("an expression may read only what the circuit has") {
    Circuit c("c", {"a", "b"}, {{"gain", 2.0}});
    const NetId a = c.net("a");
    const NetId out = c.net("out");
    c.voltage_source("vsense", c.net("b"), kGround, {});
    const auto add = [&](const std::string& expression) {
        c.behavioural_voltage("b1", out, kGround, expression);
    };
    check_refused([&] { add("v(aa)"); }, "'b1'", "net 'aa'");
    check_refused([&] { add("v(a,zz)"); }, "'b1'", "net 'zz'");
    check_refused([&] { add("i(vmissing)"); }, "'b1'", "'vmissing'");
    check_refused([&] { add("gian*v(a)"); }, "'b1'", "'gian'");
    check_refused([&] { add("v(a"); }, "'b1'", "parentheses");
    check_refused([&] { add(")v(a)("); }, "'b1'", "parentheses");
    check_refused([&] { add(""); }, "'b1'", "empty");
    check_refused([&] { add("  "); }, "'b1'", "empty");
    check_refused([&] { add("v()"); }, "'b1'", "takes names");
    check_refused([&] { add("v(1+2)"); }, "'b1'", "takes names");
    check_refused([&] { add("1\n.control"); }, "'b1'", "allowed");
    check_refused([&] { add("{gain}"); }, "'b1'", "allowed");
    add("gain*v(a,0)*max(0,i(vsense))+1.5meg*time-1e-3");
    const auto& source = std::get<BehaviouralSource>(c.devices().back().body);
    CHECK(source.sensed == std::vector<NetId>{a, kGround});
    c.behavioural_current("b2", out, kGround, "pwl(v(a), 0, 1, 1, 2)");
    CHECK(std::get<BehaviouralSource>(c.devices().back().body).kind ==
          BehaviouralSource::Kind::current);
}

TEST_CASE("a code model has its ports in groups and is counted") {
    Circuit c("logic");
    c.code_model("agate", {CodePort::vector({c.net("a"), c.net("b")}), {}, c.net("y")}, "d_and");
    const Device& gate = c.devices()[0];
    CHECK(gate.pins == std::vector<NetId>{c.net("a"), c.net("b"), c.net("y")});
    CHECK(std::get<CodeModel>(gate.body).ports ==
          std::vector<int>{2, CodeModel::kOpen, CodeModel::kSingle});
    CHECK(count(c).code_models == 1);
    CHECK(count(c).devices() == 1);
    CHECK_THROWS_WITH(c.code_model("a2", {CodePort::vector({})}, "m"),
                      ContainsSubstring("'a2'") && ContainsSubstring("may not be empty"));
    CHECK_THROWS_WITH(c.code_model("a2", {CodePort()}, "m"), ContainsSubstring("needs a net"));
    CHECK_THROWS_WITH(c.code_model("a2", {c.net("null")}, "m"), ContainsSubstring("open port"));
    CHECK_THROWS_WITH(c.code_model("a2", {c.net("a")}, "null"), ContainsSubstring("name a model"));
    CHECK_THROWS_WITH(c.code_model("x2", {c.net("a")}, "m"), ContainsSubstring("start with 'a'"));
    CHECK_THROWS_WITH(c.code_model("a2", {NetId{99}}, "m"), ContainsSubstring("not of this"));
}

TEST_CASE("circuits are equal by content, not by the order nets were first named") {
    CHECK(mho::test::divider_bench() == mho::test::divider_bench());
    Circuit forward("c");
    (void)forward.net("a");
    (void)forward.net("b");
    forward.resistor("r1", forward.net("a"), forward.net("b"), 1);
    Circuit backward("c");
    (void)backward.net("b");
    (void)backward.net("a");
    backward.resistor("r1", backward.net("a"), backward.net("b"), 1);
    CHECK(forward == backward);

    Circuit swapped("c");
    swapped.resistor("r1", swapped.net("b"), swapped.net("a"), 1);
    CHECK_FALSE(forward == swapped);
    Circuit value("c");
    value.resistor("r1", value.net("a"), value.net("b"), std::nextafter(1.0, 2.0));
    CHECK_FALSE(forward == value);
    Circuit longer = forward;
    longer.resistor("r2", longer.net("a"), longer.net("b"), 1);
    CHECK_FALSE(forward == longer);
    Circuit titled = forward;
    titled.section("more");
    CHECK_FALSE(forward == titled);
}

TEST_CASE("a copy of a circuit goes its own way") {
    const Circuit original = mho::test::divider_bench();
    Circuit copy = original;
    copy.resistor("rnew", copy.net("out"), kGround, 1e6);
    CHECK(original.devices().size() + 1 == copy.devices().size());
    CHECK_FALSE(original.has_device("rnew"));
}

TEST_CASE("section titles and descriptions stay in their line") {
    Circuit c("c");
    check_refused([&] { c.section(""); }, "section title");
    check_refused([&] { c.section("a\n.control"); }, "section title");
    check_refused([&] { c.describe("a\nb"); }, "description");
    c.section("first");
    c.section("instead");  // an empty section gives way
    c.resistor("r1", c.net("a"), kGround, 1);
    REQUIRE(c.sections().size() == 1);
    CHECK(c.sections()[0] == Section{0, "instead"});
}

TEST_CASE("numbers print as the shortest text that reads back") {
    CHECK(number_text(10e3) == "10000");
    CHECK(number_text(0.1) == "0.1");
    CHECK(number_text(1.0 / 3) == "0.3333333333333333");
    CHECK(Value(2.5e-15).text() == "2.5e-15");
    CHECK(Value::parameter("r").text() == "{r}");
    for (const double x : {1.0 / 3, 2e-300, 6.02214076e23, std::nextafter(1.0, 2.0), -0.1}) {
        CHECK(std::stod(number_text(x)) == x);
    }
}

TEST_CASE("nested instances are counted expanded") {
    const CircuitStats stats = count(mho::test::transistor_array(4, 3));
    CHECK(stats.instances == 12);
    CHECK(stats.instances_by_definition.at("cell") == 12);
    CHECK(stats.mosfets == 12);
    CHECK(stats.mosfets_by_model.at("nch_io") == 12);
    CHECK(stats.resistors == 12 + 4 * 2 + 3 * 3);
    CHECK(stats.capacitors == 24);
    CHECK(stats.voltage_sources == 1 + 4 + 3);
    CHECK(stats.nets == 1 + 12 + 12 + 12);  // wl, rows, columns, inside the cells
    CHECK(stats.depth == 1);
    CHECK(stats.devices() == 12 + 17 + 12 + 24 + 8);
    CHECK_THAT(stats.text(), ContainsSubstring("subcircuit cell"));

    const Definition divider = share(mho::test::divider_block());
    Circuit pair("pair", {"a", "b"});
    pair.instance("x1", divider, {pair.net("a"), pair.net("m")});
    pair.instance("x2", divider, {pair.net("m"), pair.net("b")});
    const Definition shared = share(std::move(pair));
    Circuit top("top");
    top.voltage_source("v1", top.net("in"), kGround, {.dc = 1.0});
    top.instance("x1", shared, {top.net("in"), top.net("mid")});
    top.instance("x2", shared, {top.net("mid"), top.net("out")});
    const CircuitStats nested = count(top);
    CHECK(nested.instances_by_definition.at("pair") == 2);
    CHECK(nested.instances_by_definition.at("divider") == 4);
    CHECK(nested.resistors == 8);
    CHECK(nested.nets == 3 + 2);
    CHECK(nested.depth == 2);
    CHECK(count(Circuit("nothing")).devices() == 0);
}

TEST_CASE("flattening gives every net and device its path") {
    const Circuit bench = mho::test::divider_bench();
    const FlatCircuit flat(bench);
    REQUIRE(flat.devices().size() == 5);
    CHECK(flat.device_path(flat.devices()[1]) == "x1.rtop");
    const auto pins = flat.pins(flat.devices()[1]);
    CHECK(flat.net_path(pins[0]) == "in");
    CHECK(flat.net_path(pins[1]) == "middle");
    CHECK(flat.net_path(flat.pins(flat.devices()[2])[1]) == "0");
    CHECK(flat.net_count() == 4);

    const Circuit array = mho::test::transistor_array(1, 1);
    const FlatCircuit cells(array);
    bool found = false;
    for (std::uint32_t net = 0; net < cells.net_count(); ++net) {
        found = found || cells.net_path(net) == "xcell_0_0.n";
    }
    CHECK(found);
}
