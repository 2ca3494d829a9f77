// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_check.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "netlist/example_circuits.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;

namespace {

// A sound circuit to plant faults in: 1 V over two resistors.
Circuit sound() {
    Circuit c("top");
    const NetId in = c.net("in");
    const NetId out = c.net("out");
    c.voltage_source("v1", in, kGround, {.dc = 1.0});
    c.resistor("r1", in, out, 1e3);
    c.resistor("r2", out, kGround, 1e3);
    return c;
}

// Exactly one issue, of this kind, about this net or device.
void check_only(const Circuit& c, IssueKind kind, const std::string& where) {
    const auto issues = check(c);
    REQUIRE(issues.size() == 1);
    CHECK(to_string(issues[0].kind) == to_string(kind));
    CHECK(issues[0].where == where);
    CHECK_THAT(issues[0].message, ContainsSubstring(where.substr(where.rfind('.') + 1)));
    CHECK_THROWS_WITH(require_sound(c), ContainsSubstring(issues[0].message));
}

}  // namespace

TEST_CASE("sound circuits have no issues") {
    CHECK(check(sound()).empty());
    CHECK(check(mho::test::divider_block()).empty());
    CHECK(check(mho::test::divider_bench()).empty());
    CHECK(check(mho::test::transistor_array(1, 1)).empty());
    CHECK(check(mho::test::transistor_array(64, 64)).empty());
    CHECK_NOTHROW(require_sound(mho::test::transistor_array(3, 5)));
}

TEST_CASE("a net with one pin is floating") {
    Circuit c = sound();
    c.resistor("r3", c.net("out"), c.net("loose"), 1e3);
    check_only(c, IssueKind::floating_net, "loose");
}

TEST_CASE("a net that no device uses is floating") {
    Circuit c = sound();
    (void)c.net("unused");
    check_only(c, IssueKind::floating_net, "unused");
}

TEST_CASE("a floating net inside an instance is named with its path") {
    Circuit block("block", {"a"});
    block.resistor("r1", block.net("a"), block.net("loose"), 1e3);
    Circuit middle("middle", {"a"});
    middle.instance("xin", share(std::move(block)), {middle.net("a")});
    Circuit c = sound();
    c.instance("x1", share(std::move(middle)), {c.net("out")});
    check_only(c, IssueKind::floating_net, "x1.xin.loose");
}

TEST_CASE("a net that an expression reads is not floating for that") {
    Circuit c = sound();
    c.resistor("r3", c.net("out"), c.net("probe"), 1e3);
    c.behavioural_voltage("b1", c.net("copy"), kGround, "v(probe)");
    c.resistor("r4", c.net("copy"), kGround, 1e3);
    CHECK(check(c).empty());
}

TEST_CASE("capacitors give no DC path") {
    Circuit c = sound();
    c.capacitor("c1", c.net("out"), c.net("island"), 1e-12);
    c.capacitor("c2", c.net("island"), kGround, 1e-12);
    check_only(c, IssueKind::no_dc_path, "island");
}

TEST_CASE("current sources give no DC path") {
    Circuit c = sound();
    c.current_source("i1", c.net("fed"), kGround, {.dc = 1e-6});
    c.behavioural_current("b1", kGround, c.net("fed"), "1e-6*v(out)");
    check_only(c, IssueKind::no_dc_path, "fed");
}

TEST_CASE("gates and bulks give no DC path") {
    Circuit c = sound();
    c.mosfet("m1",
             {.drain = c.net("out"), .gate = c.net("gates"), .source = kGround, .bulk = kGround},
             "nch", {1e-6, 1e-7});
    c.mosfet("m2",
             {.drain = c.net("out"), .gate = c.net("gates"), .source = kGround, .bulk = kGround},
             "nch", {1e-6, 1e-7});
    check_only(c, IssueKind::no_dc_path, "gates");

    Circuit well = sound();
    for (const char* name : {"m1", "m2"}) {
        well.mosfet(name,
                    {.drain = well.net("out"),
                     .gate = well.net("in"),
                     .source = kGround,
                     .bulk = well.net("well")},
                    "nch", {1e-6, 1e-7});
    }
    check_only(well, IssueKind::no_dc_path, "well");
}

