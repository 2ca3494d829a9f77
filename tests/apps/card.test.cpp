// SPDX-License-Identifier: Apache-2.0
// `mho card`: one page of a card, and what two have different.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "behavioral/cards.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace fs = std::filesystem;

namespace {

fs::path write_card(const fs::path& path, const mho::behavioral::ModelCard& card) {
    mho::write_file(path, mho::behavioral::card_to_json(card));
    return path;
}

}  // namespace

TEST_CASE("a card is shown on one page with its errors and where it is from") {
    const TemporaryFolder folder;
    mho::behavioral::ModelCard card = some_card(4, 3);
    const fs::path path = write_card(folder.path() / "a.json", card);
    const ProgramResult result = run_mho("card show " + quoted(path));
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    for (const char* part : {"example: some, tt, 27 C", "4 x 3", "8 bits", "INL", "cell_voltage",
                             "held-out error", "64 columns", "ngspice 46, KLU", "321 SPICE runs"}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
    CHECK(count_lines(result.out) < 60);
    CHECK_THAT(result.out, !ContainsSubstring("MISSED"));
    card.errors[0].worst = 2 * card.errors[0].tolerance;
    const ProgramResult missed =
        run_mho("card show " + quoted(write_card(folder.path() / "m.json", card)));
    CHECK_THAT(missed.out,
               ContainsSubstring("MISSED") && ContainsSubstring("misses its tolerance"));
}

TEST_CASE("two cards are compared key by key, and the exit code tells whether they differ") {
    const TemporaryFolder folder;
    mho::behavioral::ModelCard card = some_card(4, 3);
    const std::string first = quoted(write_card(folder.path() / "a.json", card));
    card.timing.settle_second *= 1.0005;
    const std::string second = quoted(write_card(folder.path() / "b.json", card));

    const ProgramResult same = run_mho("card diff " + first + " " + first);
    CHECK(same.exit_code == 0);
    CHECK(same.out.empty());
    const ProgramResult differ = run_mho("card diff " + first + " " + second);
    CHECK(differ.exit_code == 1);
    CHECK_THAT(differ.out,
               ContainsSubstring("timing.settle_second") && ContainsSubstring("5.00e-04"));
    CHECK(count_lines(differ.out) == 2);
    CHECK(run_mho("card diff --above 1e-3 " + first + " " + second).exit_code == 0);
}

TEST_CASE("mho card refuses what it cannot do in one line") {
    const TemporaryFolder folder;
    const std::string path = quoted(write_card(folder.path() / "a.json", some_card(4, 3)));
    check_refused(run_mho("card shwo " + path), "did you mean 'show'");
    check_refused(run_mho("card show " + path + " " + path), "found 2 cards, expected 1");
    check_refused(run_mho("card diff " + path), "found 1 cards, expected 2");
    check_refused(run_mho("card diff --above -1 " + path + " " + path), "--above");
    mho::write_file(folder.path() / "broken.json", "{\"schema\":");
    check_refused(run_mho("card show " + quoted(folder.path() / "broken.json")), "not JSON");
}

TEST_CASE("a card of a converter alone is shown and exported, and needs a system for inference") {
    const TemporaryFolder folder;
    mho::behavioral::ModelCard card = some_card(4, 3);
    card.converter_only = true;
    card.converter = {"sar", std::vector<double>(256, 4e-13), 5e-8, 0, 5e-8, 6e-13};
    card.adc.mismatch.bend_volt_rms.clear();
    const std::string path = quoted(write_card(folder.path() / "adc.json", card));
    const ProgramResult shown = run_mho("card show " + path);
    INFO(shown.out << shown.err);
    CHECK(shown.exit_code == 0);
    for (const char* part : {"sar, 8 bits", "noise", "regenerates", "50 draws", "steps of bits",
                             "400 .. 400 fJ", "50 ns a conversion", "not in it"}) {
        CHECK_THAT(shown.out, ContainsSubstring(part));
    }
    CHECK(run_mho("card diff " + path + " " + path).exit_code == 0);
    for (const char* format : {"spice", "verilog-a", "system-verilog"}) {
        const ProgramResult exported =
            run_mho("export " + path + " --format " + format + " --name own -o -");
        CHECK(exported.exit_code == 0);
        CHECK_THAT(exported.out, ContainsSubstring("8-bit converter of example"));
        CHECK_THAT(exported.out, ContainsSubstring("own_adc"));
        CHECK_THAT(exported.out, !ContainsSubstring("row_0"));
    }
    const std::string run = " --model " + quoted(digits_network()) + " --data " +
                            quoted(source_path("data/digits")) + " --limit 20 --card " + path +
                            " -o -";
    check_refused(run_mho("infer" + run), "of a converter alone");
    const ProgramResult inferred = run_mho("infer --system ideal8 --trials 2" + run);
    INFO(inferred.err);
    CHECK(inferred.exit_code == 0);
}

TEST_CASE("the page of a card tells what mismatch and noise were measured") {
    const TemporaryFolder folder;
    const std::string path = quoted(write_card(folder.path() / "a.json", some_card(4, 3)));
    const ProgramResult shown = run_mho("card show " + path);
    for (const char* part :
         {"driver resistance", "read-out offset", "LSB rms at the input", "bends of degree 2"}) {
        CHECK_THAT(shown.out, ContainsSubstring(part));
    }
}
