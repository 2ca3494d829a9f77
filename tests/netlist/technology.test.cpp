// SPDX-License-Identifier: Apache-2.0
#include "netlist/technology.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>

#include "base/data_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

const std::string kGood = R"(name = "t"
[models]
file = "m.lib"
corners = ["tt", "ff"]
default_corner = "tt"
min_temp_c = -20
max_temp_c = 125.0
source = "s"
[supply.core]
volt = 1.1
source = "s"
[device.nch]
polarity = "n"
supply = "core"
min_l_m = 40e-9
max_l_m = 10e-6
min_w_m = 120e-9
max_w_m = 10e-6
max_volt = 1.21
source = "s"
[metal.m1]
width_m = 70e-9
pitch_m = 140e-9
thickness_m = 130e-9
r_ohm_per_um = 5.0
c_farad_per_um = 0.2e-15
coupling_fraction = 0.5
source = "s"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

Technology read_text(const std::string& text) {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "tech.toml", text);
    mho::write_file(folder / "m.lib", ".lib tt\n.endl\n");
    return read_technology(folder.path());
}

}  // namespace

TEST_CASE("the shipped technology is found by name and complete") {
    const Technology t = read_technology("generic40");
    CHECK(t.name == "generic40");
    CHECK(t.folder.is_absolute());
    CHECK(t.supply("core").volt == 1.1);
    CHECK(t.supply("io").volt == 2.5);
    CHECK(t.device("nch_io").min_length_m == 270e-9);
    CHECK(t.device("pch").is_p);
    CHECK(t.corners.size() == 5);
    CHECK(t.metals.size() == 7);
    CHECK(t.vias.size() == 7);
    CHECK_FALSE(t.capacitors.empty());
    CHECK_FALSE(t.resistors.empty());
    CHECK(t.mismatches.size() == 2);
    CHECK(t.cell("1t1r").pitch_x_m == 1e-6);
    for (const MetalLayer& metal : t.metals) CHECK_FALSE(metal.source.empty());
    const Library library = model_library(t, "FF");
    CHECK(library.file.is_absolute());
    CHECK(library.section == "ff");
    Deck deck;
    for (const std::string& corner : t.corners) {
        deck.libraries = {model_library(t, corner)};
        CHECK_THAT(inline_libraries(deck).libraries[0].text, ContainsSubstring(".model nch "));
    }
    for (const DeviceLimits& device : t.devices) {
        CHECK_THAT(inline_libraries(deck).libraries[0].text,
                   ContainsSubstring(fmt::format(".model {} ", device.name)));
    }
}

TEST_CASE("wires get the resistance and capacitance of their layer and length") {
    const Technology t = read_technology("generic40");
    const MetalLayer& m4 = t.metal("M4");
    CHECK(m4.name == "m4");
    const WireSegment wire = wire_segment(t, "M4", 2.5e-6);
    CHECK_THAT(wire.ohm, WithinRel(2.5 * m4.ohm_per_um, 1e-12));
    CHECK_THAT(wire.farad, WithinRel(2.5 * m4.farad_per_um, 1e-12));
    CHECK_THROWS_AS(wire_segment(t, "m4", 0), mho::Error);
    CHECK_THROWS_WITH(wire_segment(t, "m9", 1e-6),
                      ContainsSubstring("'m9'") && ContainsSubstring("m1, m2"));
}

TEST_CASE("what a technology does not have is told with what it has") {
    const Technology t = read_technology("generic40");
    CHECK_THROWS_WITH(model_library(t, "typ"),
                      ContainsSubstring("'typ'") && ContainsSubstring("tt, ff, ss, fs, sf"));
    CHECK_THROWS_WITH(t.supply("analog"), ContainsSubstring("core, io"));
    CHECK_THROWS_WITH(t.device("nfet"), ContainsSubstring("nch_io"));
    CHECK_THROWS_WITH(t.cell("2t"), ContainsSubstring("1t1r"));
    CHECK_THROWS_WITH(require_temperature(t, 200), ContainsSubstring("found 200"));
    CHECK_THROWS_AS(require_temperature(t, t.min_celsius - 1), mho::Error);
    CHECK_NOTHROW(require_temperature(t, 27));
    CHECK_THROWS_WITH(read_technology("nowhere40"), ContainsSubstring("'nowhere40'"));
    CHECK_THROWS_AS(read_technology(""), mho::Error);
}

TEST_CASE("transistors outside the technology's range are found at any depth") {
    const Technology t = read_technology("generic40");
    const auto circuit = [](double width, double length, int fingers, const char* model) {
        Circuit block("block", {"a"});
        block.mosfet(
            "m1",
            {.drain = block.net("a"), .gate = block.net("a"), .source = kGround, .bulk = kGround},
            model, {.width_m = width, .length_m = length, .fingers = fingers});
        Circuit top("top");
        top.instance("x1", share(std::move(block)), {top.net("n")});
        return top;
    };
    CHECK_NOTHROW(require_in_range(t, circuit(1e-6, 40e-9, 1, "nch")));
    CHECK_NOTHROW(require_in_range(t, circuit(18e-6, 40e-9, 2, "nch")));
    CHECK_THROWS_WITH(require_in_range(t, circuit(1e-6, 30e-9, 1, "nch")),
                      ContainsSubstring("'m1'") && ContainsSubstring("length"));
    CHECK_THROWS_WITH(require_in_range(t, circuit(18e-6, 40e-9, 1, "nch")),
                      ContainsSubstring("width per finger"));
    CHECK_THROWS_WITH(require_in_range(t, circuit(200e-9, 40e-9, 2, "nch")),
                      ContainsSubstring("width per finger"));
    CHECK_THROWS_WITH(require_in_range(t, circuit(1e-6, 40e-9, 1, "nfet")),
                      ContainsSubstring("'nfet'"));
}