TEST_CASE("a code model drives its nets, but one pin still floats") {
    Circuit c = sound();
    c.code_model("abridge", {CodePort::vector({c.net("out")}), CodePort::vector({c.net("bit")})},
                 "bridge");
    check_only(c, IssueKind::floating_net, "bit");
    c.code_model("anot", {c.net("bit"), c.net("out")}, "not");
    CHECK(check(c).empty());
}

TEST_CASE("a MOSFET channel is a DC path") {
    Circuit c = sound();
    c.mosfet("m1",
             {.drain = c.net("out"), .gate = c.net("in"), .source = c.net("s"), .bulk = kGround},
             "nch", {1e-6, 1e-7});
    c.capacitor("c1", c.net("s"), kGround, 1e-15);
    CHECK(check(c).empty());
}

TEST_CASE("an island of several nets is one issue") {
    Circuit c = sound();
    c.resistor("ra", c.net("a"), c.net("b"), 1e3);
    c.resistor("rb", c.net("b"), c.net("d"), 1e3);
    c.resistor("rc", c.net("d"), c.net("a"), 1e3);
    const auto issues = check(c);
    REQUIRE(issues.size() == 1);
    CHECK(issues[0].kind == IssueKind::no_dc_path);
    CHECK_THAT(issues[0].message, ContainsSubstring("2 nets"));
}

TEST_CASE("a shorted voltage source is found") {
    Circuit c = sound();
    c.voltage_source("vshort", c.net("out"), c.net("out"), {.dc = 1.0});
    check_only(c, IssueKind::shorted_source, "vshort");
}

TEST_CASE("a source shorted through the ports of its block is found") {
    Circuit block("block", {"a", "b"});
    block.voltage_source("vin", block.net("a"), block.net("b"), {.dc = 1.0});
    Circuit c = sound();
    c.instance("x1", share(std::move(block)), {c.net("out"), c.net("out")});
    check_only(c, IssueKind::shorted_source, "x1.vin");
}

TEST_CASE("parallel voltage sources are found either way round") {
    Circuit c = sound();
    c.voltage_source("vtwin", kGround, c.net("in"), {.dc = -1.0});
    check_only(c, IssueKind::parallel_sources, "vtwin");
    CHECK_THAT(check(c)[0].message, ContainsSubstring("'v1'"));
}

TEST_CASE("a loop of three voltage sources is found") {
    Circuit c = sound();
    c.voltage_source("v2", c.net("in"), c.net("top"), {.dc = 1.0});
    c.behavioural_voltage("b3", c.net("top"), kGround, "2");
    check_only(c, IssueKind::source_loop, "b3");
}

TEST_CASE("a port that nothing inside uses is dangling, once for all its instances") {
    Circuit block("block", {"a", "spare"});
    block.resistor("r1", block.net("a"), kGround, 1e3);
    const Definition shared = share(std::move(block));
    Circuit c = sound();
    c.instance("x1", shared, {c.net("in"), c.net("out")});
    c.instance("x2", shared, {c.net("in"), c.net("out")});
    check_only(c, IssueKind::dangling_port, "block.spare");
}

TEST_CASE("a circuit without ground is told once") {
    Circuit c("top");
    c.voltage_source("v1", c.net("a"), c.net("b"), {.dc = 1.0});
    c.resistor("r1", c.net("a"), c.net("b"), 1e3);
    check_only(c, IssueKind::no_ground, "top");
    check_only(Circuit("empty"), IssueKind::no_ground, "empty");
}

TEST_CASE("a block is checked as if its ports were driven") {
    Circuit block("block", {"a", "b", "g"});
    block.resistor("r1", block.net("a"), block.net("b"), 1e3);
    block.mosfet("m1",
                 {.drain = block.net("a"),
                  .gate = block.net("g"),
                  .source = block.net("b"),
                  .bulk = block.net("b")},
                 "nch", {1e-6, 1e-7});
    CHECK(check(block).empty());
    block.capacitor("c1", block.net("a"), block.net("n"), 1e-15);
    block.capacitor("c2", block.net("b"), block.net("n"), 1e-15);
    check_only(block, IssueKind::no_dc_path, "n");
}

TEST_CASE("one error tells the first issue and how many there are") {
    Circuit c = sound();
    (void)c.net("unused");
    c.voltage_source("vtwin", c.net("in"), kGround, {.dc = 1.0});
    CHECK(check(c).size() == 2);
    CHECK_THROWS_WITH(require_sound(c),
                      ContainsSubstring("'unused'") && ContainsSubstring("and 1 more"));
}
