// SPDX-License-Identifier: Apache-2.0
// `mho tech`: the program measures a technology and tells what is out of range by its exit code.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "apps/command.h"
#include "base/file.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace fs = std::filesystem;

namespace {

ProgramResult check(const std::string& arguments) {
    return run_mho("tech check --quiet --no-cache " + arguments);
}

// The shipped technology in a folder of its own, with one text replaced.
void copy_changed(const fs::path& folder, const std::string& from, const std::string& to) {
    const fs::path shipped = source_path("data/tech/generic40");
    std::string text = mho::read_file(shipped / "tech.toml");
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    mho::write_file(folder / "tech.toml", text.replace(at, from.size(), to));
    mho::write_file(folder / "models.lib", mho::read_file(shipped / "models.lib"));
}

// Everything from the first check table on.
std::string check_tables() {
    const std::string text = mho::read_file(source_path("data/tech/generic40/tech.toml"));
    const std::size_t at = text.find("[check]");
    REQUIRE(at != std::string::npos);
    return text.substr(at);
}

}  // namespace

TEST_CASE("the shipped technology passes its check, each figure beside its range and source") {
    const ProgramResult result = check("");
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    for (const char* part :
         {"generic40, 27 C", "nch ", "pch_io ", "Ion", "500 .. 666", "FO4 delay", "ring frequency",
          "CACTI", "MOSIS", "figures with a range lie in it"}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
    CHECK_THAT(result.out, !ContainsSubstring("MISSED"));
}

TEST_CASE("a figure out of its range is named and the exit code is 1") {
    const TemporaryFolder folder;
    copy_changed(folder.path(), "low = 500e-6, high = 666e-6", "low = 100e-6, high = 200e-6");
    const ProgramResult result = check(quoted(folder.path()));
    INFO(result.out << result.err);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.out, ContainsSubstring("MISSED: nch Ion 6") &&
                               ContainsSubstring("uA/um, not 100 .. 200"));
}

TEST_CASE("all corners stand in one table, and the nominal one is judged") {
    const TemporaryFolder folder;
    copy_changed(folder.path(), "low = 20e-12, high = 35e-12", "low = 1e-12, high = 2e-12");
    const ProgramResult result = check(quoted(folder.path()) + " --corner all");
    INFO(result.out << result.err);
    CHECK(result.exit_code == 1);
    for (const char* corner : {" tt ", " ff ", " ss ", " fs ", " sf "}) {
        CHECK_THAT(result.out, ContainsSubstring(std::string("pch_io    ") + corner));
    }
    CHECK_THAT(result.out, ContainsSubstring("MISSED: inverter FO4 delay"));
}

TEST_CASE("away from the nominal point nothing is judged, and it is said") {
    const TemporaryFolder folder;
    copy_changed(folder.path(), "low = 500e-6, high = 666e-6", "low = 100e-6, high = 200e-6");
    for (const char* where : {" --corner ff", " --temperature -40"}) {
        const ProgramResult result = check(quoted(folder.path()) + where);
        INFO(result.out << result.err);
        CHECK(result.exit_code == 0);
        CHECK_THAT(result.out, ContainsSubstring("the ranges are for tt at 27 C"));
        CHECK_THAT(result.out, !ContainsSubstring("MISSED") && !ContainsSubstring("pass"));
    }
}

TEST_CASE("a technology without ranges is measured all the same") {
    const TemporaryFolder folder;
    copy_changed(folder.path(), check_tables(), "");
    const ProgramResult result = check(quoted(folder.path()));
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, ContainsSubstring("no ranges in tech.toml") &&
                               ContainsSubstring("no range\n") && ContainsSubstring("FO4 delay"));
}

TEST_CASE("mho tech show prints what the technology holds with its sources") {
    const ProgramResult result = run_mho("tech show generic40");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    for (const char* part : {"tt ff ss fs sf", "-40 .. 125 C", "core", "1.1 V", "nch_io",
                             "p channel", "m7", "v6", "ohm per cut", "mom", "fF/um2", "poly",
                             "1t1r", "3 mV um, 1 % um", "[OSU gscl45nm technology LEF, per cut]"}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
}

TEST_CASE("mho tech refuses what it cannot do in one line") {
    check_refused(run_mho("tech"), "action is required");
    check_refused(run_mho("tech chek"), "unknown action 'chek' (did you mean 'check'?)");
    check_refused(run_mho("tech show nowhere40"), "'nowhere40'");
    check_refused(check("--corner typ"), "no corner 'typ'");
    check_refused(check("--temperature -41"), "found -41");
    check_refused(check("--temperature nan"), "found nan");
    check_refused(check("--temperature warm"), "warm");
    check_refused(check("--seed 1"), "unknown option '--seed'");
    const TemporaryFolder folder;
    copy_changed(folder.path(), "[check.nch]", "[check.nhc]");
    check_refused(check(quoted(folder.path())), "unknown 'nhc'");
}

TEST_CASE("a model that the library does not have is bad input") {
    const TemporaryFolder folder;
    copy_changed(folder.path(), "[device.nch]\n", "[device.nch]\nmodel = \"nosuch\"\n");
    const ProgramResult result = check(quoted(folder.path()));
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, ContainsSubstring("'nosuch'"));
}
