// SPDX-License-Identifier: Apache-2.0
#include "netlist/spec_toml.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <limits>
#include <random>

#include "base/error.h"
#include "base/file.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kHead = "schema = \"mho.spec/1\"\n";

// The whole line that a text is refused with.
std::string refusal(const std::string& text) {
    try {
        (void)parse_spec(text, "s.toml");
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        return error.what();
    }
    return "accepted";
}

// With head and one section; the key stands in line 3.
std::string refusal(const std::string& section, const std::string& line) {
    return refusal(fmt::format("{}[{}]\n{}\n", kHead, section, line));
}

Spec unusual() {
    Spec s;
    s.name = "odd \"name\" \\ \t \xc3\xbc";
    s.technology = "../my tech";
    s.corner = "ff";
    s.temperature_celsius = -12.5;
    s.cell = {CellKind::one_transistor_one_resistor, 1.0 / 3e6, 1.0 / 3e4, 0.7e-6, 0.3e-6, 2.2};
    s.array = {30, 7, "m3", "m7"};
    s.driver = {3, 0.05, 3e-6, 4e-6};
    s.readout = {ReadoutKind::transimpedance, 0.4, 12345.678, 7e-6};
    s.adc = {AdcKind::ramp, 6, 2.5e8, 0.2, 0.7, 3e-6, 12, {}};
    s.programming = {0.1, -0.02, 3e-4, -4e-7, "a paper"};
    s.calibration = {32,   5,    2,    0.001,        0.002,       0.003, 0.3, 0.4,
                     0.05, 0.06, 0.07, {"ss", "ff"}, {-40, 85.5}, 0.1,   3,   20};
    return s;
}

}  // namespace

TEST_CASE("the specs of the measured converters are those that their names say") {
    const std::filesystem::path folder = std::filesystem::path(MHO_SOURCE_DIR) / "examples/adc";
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().stem().string();
        INFO(name);
        const AdcSpec adc = read_spec(entry.path()).adc;
        const bool sar = name.starts_with("sar");
        CHECK(adc.kind == (sar ? AdcKind::sar : AdcKind::ramp));
        CHECK(adc.bits == std::stoi(name.substr(sar ? 3 : 4)));
        const std::string letters = name.substr(name.find_last_of("0123456789") + 1);
        CHECK((adc.sar.sampling == SarSampling::top_plate) == letters.starts_with('t'));
        CHECK((adc.sar.cdac == CdacKind::split) == letters.ends_with('s'));
        ++count;
    }
    CHECK(count == 15);
}

TEST_CASE("a spec survives being written and read, to the bit") {
    CHECK(parse_spec(spec_to_toml(Spec{}), "s.toml") == Spec{});
    CHECK(parse_spec(spec_to_toml(unusual()), "s.toml") == unusual());
    CHECK_FALSE(parse_spec(spec_to_toml(unusual()), "s.toml") == Spec{});
    CHECK_NOTHROW(require_valid(Spec{}));
    CHECK_NOTHROW(require_valid(unusual()));
}

TEST_CASE("a converter is written with the keys of its kind only, and read back") {
    Spec s = unusual();
    s.adc.kind = AdcKind::sar;
    const SarSpec of_sar{1e8, 5, SarSampling::top_plate, CdacKind::split, 1e-15, 3e-6};
    s.adc.sar = of_sar;
    // What a ramp alone has is not kept.
    const AdcSpec plain;
    s.adc.clock_hertz = plain.clock_hertz;
    s.adc.bias_ampere = plain.bias_ampere;
    s.adc.shared_by = plain.shared_by;
    const std::string text = spec_to_toml(s);
    CHECK(parse_spec(text, "s.toml") == s);
    CHECK_THAT(text, ContainsSubstring("\nkind = \"sar\"\n") &&
                         ContainsSubstring("\nsampling = \"top_plate\"\ncdac = \"split\"\n"));
    CHECK_THAT(text, !ContainsSubstring("clock_hertz = 1e+09") && !ContainsSubstring("shared_by"));
    CHECK_THAT(spec_to_toml(unusual()), !ContainsSubstring("unit_farad"));
}

