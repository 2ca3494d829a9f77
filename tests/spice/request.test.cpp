// SPDX-License-Identifier: Apache-2.0
#include "spice/request.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <utility>
#include <vector>

#include "base/error.h"

using namespace mho::spice;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

TEST_CASE("a SPICE number has a scale factor and a unit") {
    const std::vector<std::pair<std::string, double>> known{
        {"1k", 1e3},       {"10p", 1e-11}, {"3meg", 3e6}, {"3MEGohm", 3e6}, {"1e-9", 1e-9},
        {"5ns", 5e-9},     {"2m", 2e-3},   {"1.5", 1.5},  {"-2u", -2e-6},   {"+4f", 4e-15},
        {"1mil", 25.4e-6}, {"7T", 7e12},   {"2g", 2e9},   {"6a", 6e-18},    {"3s", 3},
    };
    for (const auto& [text, value] : known) {
        INFO(text);
        REQUIRE(spice_number(text).has_value());
        CHECK_THAT(*spice_number(text), WithinRel(value, 1e-15));
    }
    for (const char* text : {"", "k", "abc", "1k5", "1.2.3", "inf", "nan", "1e999", "--1", "1 k"}) {
        INFO(text);
        CHECK_FALSE(spice_number(text).has_value());
    }
}

TEST_CASE("an analysis is one of op, dc, tran, ac and noise") {
    CHECK(parse_analysis("op").kind == AnalysisKind::op);
    CHECK(parse_analysis("dc v1 0 1 0.1").kind == AnalysisKind::dc);
    CHECK(parse_analysis("noise v(2) v1 dec 20 1 1e13").kind == AnalysisKind::noise);
    CHECK(parse_analysis("ac dec 10 1 1g").kind == AnalysisKind::ac);
    const Analysis tran = parse_analysis("  TRAN 1n 300n 0 10p uic ");
    CHECK(tran.kind == AnalysisKind::tran);
    CHECK_THAT(tran.stop_second, WithinRel(300e-9, 1e-15));
    CHECK(parse_analysis("tran 1n " + std::string(1014, '0') + "5").command.size() == 1023);
}

TEST_CASE("an analysis can be a card, whose numbers may be expressions") {
    const Analysis tran = parse_analysis(" .TRAN 1n 5n ");
    CHECK(tran.kind == AnalysisKind::tran);
    CHECK(tran.command == "run");
    CHECK(tran.card == ".TRAN 1n 5n");
    CHECK_THAT(tran.stop_second, WithinRel(5e-9, 1e-15));
    CHECK(parse_analysis(".tran 1n {2*stop}").stop_second == 0);
    CHECK(parse_analysis(".tran '1 * t' 5n").stop_second == 0);
    CHECK(parse_analysis("op").card.empty());
    CHECK(parse_analysis(".dc v1 0 1 " + std::string(2000, '0') + "1").card.size() == 2012);
    for (const char* text : {".tran 1n", ".tran 1n stop", ".op\n.tran 1n 2n", ".tf v(1) v2", ".",
                             ".tran 1n {x};quit", ".tran 1n $x"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_analysis(text), mho::Error);
    }
}

TEST_CASE("an analysis that ngspice would misread is refused") {
    for (const char* text : {"",
                             "shell rm x",
                             "op; quit",
                             "op\nquit",
                             "tran 1n",
                             "tran 1n x",
                             "tran 1n -5n",
                             "dc v1 0 1",
                             "noise v(2) v1",
                             "quit",
                             "op > file",
                             "tran 1n $x",
                             "tran 0 1n",
                             "tran x 1n",
                             "tran 1n 5n 5n",
                             "tran 1n 5n 0 -1n",
                             "dc v1 0 1 0",
                             "dc v1 0 1 -1",
                             "dc v1 1 0 1",
                             "dc v1 0 1 x",
                             "dc v1 0 1 1 v2 0 1 0",
                             "ac dec 0 1 10",
                             "ac foo 1 1 10",
                             "ac dec 1 0 10",
                             "ac dec 1 10 1",
                             "ac lin -1 1 2",
                             "ac lin 1 -1 2",
                             "noise v(2) v1 dec 0 1 10",
                             "noise v(2, 3) v1 dec 10 10 1",
                             "noise v(2) v1 dec 10 1",
                             "ac dec 1 1",
                             "pz 1 0 2 0 cur pol"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_analysis(text), mho::Error);
    }
    for (const char* text : {"tran 1n 5n 0 0", "tran 1n 5n uic", "dc v1 1 0 -0.1", "dc v1 1 1 1",
                             "dc v1 0 1 1 v2 1 0 -1", "ac lin 1 5 5", "ac lin 2 0 5",
                             "noise v(2, 3) v1 OCT 1 1 10 1", ".dc v1 0 1 {0}", "dc temp 0 50 5"}) {
        INFO(text);
        CHECK_NOTHROW(parse_analysis(text));
    }
    CHECK_THROWS_WITH(parse_analysis(".ac dec 0 1 10"),
                      "analysis '.ac dec 0 1 10': number of points '0' is less than 1");
    CHECK_THROWS_WITH(parse_analysis("tran 1n " + std::string(1015, '0') + "5"),
                      ContainsSubstring("1023"));
}

TEST_CASE("a vector request knows what to ask ngspice for") {
    CHECK(parse_vector("V(Out)").first == "v(out)");
    CHECK(parse_vector("V(Out)").name == "V(Out)");
    CHECK(parse_vector("i(Vsense0)").first == "i(vsense0)");
    CHECK(parse_vector("@m.x1.m1[id]").first == "@m.x1.m1[id]");
    CHECK(parse_vector("v(/net[3],x~)").first == "v(/net[3])");
    CHECK(parse_vector("all").first == kAllVectors);
    CHECK(parse_vector("onoise_total").first == "onoise_total");
    const VectorRequest difference = parse_vector("v(a, x1.b)");
    CHECK(difference.first == "v(a)");
    CHECK(difference.second == "v(x1.b)");
    CHECK(parse_vector("v(gnd)").first == "0");
    CHECK(parse_vector("v(a,0)").second == "0");
}

TEST_CASE("a vector name that is an expression is refused") {
    for (const char* name : {"", "v()", "v(a,b,c)", "i(a,b)", "v(a)*2", "@m1", "@m1[]", "@[id]",
                             "w(a)", "v(a", "a b", "v(a)\nquit", "2*v(a)", "v(\"a\")"}) {
        INFO(name);
        CHECK_THROWS_AS(parse_vector(name), mho::Error);
    }
}
