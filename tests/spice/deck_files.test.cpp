// SPDX-License-Identifier: Apache-2.0
#include "spice/deck_files.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using mho::spice::check_deck_files;

namespace {

// u-umlaut as UTF-8.
const std::string kLetter = "\xc3\xbc";

void refused(const mho::test::TemporaryFolder& folder, const std::string& deck,
             const std::string& message) {
    CAPTURE(deck);
    CHECK_THROWS_WITH(check_deck_files(deck, folder / "deck.cir"), ContainsSubstring(message));
    CHECK_THROWS_AS(check_deck_files(deck, folder / "deck.cir"), mho::Error);
}

}  // namespace

TEST_CASE("letters outside ASCII are refused where ngspice reads them, in a deck and its files") {
    const mho::test::TemporaryFolder folder;
    const std::string where = (folder / "deck.cir").string();
    refused(folder, "t\nV1 a 0 1\n+ " + kLetter + "\n",
            where + ":3: '+ " + kLetter + "' has letters outside ASCII");
    refused(folder, "t\nR1 a" + kLetter + "$b 0 1\n", where + ":2: ");
    mho::write_file(folder / "a.inc", "* " + kLetter + "\nR1 " + kLetter + " 0 1\n");
    refused(folder, "t\n.include a.inc\n", (folder / "a.inc").string() + ":2: 'R1 ");
    mho::write_file(folder / "b.lib", ".lib tt\n.include a.inc\n.endl\n");
    refused(folder, "t\n.lib b.lib tt\n", (folder / "a.inc").string() + ":2: 'R1 ");

    std::filesystem::create_directory(folder / kLetter);
    mho::write_file(folder / kLetter / "fine.inc", "R1 a 0 1\n");
    CHECK_NOTHROW(check_deck_files(kLetter + "\n*" + kLetter + "\nV1 a 0 1 ; " + kLetter +
                                       "\nR2 a 0 1 $ " + kLetter + "\nR3 a 0 1 //" + kLetter +
                                       "\n.include " + kLetter + "/fine.inc\n.include gone\n",
                                   folder / "deck.cir"));
}

TEST_CASE("numbers that no double holds are refused in a deck and its files") {
    const mho::test::TemporaryFolder folder;
    refused(folder, "t\nR1 a 0 1e400\n", ":2: 'R1 a 0 1e400': 1e400 is larger than any number");
    mho::write_file(folder / "a.inc", "* c\n.model d d is=1e3 n=4e500\n");
    refused(folder, "t\n.include a.inc\n", (folder / "a.inc").string() + ":2: ");
    CHECK_NOTHROW(
        check_deck_files("1e400\n.title 1e400\nR1 a 0 1e300 ; 1e400\n", folder / "deck.cir"));
}

TEST_CASE("what the netlists of jobs include is looked at once for each file") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "a.inc", "R1 " + kLetter + " 0 1\n");
    mho::write_file(folder / "b.lib", ".lib tt\nR1 a 0 1\n.endl\n");
    mho::spice::IncludedFileChecks checks;
    const std::string bad = "t\n.include " + (folder / "a.inc").string() + "\n.end\n";
    for (int k = 0; k < 2; ++k) {
        CHECK_THROWS_WITH(checks.check(bad),
                          ContainsSubstring((folder / "a.inc").string() + ":1: 'R1 "));
    }
    const std::string good = "t\n.lib " + (folder / "b.lib").string() + " tt\n.end\n";
    CHECK_NOTHROW(checks.check(good));
    mho::write_file(folder / "b.lib", ".lib tt\nR1 " + kLetter + " 0 1\n.endl\n");
    CHECK_NOTHROW(checks.check(good));
}

TEST_CASE("files that include themselves are refused with the line and the way round") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "a.inc", "R1 a 0 1\n .INC \"b.inc\"\n");
    mho::write_file(folder / "b.inc", ".include a.inc\n");
    refused(folder, "t\n.include a.inc\n",
            (folder / "b.inc").string() +
                ":1: '.include a.inc' includes a file that is being read: a.inc -> b.inc -> a.inc");
    mho::write_file(folder / "deck.cir", "t\n.include deck.cir\n");
    refused(folder, "t\n.include deck.cir\n",
            (folder / "deck.cir").string() +
                ":2: '.include deck.cir' includes a file that is being read: deck.cir -> deck.cir");
    std::filesystem::create_directory_symlink(folder.path(), folder / "here");
    mho::write_file(folder / "c.inc", ".include here/c.inc\n");
    refused(folder, "t\n.include c.inc\n", "c.inc:1: '.include here/c.inc'");
}

TEST_CASE("a library may refer to its own sections, but not round and round") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "d.inc", "R1 a 0 1\n");
    const std::string common = ".lib TT $ typical\n.lib 'm.lib' Mos\n.include d.inc\n.endl TT\n";
    mho::write_file(folder / "m.lib", common + ".lib mos\n.include d.inc\n.endl\n");
    CHECK_NOTHROW(check_deck_files("t\n.lib m.lib tt\n.LIB m.lib mos\n.include d.inc\n",
                                   folder / "deck.cir"));
    mho::write_file(folder / "m.lib", common + ".lib mos\n.lib m.lib tt\n.endl\n");
    refused(folder, "t\n.lib m.lib tt\n",
            "m.lib:6: '.lib m.lib tt' includes a file that is being "
            "read: m.lib tt -> m.lib mos -> m.lib tt");
}
