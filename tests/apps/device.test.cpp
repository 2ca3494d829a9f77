// SPDX-License-Identifier: Apache-2.0
// `mho device`: shipped devices and a user's own, as text and as a page.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "apps/command.h"
#include "base/file.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace fs = std::filesystem;

TEST_CASE("device list names every shipped device with its title") {
    const ProgramResult result = run_mho("device list");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(count_lines(result.out) == count_entries(source_path("data/devices")));
    CHECK_THAT(result.out, ContainsSubstring("sonos-iedm ") &&
                               ContainsSubstring("SONOS charge trap, 40 nm (IEDM 2022)\n"));
}

TEST_CASE("device show prints the model with its sources") {
    const ProgramResult result = run_mho("device show rram-wan");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, ContainsSubstring("poly(G, 1.053, 0.2374, -1.167e-2, 1.536e-4)") &&
                               ContainsSubstring("[Nature 608, 504, Extended Data Fig. 3(d)") &&
                               ContainsSubstring("note: The fit is for 1 s"));
}

TEST_CASE("device show writes a page with its plots beside it") {
    const TemporaryFolder folder;
    const fs::path page = folder / "pcm.html";
    const ProgramResult result = run_mho("device show pcm -o " + quoted(page));
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out,
               ContainsSubstring("wrote " + page.string()) && ContainsSubstring("pcm_plots/*.svg"));
    CHECK_THAT(mho::read_file(page), ContainsSubstring("<h1>Phase-change memory (Joshi 2020)"));
    CHECK(count_entries(folder / "pcm_plots") == 5);
    const ProgramResult streamed = run_mho("device show pcm -o -");
    CHECK(streamed.exit_code == 0);
    CHECK_THAT(streamed.out, ContainsSubstring("</html>"));
}

TEST_CASE("a copied device with a change of its own is shown") {
    const TemporaryFolder folder;
    std::string text = mho::read_file(source_path("data/devices/generic-independent.toml"));
    const std::size_t at = text.find("sigma = \"2\"");
    REQUIRE(at != std::string::npos);
    mho::write_file(folder / "mine.toml", text.replace(at, 11, "sigma = \"3*sqrt(g)\""));
    const ProgramResult result = run_mho("device show " + quoted(folder / "mine.toml"));
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, ContainsSubstring("3*sqrt(g)"));
}

TEST_CASE("mho device refuses what it cannot do in one line") {
    const TemporaryFolder folder;
    check_refused(run_mho("device"), "action is required");
    check_refused(run_mho("device shwo pcm"), "unknown action 'shwo' (did you mean 'show'?)");
    check_refused(run_mho("device show"), "needs a device");
    check_refused(run_mho("device list pcm"), "no further arguments");
    check_refused(run_mho("device show sonos-iedn"), "did you mean 'sonos-iedm'?");
    check_refused(run_mho("device show /no/such.toml"), "/no/such.toml");
    check_refused(run_mho("device show pcm -o " + quoted(folder.path())), "is a directory");
    mho::write_file(folder / "bad.toml", "schema = \"mho.device/1\"\nname = \"x\"\ntitel = 1\n");
    check_refused(run_mho("device show " + quoted(folder / "bad.toml")),
                  "bad.toml:3: unknown key 'titel' (did you mean 'title'?)");
    check_refused(run_mho("device show " + quoted(folder / "bad.toml") + " -o " +
                          quoted(folder / "bad.toml")),
                  "titel");
    check_refused(run_mho("device show " + quoted(source_path("data/devices/pcm.toml")) + " -o " +
                          quoted(source_path("data/devices/pcm.toml"))),
                  "would be overwritten");
}
