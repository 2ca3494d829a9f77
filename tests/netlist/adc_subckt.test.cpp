// SPDX-License-Identifier: Apache-2.0
#include "netlist/adc_subckt.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho;
using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

const std::filesystem::path kExample =
    std::filesystem::path(MHO_SOURCE_DIR) / "examples/byo_adc/spec.toml";

// A 2-bit "converter" of resistors.
AdcSpec made(const test::TemporaryFolder& folder, std::vector<std::string> ports) {
    const std::filesystem::path file = folder.path() / "adc.sp";
    write_file(file, "title\n.subckt own a b c d\nr1 a b 1k\nr2 b c 1k\nr3 c d 1k\n.ends own\n");
    AdcSpec spec;
    spec.kind = AdcKind::user_subcircuit;
    spec.bits = 2;
    spec.user.file = file;
    spec.user.subckt = "own";
    spec.user.ports = std::move(ports);
    return spec;
}

}  // namespace

TEST_CASE("a converter's spec with a file of its own is read, written and read again") {
    const Spec spec = read_spec(kExample);
    CHECK(spec.adc.kind == AdcKind::user_subcircuit);
    CHECK(spec.adc.user.file == kExample.parent_path() / "flash3.sp");
    CHECK(spec.calibration.scope == CalibrationScope::converter);
    CHECK(parse_spec(spec_to_toml(spec), "again") == spec);
    const UserAdc adc = user_adc(spec.adc);
    CHECK(adc.is_thermometer);
    CHECK(adc.outputs() == 7);
}

TEST_CASE("ports of a converter that do not suit are named") {
    const test::TemporaryFolder folder;
    CHECK(user_adc(made(folder, {"in", "bit_1", "bit_0", "vdd"})).outputs() == 2);
    const auto refused = [&](std::vector<std::string> ports, const std::string& part) {
        CHECK_THROWS_MATCHES(user_adc(made(folder, std::move(ports))), Error,
                             MessageMatches(ContainsSubstring(part)));
    };
    refused({"in", "bit_0", "bit_1"}, "has 4 ports, found 3 texts");
    refused({"in", "bit_0", "bit_2", "vdd"}, "bit_0 to bit_1");
    refused({"in", "bit_0", "bit_0", "vdd"}, "once each");
    refused({"in", "in", "bit_0", "bit_1"}, "expected one in");
    refused({"in", "bit_0", "bit_1", "ground"}, "found \"ground\"");
    refused({"in", "bit_0", "level_1", "vdd"}, "level_1 to level_3");
}

TEST_CASE("only a spec with nothing but a converter asks for its card") {
    const auto scope = [](const std::string& text) {
        return parse_spec("schema = \"mho.spec/1\"\nname = \"x\"\n" + text, "s.toml")
            .calibration.scope;
    };
    CHECK(scope("[adc]\n") == CalibrationScope::converter);
    CHECK(scope("[technology]\ncorner = \"ss\"\n[adc]\nkind = \"sar\"\n") ==
          CalibrationScope::converter);
    CHECK(scope("") == CalibrationScope::automatic);
    CHECK(scope("[adc]\n[array]\nrows = 4\n") == CalibrationScope::automatic);
    CHECK(scope("[adc]\n[cell.sinh]\n[cell]\nkind = \"1r_sinh\"\n") == CalibrationScope::automatic);
    CHECK(scope("[adc]\n[calibration]\nscope = \"auto\"\n") == CalibrationScope::automatic);
    CHECK(scope("[array]\nrows = 4\n[calibration]\nscope = \"converter\"\n") ==
          CalibrationScope::converter);
}

TEST_CASE("bits and tables of a converter that do not fit its kind are refused") {
    const auto refused = [](const std::string& text, const std::string& part) {
        CHECK_THROWS_MATCHES(
            parse_spec("schema = \"mho.spec/1\"\nname = \"x\"\n[adc]\n" + text, "s.toml"), Error,
            MessageMatches(ContainsSubstring(part)));
    };
    refused("bits = 3\n", "from 4 to 10");
    refused("kind = \"subckt\"\n", "a SPICE file");
    refused("[adc.subckt]\nname = \"x\"\n", "[adc] kind is another");
}
