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
