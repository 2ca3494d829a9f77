// SPDX-License-Identifier: Apache-2.0
#include "spice/deck.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "spice/decks.h"
#include "spice/ladder.h"

using namespace mho::spice;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<std::string> lines_of(const std::string& netlist, const std::string& analysis = "op",
                                  const std::vector<std::string>& vectors = {}) {
    std::vector<VectorRequest> requests;
    for (const std::string& name : vectors) requests.push_back(parse_vector(name));
    return deck_lines(netlist, parse_analysis(analysis), requests);
}

}  // namespace

TEST_CASE("the deck saves what is asked for and nothing else") {
    const std::vector<std::string> lines =
        lines_of(test::kDivider, "tran 1n 2n", {"v(2)", "i(V1)", "v(1,0)", "time"});
    const std::vector<std::string> tail(lines.end() - 4, lines.end());
    CHECK(tail == std::vector<std::string>{".save v(2)", ".save i(v1)", ".save v(1)", ".end"});
    CHECK(lines.front() == "* divider");
    CHECK(lines_of(test::kDivider, "noise v(2) v1 dec 1 1 2", {"onoise_total"}).size() == 5);
}

TEST_CASE("comments, continuations and blank lines pass the check") {
    CHECK_NOTHROW(
        lines_of("t\r\n* c\r\n$ c\r\n\r\nR1 1\r\n+ 0\r\n* between\r\n+ 1k ; ohm\r\n"
                 ".model d d(is=1)\r\nV1 1 0 1 $ volt\r\n.END\r\n\r\n"));
}

TEST_CASE("a line that is no netlist line is refused and named") {
    const auto deck = [](const std::string& line) { return "t\nR1 1 0 1k\n" + line + "\n.end\n"; };
    for (const char* line : {"@@ 3 4", "foo bar", "R1 1 0", "M1 1 2 nm", "R2 1 0 1,5", "3 4 5",
                             ".foo bar", ".control", "x1", "C1 a b", "# c", "-"}) {
        INFO(line);
        CHECK_THROWS_WITH(lines_of(deck(line)), ContainsSubstring("line 3"));
        CHECK_THROWS_WITH(lines_of(deck(line)), ContainsSubstring(line));
    }
    CHECK_THROWS_WITH(lines_of(deck(std::string("R2 1 0 1k\0", 10))),
                      ContainsSubstring("control character"));
    for (const char* line : {"R2 1 0 1e400", "C2 1 0 9e307k", "V2 1 0 pulse(0 1e999 0)",
                             ".param x=-2e310", "R2 1 0 r={1.0E+400}"}) {
        INFO(line);
        CHECK_THROWS_WITH(lines_of(deck(line)), ContainsSubstring("line 3") &&
                                                    ContainsSubstring("larger than any number"));
    }
    for (const char* line : {"R2 1 0 1e-400", "R2 1 n1e400 1k", "R2 1 0 1k $ 1e400",
                             "R2 1 0 1k ; 1e400", "R2 1 0 1.7e308", "* 1e400", ".title 1e400"}) {
        INFO(line);
        CHECK_NOTHROW(lines_of(deck(line)));
    }
    CHECK_THROWS_WITH(lines_of("t\n+ 1\n.end\n"), ContainsSubstring("continues nothing"));
}

TEST_CASE("a deck has a title and ends with .end") {
    CHECK_THROWS_WITH(lines_of(""), ContainsSubstring("no line '.end'"));
    CHECK_THROWS_WITH(lines_of("t\nR1 1 0 1k\n"), ContainsSubstring("no line '.end'"));
    CHECK_THROWS_WITH(lines_of(".end\n"), ContainsSubstring("title"));
    CHECK_THROWS_WITH(lines_of("t\n.end\nR1 1 0 1k\n"), ContainsSubstring("after '.end'"));
    CHECK(lines_of("\nR1 1 0 1k\n.end").front() == "* ");
}

TEST_CASE("a rung adds its options before the end and keeps the equations") {
    CHECK(on_rung(test::kDivider, 0) == test::kDivider);
    const std::string changed = on_rung(test::kDivider, 1);
    CHECK(changed.ends_with(rung_options(1) + "\n.end\n"));
    CHECK(changed.starts_with("divider\nV1"));
    CHECK(on_rung("no end", 1) == "no end");
    for (const char* tolerance : {"gmin", "reltol", "abstol", "vntol"}) {
        CHECK(rung_options(1).find(tolerance) == std::string::npos);
    }
}
