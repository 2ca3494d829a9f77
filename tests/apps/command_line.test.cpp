// SPDX-License-Identifier: Apache-2.0
// The program as a user meets it: help, versions, slips and broken input.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "support/run_program.h"
#include "support/shared_data.h"

using Catch::Matchers::ContainsSubstring;
using mho::test::ProgramResult;
using mho::test::run_mho;
using mho::test::TemporaryFolder;

namespace {

const std::string kSource = MHO_SOURCE_DIR;
const std::string kDigits = "'" + kSource + "/data/digits'";
const std::string kNetwork = "'" + kSource + "/data/digits/mlp_digits.onnx'";

// One clear line on standard error, nothing on standard output, and the exit code of bad input.
void check_refused(const ProgramResult& result, const std::string& expected_text) {
    INFO("stderr: " << result.err);
    CHECK(result.exit_code == 2);
    CHECK(mho::test::count_lines(result.err) == 1);
    CHECK_THAT(result.err, ContainsSubstring(expected_text));
}

}  // namespace

TEST_CASE("the version is printed") {
    const ProgramResult result = run_mho("--version");
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, ContainsSubstring("mho 0."));
}

TEST_CASE("help lists every verb and each verb has a worked example") {
    const ProgramResult help = run_mho("help");
    CHECK(help.exit_code == 0);
    for (const std::string verb : {"netlist", "calibrate", "infer", "report"}) {
        CHECK_THAT(help.out, ContainsSubstring(verb));
        const ProgramResult one = run_mho(verb + " --help");
        CHECK(one.exit_code == 0);
        CHECK_THAT(one.out, ContainsSubstring("example"));
        CHECK_THAT(one.out, ContainsSubstring("mho " + verb + " "));
        CHECK(run_mho("help " + verb).out == one.out);
    }
}

TEST_CASE("a slip in a verb or flag names the nearest match") {
    check_refused(run_mho("netlst x"), "did you mean 'netlist'");
    check_refused(run_mho("infer --modle x"), "did you mean '--model'");
    check_refused(run_mho("calibrate x --outptu y"), "did you mean '--output'");
    check_refused(run_mho("--verson"), "did you mean '--version'");
    check_refused(run_mho("help calibrat"), "did you mean 'calibrate'");
}

TEST_CASE("missing arguments and bad values are refused") {
    check_refused(run_mho("calibrate x.toml"), "--output");
    check_refused(run_mho("netlist /no/such.toml -o x.cir"), "/no/such.toml");
    check_refused(run_mho("report /no/such.json -o x.html"), "/no/such.json");
    check_refused(run_mho("infer --card a --model b --data c --limit many -o d"), "limit");
}

TEST_CASE("a slip in a spec names file, line, key and nearest match") {
    const TemporaryFolder folder;
    std::string spec = mho::read_file(kSource + "/examples/demo/spec.toml");
    spec.replace(spec.find("rows = 64"), 9, "rwos = 64");
    mho::write_file(folder / "slip.toml", spec);
    const ProgramResult result =
        run_mho("netlist '" + (folder / "slip.toml").string() + "' -o '" +
                (folder / "deck.cir").string() + "'");
    check_refused(result, "slip.toml:");
    CHECK_THAT(result.err, ContainsSubstring("rwos"));
    CHECK_THAT(result.err, ContainsSubstring("did you mean 'rows'"));
    CHECK_FALSE(std::filesystem::exists(folder / "deck.cir"));
}

TEST_CASE("a card of another schema is refused and nothing is written") {
    const TemporaryFolder folder;
    const std::string content =
        GENERATE(as<std::string>{}, "", "{", "[]", R"({"schema": "mho.card/99"})",
                 R"({"schema": "other"})");
    mho::write_file(folder / "card.json", content);
    const ProgramResult result =
        run_mho("infer --card '" + (folder / "card.json").string() + "' --model " + kNetwork +
                " --data " + kDigits + " -o '" + (folder / "out.json").string() + "'");
    check_refused(result, "card.json");
    CHECK_FALSE(std::filesystem::exists(folder / "out.json"));
}

TEST_CASE("a deck for a full disk is refused with one line") {
    if (!std::filesystem::exists("/dev/full")) SKIP("no /dev/full here");
    const ProgramResult result =
        run_mho("netlist '" + kSource + "/examples/demo/spec.toml' -o /dev/full");
    CHECK(result.exit_code == 4);
    CHECK(mho::test::count_lines(result.err) == 1);
    CHECK_THAT(result.err, ContainsSubstring("No space left"));
}