TEST_CASE("a key of the other kind of converter is refused with its line") {
    CHECK(refusal("adc", "kind = \"sar\"\nshared_by = 4") ==
          "s.toml:4: [adc] shared_by: a converter of kind \"sar\" has no such key, only \"ramp\"");
    CHECK(refusal("adc", "cdac = \"split\"") ==
          "s.toml:3: [adc] cdac: a converter of kind \"ramp\" has no such key, only \"sar\"");
    CHECK(refusal("adc", "kind = \"flash\"") ==
          "s.toml:3: [adc] kind: expected one of \"ramp\", \"sar\", \"subckt\", found "
          "\"flash\"");
}

TEST_CASE("keys that are not given keep their defaults") {
    CHECK(parse_spec(kHead, "s.toml") == Spec{});
    const Spec s = parse_spec(kHead +
                                  "name = \"n\"\n[array]\nrows = 16\n[cell]\nkind = \"1t1r\"\n"
                                  "wordline_volt = 2\n[readout]\nkind = \"transimpedance\"\n"
                                  "[adc]\nkind = \"ramp\"\n",
                              "s.toml");
    Spec expected;
    expected.name = std::string("n");
    expected.array.rows = 16;
    expected.cell.wordline_volt = 2;  // an integer is a number too
    CHECK(s == expected);
}

TEST_CASE("unknown keys and sections are refused with the nearest name") {
    CHECK(refusal("array", "rws = 4") ==
          "s.toml:3: unknown key 'rws' in [array] (did you mean 'rows'?)");
    CHECK(refusal("aray", "rows = 4") ==
          "s.toml:2: unknown section [aray] (did you mean 'array'?)");
    CHECK(refusal("array.inner", "rows = 4") == "s.toml:2: unknown section [array.inner]");
    CHECK(refusal("array", "rows.x = 4") == "s.toml:3: unknown section [array.rows]");
    CHECK(refusal(kHead + "nme = \"x\"\n") == "s.toml:2: unknown key 'nme' (did you mean 'name'?)");
    CHECK(refusal(kHead + "zzzzzz = 1\n") == "s.toml:2: unknown key 'zzzzzz'");
    CHECK(refusal(kHead + "array = 5\n") == "s.toml:2: array: expected a section [array], found 5");
    CHECK(refusal(kHead + "[[array]]\nrows = 4\n") ==
          "s.toml:2: array: expected a section [array], found an array");
}

TEST_CASE("the schema has to be named and known") {
    CHECK(refusal("[array]\nrows = 4\n") ==
          "s.toml:1: missing key 'schema', expected schema = \"mho.spec/1\"");
    CHECK(refusal("schema = \"mho.spec/2\"\n") ==
          "s.toml:1: schema: expected \"mho.spec/1\", found \"mho.spec/2\"");
    CHECK(refusal("\nschema = 1\n") == "s.toml:2: schema: expected \"mho.spec/1\", found 1");
    CHECK_THAT(refusal(""), ContainsSubstring("missing key 'schema'"));
}

TEST_CASE("values of a wrong type are refused") {
    const std::string rows = "s.toml:3: [array] rows: expected an integer from 1 to 2048, ";
    CHECK(refusal("array", "rows = \"4\"") == rows + "found \"4\"");
    CHECK(refusal("array", "rows = 4.5") == rows + "found 4.5");
    CHECK(refusal("array", "rows = true") == rows + "found true");
    CHECK(refusal("array", "rows = [4, 5]") == rows + "found an array");
    CHECK(refusal("array", "rows = [\"a\"]") == rows + "found an array of 1");
    CHECK(refusal("array", "rows = 1979-05-27") == rows + "found a date or time");
    CHECK(refusal("array", "row_layer = 4") ==
          "s.toml:3: [array] row_layer: expected a text, found 4");
    CHECK(refusal("array", "row_layer = \"\"") ==
          "s.toml:3: [array] row_layer: expected a text, found \"\"");
    CHECK(refusal("technology", "name = 4") ==
          "s.toml:3: [technology] name: expected a text, found 4");
    CHECK_THAT(refusal("technology", "name = \"a\\u0000b\""), ContainsSubstring("expected a text"));
    CHECK(refusal("cell", "kind = \"2t\"") ==
          "s.toml:3: [cell] kind: expected one of \"1t1r\", \"1r\", \"1r_polynomial\", "
          "\"1r_sinh\", \"2t_sonos\", \"1s1r\", \"ecram\", \"subckt\", found \"2t\"");
    CHECK(refusal("readout", "kind = 1") ==
          "s.toml:3: [readout] kind: expected one of \"transimpedance\", \"integrator\", "
          "\"subckt\", found 1");
    CHECK(refusal("adc", "clock_hertz = \"fast\"") ==
          "s.toml:3: [adc] clock_hertz: expected a number from 1000 to 100000000000, found "
          "\"fast\"");
    CHECK_THAT(refusal("cell", fmt::format("kind = \"{:x>500}\"", "")),
               ContainsSubstring("a text of 500 bytes"));
}

