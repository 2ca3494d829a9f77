// SPDX-License-Identifier: Apache-2.0
// The program as a user meets it: help, versions and slips.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "apps/command.h"
#include "base/file.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace fs = std::filesystem;

namespace {

const fs::path kSpec = source_path("examples/demo/spec.toml");

}  // namespace

TEST_CASE("the version is printed") {
    const ProgramResult result = run_mho("--version");
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, ContainsSubstring("mho 0."));
}

TEST_CASE("help lists every verb and each verb has a worked example") {
    const ProgramResult help = run_mho("help");
    CHECK(help.exit_code == 0);
    CHECK(run_mho("").out == help.out);
    CHECK(run_mho("--help").out == help.out);
    for (const std::string verb : {"netlist", "calibrate", "infer", "report", "device"}) {
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
    check_refused(run_mho("infer --modle=x"), "did you mean '--model'");
    check_refused(run_mho("calibrate x --outptu y"), "did you mean '--output'");
    check_refused(run_mho("report x --outputt y"), "did you mean '--output'");
    check_refused(run_mho("--verson"), "did you mean '--version'");
    check_refused(run_mho("help calibrat"), "did you mean 'calibrate'");
    check_refused(run_mho("netlist " + quoted(kSpec) + " -o x.cir --bench colum"),
                  "did you mean 'column'");
}

TEST_CASE("missing arguments and bad values are refused") {
    check_refused(run_mho("calibrate x.toml"), "--output");
    check_refused(run_mho("netlist"), "required");
    check_refused(run_mho("report -o x.html"), "results");
    check_refused(run_mho("netlist x.toml y.toml -o x.cir"), "y.toml");
    check_refused(run_mho("calibrate x.toml -o x.json --workers -1"), "workers");
    for (const std::string limit : {"many", "-1", "1.5", "99999999999999999999", "''"}) {
        check_refused(run_mho("infer --card a --model b --data c -o d --limit " + limit), "limit");
    }
}

TEST_CASE("missing files are named and nothing is written") {
    const TemporaryFolder folder;
    const std::string out = " -o " + quoted(folder / "out");
    check_refused(run_mho("netlist /no/such.toml" + out), "/no/such.toml");
    check_refused(run_mho("calibrate /no/such.toml" + out), "/no/such.toml");
    check_refused(run_mho("report /no/such.json" + out), "/no/such.json");
    check_refused(run_mho("infer --card /no/such.json --model b --data c" + out), "/no/such.json");
    CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a slip in a spec names file, line, key and nearest match") {
    const TemporaryFolder folder;
    std::string spec = mho::read_file(kSpec);
    const std::size_t at = spec.find("rows = 64");
    REQUIRE(at != std::string::npos);
    const auto line = 1 + count_lines(spec.substr(0, at));
    spec.replace(at, 9, "rwos = 64");
    mho::write_file(folder / "slip.toml", spec);
    const std::string verb = GENERATE("netlist ", "calibrate --no-cache ");
    const ProgramResult result =
        run_mho(verb + quoted(folder / "slip.toml") + " -o " + quoted(folder / "out"));
    check_refused(result, "slip.toml:" + std::to_string(line));
    CHECK_THAT(result.err, ContainsSubstring("rwos"));
    CHECK_THAT(result.err, ContainsSubstring("did you mean 'rows'"));
    CHECK(count_entries(folder.path()) == 1);
}

TEST_CASE("a place that cannot be written is told before the work") {
    const TemporaryFolder folder;
    const std::string verb = "netlist " + quoted(kSpec) + " -o ";
    check_refused(run_mho(verb + quoted(folder / "no/deck.cir")), "No such file or directory", 4);
    check_refused(run_mho(verb + quoted(folder.path())), "is a directory");
    check_refused(run_mho("infer --card a --model b --data c -o " + quoted(folder / "no/x")),
                  "No such file or directory", 4);
    CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("an input is never overwritten by the output") {
    const TemporaryFolder folder;
    const std::string spec = mho::read_file(kSpec);
    mho::write_file(folder / "spec.toml", spec);
    fs::create_hard_link(folder / "spec.toml", folder / "other name");
    for (const std::string verb : {"netlist ", "calibrate "}) {
        check_refused(
            run_mho(verb + quoted(folder / "spec.toml") + " -o " + quoted(folder / "other name")),
            "is an input");
    }
    CHECK(mho::read_file(folder / "spec.toml") == spec);
}

TEST_CASE("a full disk is told with one line, whatever goes there") {
    if (!fs::exists("/dev/full")) SKIP("no /dev/full here");
    check_refused(run_mho("netlist " + quoted(kSpec) + " -o /dev/full"), "No space left", 4);
    check_refused(run_shell("'" MHO_BINARY_DIR "/mho' help >/dev/full"), "No space left", 4);
    check_refused(
        run_shell("'" MHO_BINARY_DIR "/mho' netlist " + quoted(kSpec) + " -o - >/dev/full"),
        "No space left", 4);
}