TEST_CASE("a technology folder of the user's needs nothing else") {
    const Technology t = read_text(kGood);
    CHECK(t.metal("m1").ohm_per_um == 5.0);
    CHECK(t.min_celsius == -20);
    CHECK(t.cells.empty());
    CHECK_NOTHROW(read_text(kGood + "[note]\nanything = 1\n"));
}

TEST_CASE("a device is called by its own name unless its table says otherwise") {
    const std::string device = "polarity = \"n\"\n";
    CHECK(device_calls(read_text(kGood)).empty());
    const Mosfet mosfet{"nch", {.width_m = 2e-6, .length_m = 4e-8, .fingers = 2, .multiplier = 3}};
    const auto text_with = [&](const std::string& keys) {
        const auto calls = device_calls(read_text(replaced(kGood, device, device + keys)));
        REQUIRE(calls.size() == 1);
        CHECK(calls[0].device == "nch");
        return mosfet_text(mosfet, calls[0]);
    };
    CHECK(text_with("model = \"nmos_svt\"\n") == "nmos_svt w=2e-06 l=4e-08 nf=2 m=3");
    CHECK(text_with("subcircuit = \"nfet\"\n") == "nfet w=2e-06 l=4e-08 nf=2 m=3");
    CHECK(text_with("subcircuit = \"nfet\"\nunit_m = 1e-6\nwidth_parameter = \"wt\"\n"
                    "length_parameter = \"lg\"\nfingers_parameter = \"ng\"\n"
                    "multiplier_parameter = \"mult\"\n") ==
          "nfet wt={2e-06/1e-06} lg={4e-08/1e-06} ng=2 mult=3");
    CHECK_THROWS_WITH(text_with("subcircuit = \"nfet\"\nmultiplier_parameter = \"none\"\n"),
                      ContainsSubstring("'nch': subcircuit 'nfet' has no parameter for parallel "
                                        "transistors = 3"));
}

TEST_CASE("every slip in a technology file is one line with file, line and key") {
    const auto refused = [](const std::string& from, const std::string& to,
                            const std::string& part) {
        CHECK_THROWS_WITH(read_text(replaced(kGood, from, to)),
                          ContainsSubstring("tech.toml:") && ContainsSubstring(part));
    };
    refused("name = \"t\"", "", "missing key 'name'");
    refused("file = \"m.lib\"", "file = \"none.lib\"", "found \"none.lib\"");
    refused("file = \"m.lib\"\n", "", "missing key 'file' in [models]");
    refused("[\"tt\", \"ff\"]", "[1]", "array of texts");
    refused("[\"tt\", \"ff\"]", "[]", "array of texts");
    refused("default_corner = \"tt\"", "default_corner = \"xx\"", "one of the corners");
    refused("max_temp_c = 125.0", "max_temp_c = -30", "max_temp_c");
    refused("volt = 1.1", "volt = 0",
            ":10: [supply.core] volt: expected a positive number, found 0");
    refused("volt = 1.1", "volt = \"1.1\"", "found \"1.1\"");
    refused("volt = 1.1", "volt = nan", "finite");
    refused("volt = 1.1", "volt = 1979-05-27", "a date");
    refused("polarity = \"n\"", "polarity = \"x\"", "\"n\" or \"p\"");
    refused("max_l_m = 10e-6", "max_l_m = 10e-9", "at least min_l_m");
    refused("max_w_m = 10e-6", "max_w_m = 10e-9", "at least min_w_m");
    refused("coupling_fraction = 0.5", "coupling_fraction = 1.5", "from 0 to 1");
    refused("r_ohm_per_um = 5.0\n", "", "missing key 'r_ohm_per_um' in [metal.m1]");
    refused("[metal.m1]", "[metal.m1", "not valid TOML");
    const std::string device = "polarity = \"n\"\n";
    refused(device, device + "model = \"NFET\"\n", "a name in lower case");
    refused(device, device + "model = \"a\"\nsubcircuit = \"b\"\n", "no model beside it");
    refused(device, device + "width_parameter = \"wtot\"\n", "beside subcircuit only");
    refused(device, device + "subcircuit = \"n\"\nlength_parameter = \"l 1\"\n", "lower case");
    refused(device, device + "subcircuit = \"n\"\nunit_m = 0\n", "a positive number");
    CHECK_THROWS_WITH(read_text(replaced(kGood, "supply = \"core\"", "supply = \"c\"")),
                      ContainsSubstring("no supply 'c'"));
}

TEST_CASE("shipped data is found and MHO_DATA goes first") {
    CHECK(std::filesystem::exists(mho::find_data("tech/generic40/tech.toml")));
    CHECK(mho::find_data("tech/no-such-technology").empty());
    const mho::test::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "tech");
    mho::write_file(folder.path() / "tech" / "here", "x");
    ::setenv("MHO_DATA", folder.path().c_str(), 1);
    const auto found = mho::find_data("tech/here");
    const auto fallback = mho::find_data("tech/generic40/tech.toml");
    ::unsetenv("MHO_DATA");
    CHECK(found == folder.path() / "tech" / "here");
    CHECK_FALSE(fallback.empty());
}