TEST_CASE("values out of range are refused for every key") {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"technology", "temperature_celsius = -273"},
        {"technology", "temperature_celsius = 301"},
        {"cell", "g_min_siemens = 0"},
        {"cell", "g_max_siemens = 2"},
        {"cell", "access_width_m = 0"},
        {"cell", "access_length_m = 1"},
        {"cell", "wordline_volt = 0"},
        {"array", "rows = 0"},
        {"array", "rows = 3"},
        {"array", "rows = 1026"},
        {"array", "rows = -2"},
        {"array", "rows = 9223372036854775807"},
        {"array", "rows = 4294967298"},
        {"array", "columns = 0"},
        {"array", "columns = 1025"},
        {"driver", "bits = 1"},
        {"driver", "bits = 9"},
        {"driver", "amplitude_volt = 0"},
        {"driver", "nmos_width_m = -1e-6"},
        {"driver", "pmos_width_m = 1"},
        {"readout", "common_mode_volt = -0.1"},
        {"readout", "feedback_ohm = 0"},
        {"readout", "bias_ampere = 0"},
        {"adc", "bits = 3"},
        {"adc", "bits = 11"},
        {"adc", "clock_hertz = 1"},
        {"adc", "low_volt = -1"},
        {"adc", "high_volt = 11"},
        {"adc", "bias_ampere = 1"},
        {"adc", "shared_by = 0"},
        {"adc", "bit_clock_hertz = 0"},
        {"adc", "sample_cycles = 0"},
        {"adc", "unit_farad = 0"},
        {"adc", "comparator_width_m = 1"},
        {"programming", "c0 = inf"},
        {"programming", "c1 = -inf"},
        {"programming", "c2 = nan"},
        {"programming", "c3 = 1e9"},
        {"calibration", "validation_rows = 1"},
        {"calibration", "validation_columns = 2000"},
        {"calibration", "held_out_columns = 0"},
        {"calibration", "cell_tolerance = 0"},
        {"calibration", "column_current_tolerance = 2"},
        {"calibration", "readout_tolerance_lsb = -1"},
        {"calibration", "adc_tolerance_lsb = nan"},
        {"calibration", "settling_tolerance = inf"},
        {"calibration", "energy_tolerance = 0.0"},
        {"calibration", "corners = [1, 2]"},
        {"calibration", "temperatures = [\"hot\"]"},
        {"calibration", "temperatures = 85"},
        {"calibration", "temperatures = [-300]"},
        {"calibration", "supply_spread = 0.6"},
        {"calibration", "mismatch_draws = -1"},
    };
    for (const auto& [section, line] : wrong) {
        const std::string key = line.substr(0, line.find(' '));
        CHECK_THAT(refusal(section, line),
                   ContainsSubstring(fmt::format("s.toml:3: [{}] {}: expected a", section, key)) &&
                       ContainsSubstring(", found "));
    }
}

TEST_CASE("values that contradict each other are refused") {
    CHECK(refusal("cell", "g_min_siemens = 1e-3") ==
          "s.toml:2: [cell] g_max_siemens: expected more than g_min_siemens = 0.001, found 4e-05");
    CHECK(refusal("cell", "g_max_siemens = 1e-6") ==
          "s.toml:3: [cell] g_max_siemens: expected more than g_min_siemens = 1e-06, found 1e-06");
    CHECK(refusal("adc", "high_volt = 0.1\nlow_volt = 0.2") ==
          "s.toml:3: [adc] high_volt: expected more than low_volt = 0.2, found 0.1");
}

