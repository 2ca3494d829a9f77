// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/file.h"
#include "netlist/deck.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string inlined(const std::filesystem::path& file, const std::string& section) {
    Deck deck;
    deck.libraries = {{file, section}};
    return inline_libraries(deck).libraries.at(0).text;
}

}  // namespace

TEST_CASE("only the wanted section is copied, with the files it refers to") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "a.lib",
                    "* head\n.LIB TT\n.param x=1\n.lib 'a.lib' devices\n.endl tt\n"
                    ".lib ff\n.param x=2\n.endl\n.lib devices\n.model n nmos\r\n"
                    ".include \"more file.inc\"\n.endl devices\n");
    mho::write_file(folder / "more file.inc", ".model p pmos\n+ level=1\n.end\n");
    CHECK(inlined(folder / "a.lib", "tt") ==
          ".param x=1\n.model n nmos\n.model p pmos\n+ level=1\n");
    CHECK(inlined(folder / "a.lib", "ff") == ".param x=2\n");
    CHECK(inlined(folder / "more file.inc", "") == ".model p pmos\n+ level=1\n");
}

TEST_CASE("libraries that are broken are refused with their name") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "a.lib", ".lib tt\n.lib 'missing.lib' x\n.endl\n");
    mho::write_file(folder / "loop.lib", ".lib tt\n.lib 'loop.lib' tt\n.endl\n");
    CHECK_THROWS_WITH(inlined(folder / "a.lib", "ss"),
                      ContainsSubstring("a.lib") && ContainsSubstring("'ss'"));
    CHECK_THROWS_WITH(inlined(folder / "a.lib", "tt"), ContainsSubstring("missing.lib"));
    CHECK_THROWS_WITH(inlined(folder / "loop.lib", "tt"), ContainsSubstring("without end"));
    CHECK_THROWS_WITH(inlined(folder / "none.lib", ""), ContainsSubstring("none.lib"));
}

TEST_CASE("odd cards in a library do no harm") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "odd.lib", ".\n.lib\n.lib 'unclosed\n.lib tt\n.\n.lib\nend\n.endl");
    CHECK(inlined(folder / "odd.lib", "tt") == ".\n.lib\nend\n");
}

TEST_CASE("an inlined library is left as it is") {
    Deck deck;
    deck.libraries = {{"gone.lib", "tt", ".model n nmos\n"}};
    CHECK(inline_libraries(deck) == deck);
}
