// SPDX-License-Identifier: Apache-2.0
// `mho adc`: the transfer curve of a converter, as a table and as JSON.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/command.h"
#include "base/file.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace {

// A converter of 4 bits, in a file of its own.
std::string with_spec(const TemporaryFolder& folder, const std::string& adc) {
    mho::write_file(folder / "spec.toml",
                    "schema = \"mho.spec/1\"\nname = \"small\"\n[adc]\nbits = 4\n" + adc);
    return quoted(folder / "spec.toml");
}

}  // namespace

TEST_CASE("mho adc prints the figures of a SAR and writes its transitions") {
    const TemporaryFolder folder;
    const std::string spec = with_spec(folder, "kind = \"sar\"\ncomparator_width_m = 3e-7\n");
    const ProgramResult result =
        run_mho("adc " + spec + " --conversions 10 --transitions 0 --quiet --no-cache -o " +
                quoted(folder / "adc.json"));
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
    for (const char* part : {"small: 11 SPICE runs", "worst INL LSB", "vdd_switches", "time ns",
                             "kT/C noise", "curves fitted to 10 conversions", "wrote "}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
    const auto json = nlohmann::json::parse(mho::read_file(folder / "adc.json"));
    CHECK(json["schema"] == "mho.adc/1");
    CHECK(json["nominal"]["transition_volt"].size() == 15);
    CHECK(json["nominal"]["inl_lsb"].size() == 15);
    CHECK(json["samples"].empty());
    CHECK(json["adc"]["transition_volt"] == json["nominal"]["transition_volt"]);
    CHECK(json["adc"]["noise_volt_rms"].get<double>() > 1e-4);
    CHECK(json["conversion_second"].get<double>() > 29e-9);
    CHECK(json["nominal"]["energy_joule"].get<double>() > 0);
    CHECK_THAT(json["spec"].get<std::string>(), ContainsSubstring("kind = \"sar\""));
}

TEST_CASE("mho adc shows how draws of a ramp spread, and JSON goes to standard output alone") {
    const TemporaryFolder folder;
    const std::string spec = with_spec(folder, "shared_by = 8\n");
    const ProgramResult result = run_mho("adc " + spec + " --samples 2 --quiet --no-cache -o -");
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(nlohmann::json::parse(result.out)["samples"].size() == 2);
    CHECK_THAT(result.err, ContainsSubstring("2 draws: mean") && ContainsSubstring("vdd_ramp"));
    CHECK_THAT(result.err, ContainsSubstring("sigma"));
    const ProgramResult single = run_mho("adc " + spec + " --samples 1 --quiet --no-cache");
    CHECK_THAT(single.out, ContainsSubstring("1 draw: mean") && !ContainsSubstring("sigma"));
}

TEST_CASE("mho adc tells in one line what is wrong") {
    const TemporaryFolder folder;
    const std::string spec = with_spec(folder, "kind = \"sar\"\ncomparator_width_m = 3e-7\n");
    const auto refused = [&](const std::string& arguments, const std::string& text) {
        const ProgramResult result = run_mho("adc " + arguments);
        CHECK(result.exit_code == 2);
        CHECK(result.out.empty());
        CHECK(count_lines(result.err) == 1);
        CHECK_THAT(result.err, ContainsSubstring(text));
    };
    refused(spec + " --conversions 3", "expected 8 to 65536 conversions, found 3");
    refused(spec + " --samples 20000", "expected 0 to 10000 samples, found 20000");
    refused(spec + " -o " + quoted(folder / "spec.toml"), "spec.toml");
    refused("none.toml", "none.toml");
    refused("'" + (folder / "spec.toml").string() + "' --sample 3", "--sample");
    mho::write_file(folder / "bad.toml", "schema = \"mho.spec/1\"\n[adc]\ncdac = \"split\"\n");
    refused(quoted(folder / "bad.toml"), "bad.toml:3: [adc] cdac");
}

TEST_CASE("a SAR's conversion and column are written, a card of top-plate sampling is refused") {
    const TemporaryFolder folder;
    const std::string spec = with_spec(folder, "kind = \"sar\"\ncomparator_width_m = 3e-7\n");
    const ProgramResult deck = run_mho("netlist --bench adc " + spec + " -o -");
    CHECK(deck.exit_code == 0);
    CHECK_THAT(deck.out,
               ContainsSubstring(".subckt sar_analog ") && ContainsSubstring("sar_flop d_dff("));
    const ProgramResult column = run_mho("netlist " + spec + " -o -");
    CHECK(column.exit_code == 0);
    CHECK_THAT(column.out,
               ContainsSubstring(".subckt sar_analog ") && ContainsSubstring("xreadout"));
    const std::string array =
        with_spec(folder,
                  "kind = \"sar\"\nsampling = \"top_plate\"\ncomparator_width_m = 3e-7\n[array]\n"
                  "rows = 4\n");
    const ProgramResult card =
        run_mho("calibrate " + array + " -o " + quoted(folder / "card.json"));
    CHECK(card.exit_code == 2);
    CHECK_THAT(card.err, ContainsSubstring("a card of a column needs \"bottom_plate\""));
}