TEST_CASE("specs made in code are held to the same ranges") {
    Spec s;
    s.array.rows = 5;
    CHECK_THROWS_WITH(require_valid(s),
                      ContainsSubstring("[array] rows") && ContainsSubstring("found 5"));
    s = {};
    s.adc.clock_hertz = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(require_valid(s), ContainsSubstring("[adc] clock_hertz"));
    s = {};
    s.corner.clear();
    CHECK_THROWS_WITH(require_valid(s), ContainsSubstring("[technology] corner"));
    s = {};
    s.technology.clear();
    CHECK_THROWS_AS(require_valid(s), mho::Error);
    s = {};
    s.adc.high_volt = s.adc.low_volt;
    CHECK_THROWS_WITH(require_valid(s), ContainsSubstring("high_volt"));
}

TEST_CASE("text that is no TOML is refused with its line") {
    CHECK_THAT(refusal(kHead + "[array\n"), ContainsSubstring("s.toml:2: not valid TOML"));
    CHECK_THAT(refusal(kHead + "[array]\nrows = \n"), ContainsSubstring("s.toml:3: not valid"));
    CHECK_THAT(refusal("array", "rows = 4\nrows = 6"), ContainsSubstring("s.toml:4: not valid"));
    CHECK_THAT(refusal(kHead + "x = \"\xff\"\n"), ContainsSubstring("not valid TOML"));
}

TEST_CASE("no text whatever brings the reader down") {
    const std::string whole = spec_to_toml(unusual());
    std::size_t accepted = 0;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        accepted += refusal(whole.substr(0, length)) == "accepted" ? 1u : 0u;
    }
    CHECK(accepted > 0);
    CHECK(accepted < whole.size());

    std::mt19937 random(7);  // NOLINT: bytes for a fuzz test, the same in every run
    const auto byte = [&] { return static_cast<char>(random() & 0xff); };
    for (int trial = 0; trial < 2000; ++trial) {
        std::string text = trial % 2 == 0 ? whole : std::string(random() % 200, ' ');
        const std::size_t changes = trial % 2 == 0 ? 1 + random() % 8 : text.size();
        for (std::size_t k = 0; k < changes; ++k) {
            text[trial % 2 == 0 ? random() % text.size() : k] = byte();
        }
        const std::string line = refusal(text);
        CHECK(line.find('\n') == std::string::npos);
    }

    std::string deep = "[a";
    for (int k = 0; k < 100000; ++k) deep += ".a";
    CHECK_THAT(refusal(kHead + deep + "]\n"), ContainsSubstring("s.toml:2: more than"));
    CHECK_THAT(refusal(fmt::format("{}x = {:[>100000}", kHead, "")),
               ContainsSubstring("not valid TOML"));
    std::string tables = kHead;
    for (int k = 0; k < 100; ++k) {
        tables += "[a";
        for (int level = 0; level < k; ++level) tables += ".a";
        tables += "]\n";
    }
    CHECK_THAT(refusal(tables), ContainsSubstring("unknown section [a]"));
    CHECK_THAT(refusal(std::string(5 << 20, '#')), ContainsSubstring("expected at most"));
}

TEST_CASE("a file gives its name and place to what it leaves out") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "my_macro.toml", kHead + "[technology]\nname = \"./tech\"\n");
    const Spec s = read_spec(folder / "my_macro.toml");
    CHECK(s.name == "my_macro");
    CHECK(s.technology == folder / "tech");
    mho::write_file(folder / "named.toml", kHead + "name = \"n\"\n");
    CHECK(read_spec(folder / "named.toml").name == "n");
    CHECK(read_spec(folder / "named.toml").technology == "generic40");
    CHECK_THROWS_WITH(read_spec(folder / "none.toml"), ContainsSubstring("none.toml"));
    mho::write_file(folder / "bad.toml", kHead + "[array]\nrws = 1\n");
    CHECK_THROWS_WITH(read_spec(folder / "bad.toml"), ContainsSubstring("bad.toml:3: unknown key"));
}
