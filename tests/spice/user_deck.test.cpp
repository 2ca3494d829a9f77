// SPDX-License-Identifier: Apache-2.0
#include "spice/user_deck.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

using Names = std::vector<std::string>;

UserDeck read(const std::string& lines) {
    return read_user_deck("title\n" + lines, "deck.cir");
}

}  // namespace

TEST_CASE("analyses are taken out of a deck, and line numbers stay") {
    const UserDeck deck = read(
        "V1 1 0 1\n.TRAN 1n\n* between\n+ {2*t} $ stop\nR1 1 0 1k\n.op ; here\n"
        ".ac dec 1 1 10\r\n.END\n.tran 5 5\nleft out\n");
    CHECK(deck.title == "title");
    CHECK(deck.netlist == "title\nV1 1 0 1\n*\n*\n*\nR1 1 0 1k\n*\n*\n");
    REQUIRE(deck.analyses.size() == 3);
    CHECK(deck.analyses[0].card == ".TRAN 1n {2*t}");
    CHECK(deck.analyses[0].kind == AnalysisKind::tran);
    CHECK(deck.analyses[0].line == 3);
    CHECK(deck.analyses[1].card == ".op");
    CHECK(deck.analyses[1].line == 7);
    CHECK(deck.analyses[2].kind == AnalysisKind::ac);
    const Job job = make_job(deck, deck.analyses[1]);
    CHECK(job.netlist == deck.netlist + ".end\n");
    CHECK(job.analysis == ".op");
    CHECK(job.vectors == Names{"all"});
    CHECK(job.warnings_allowed);
}

TEST_CASE("vectors come from save, print and plot cards, or from the caller") {
    const UserDeck deck = read(
        "R1 1 0 1\n.save V(1) @r1[i]\n+ i(v1)\n.print tran v(1) v(1, 2) 'v(1)*2' v(3)\n"
        ".plot ac vdb(2) vp(2) (0,5)\n.PRINT NOISE onoise\n.print xx v(9)\n.four 1k v(1)\n"
        ".tran 1 2\n.ac dec 1 1 2\n.noise v(1) v1 dec 1 1 2\n");
    REQUIRE(deck.analyses.size() == 3);
    CHECK(make_job(deck, deck.analyses[0]).vectors ==
          Names{"v(1)", "@r1[i]", "i(v1)", "v(1, 2)", "v(3)"});
    CHECK(make_job(deck, deck.analyses[1]).vectors == Names{"v(1)", "@r1[i]", "i(v1)", "v(2)"});
    CHECK(make_job(deck, deck.analyses[2]).vectors == Names{"onoise_spectrum"});
    CHECK(make_job(deck, deck.analyses[0], {"v(7)"}).vectors == Names{"v(7)"});
    REQUIRE(deck.notes.size() == 4);
    CHECK_THAT(deck.notes[0], StartsWith("deck.cir:9: .four is left out"));
    CHECK_THAT(deck.notes[1], ContainsSubstring("deck.cir:5: ''v(1)*2'' is no plain vector"));
    CHECK_THAT(deck.notes[2], ContainsSubstring("deck.cir:6: '(0,5)' is no plain vector"));
    CHECK_THAT(deck.notes[3], ContainsSubstring("deck.cir:8: a .print without op"));
}

TEST_CASE("what measures read is saved beside the wanted vectors") {
    const UserDeck deck = read(
        "R1 1 0 1\n.meas tran td trig v(in) val=0.5 rise=1\n+ targ v(a,b) val={x} fall=1\n"
        ".measure ac g find VDB(out) at=1k\n.meas tran q integ @r1[i] from=0 to='2*par(v(z))'\n"
        ".tran 1 2\n.op\n");
    const std::string some = make_job(deck, deck.analyses[0], {"v(1)"}).netlist;
    for (const char* vector : {"v(in)", "v(a)", "v(b)", "v(out)", "@r1[i]", "v(z)"}) {
        CHECK_THAT(some, ContainsSubstring(std::string("\n.save ") + vector + "\n"));
    }
    CHECK_THAT(make_job(deck, deck.analyses[1]).netlist, !ContainsSubstring(".save"));
}

TEST_CASE("noise is solved by Sparse where a deck or its files ask for KLU") {
    const mho::test::TemporaryFolder folder;
    const std::string noise = ".op\n.noise v(1) v1 dec 1 1 2\n";
    const UserDeck deck = read("R1 1 0 1\n.options reltol=1e-4\n* c\n+ KLU\n" + noise);
    REQUIRE(deck.notes.size() == 1);
    CHECK_THAT(deck.notes[0],
               StartsWith("deck.cir:3: option klu is not used for the .noise of line 7"));
    CHECK_THAT(make_job(deck, deck.analyses[1]).netlist, EndsWith("\n.option sparse\n.end\n"));
    CHECK_THAT(make_job(deck, deck.analyses[0]).netlist, !ContainsSubstring("sparse"));
    mho::write_file(folder / "o.inc", "* o\n.opt klu\n");
    const UserDeck other = read_user_deck("t\n.include o.inc\n" + noise, folder / "deck.cir");
    REQUIRE(other.notes.size() == 1);
    CHECK_THAT(other.notes[0], StartsWith((folder / "o.inc").string() + ":2: option klu"));
    CHECK_THAT(make_job(other, other.analyses[1]).netlist, ContainsSubstring(".option sparse"));
    for (const char* lines :
         {".option klu\n.op\n", ".option klu\n.option sparse\n.op\n.noise v(1) v1 dec 1 1 2\n",
          "* klu\n.option reltol=1 ; klu\n.noise v(1) v1 dec 1 1 2\n"}) {
        CHECK(read(lines).notes.empty());
    }
}

TEST_CASE("included files are found from the deck's folder") {
    const mho::test::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "sub dir");
    mho::write_file(folder / "sub dir" / "a.lib", ".lib tt\n.include b.inc\n.endl\n");
    mho::write_file(folder / "sub dir" / "b.inc", ".model d d\n");
    const auto path = (folder / "sub dir" / "a.lib").string();
    const UserDeck deck =
        read_user_deck("t\n .LIB 'sub dir/a.lib' tt $ typical\n.include \"sub dir/b.inc\"\n.op\n",
                       folder / "deck.cir");
    CHECK_THAT(deck.netlist, ContainsSubstring("\n .LIB \"" + path + "\" tt $ typical\n"));
    CHECK_THAT(deck.netlist,
               ContainsSubstring("\n.include \"" + (folder / "sub dir" / "b.inc").string()));
    CHECK_THROWS_WITH(
        read_user_deck("t\n.op\n.include none.inc\n", folder / "deck.cir"),
        ContainsSubstring("deck.cir:3: there is no file " + (folder / "none.inc").string()));
    mho::write_file(folder / "sub dir" / "b.inc", "* c\n .Control\nshell rm x\n.endc\n");
    CHECK_THROWS_WITH(read_user_deck("t\n.lib 'sub dir/a.lib' tt\n.op\n", folder / "deck.cir"),
                      ContainsSubstring("b.inc has a .control block"));
}

TEST_CASE("decks that cannot be run are refused with file and line") {
    const auto refused = [](const std::string& lines, const std::string& text) {
        CAPTURE(lines);
        CHECK_THROWS_WITH(read(lines), ContainsSubstring(text));
        CHECK_THROWS_AS(read(lines), mho::Error);
    };
    refused("R1 1 0 1\n", "deck.cir: it has no analysis, expected .op, .dc, .tran, .ac or .noise");
    refused(".op\n.CONTROL\nrun\nwrite x.raw\n.endc\n",
            "deck.cir:5: 'write x.raw' in a .control block is not run, expected");
    refused(".op\n.control\nset ngbehavior=hsa\n.endc\n", "deck.cir:4: 'set ngbehavior=hsa'");
    refused(".control\nop\nshell rm x\n.endc\n", "deck.cir:4: 'shell rm x'");
    refused(".op\n.tf v(1) v2\n", "deck.cir:3: '.tf' is no analysis that is run here, expected");
    refused(".tran 1n\n", "deck.cir:2: analysis '.tran 1n': expected 'tran STEP STOP'");
    refused(".tran 1n $x\n", "deck.cir:2: ");
    refused(".ac dec 10\n", "deck.cir:2: ");
    refused(".op\n.meas tran td\n", "deck.cir:3: '.meas tran td' measures nothing, expected trig,");
    refused(".op\n.MEAS bar td max v(1)\n", "deck.cir:3: '.MEAS bar td max v(1)' measures nothing");
    refused(".op\n.meas tran td foo v(1)\n", "deck.cir:3: ");
    refused(".op\n.meas tran td max\n", "expected more behind 'max'");
    refused(".op\n.measure\n", "deck.cir:3: ");
    refused(".op\nR1 1 0 1e400\n", "deck.cir:3: 'R1 1 0 1e400': 1e400 is larger than any number");
    refused("V1 1 0 1\n.dc v1 0 1 0\n", "deck.cir:3: analysis '.dc v1 0 1 0': step '0' is zero");
    CHECK_THROWS_WITH(read_user_deck("", "deck.cir"), ContainsSubstring("deck.cir: it is empty"));
    CHECK_THROWS_WITH(
        read_user_deck(".SUBCKT s a b\nR1 a b 1\n.ends\n.op\n", "deck.cir"),
        StartsWith("deck.cir:1: found .subckt in the first line, which is the deck's"));
    CHECK_THROWS_WITH(read_user_deck(".op", "deck.cir"), ContainsSubstring("no analysis"));
    CHECK_NOTHROW(read("+\n.\n.save\n.print\n.include\n.lib\n.op"));
}

TEST_CASE("commands of a control block that are cards as well count as those") {
    const UserDeck deck = read(
        "R1 1 0 1\n.control\nset numdgt=14\nset nobreak\n\nTRAN 1n 5n uic\n"
        "meas tran td when v(2)=0.5\nprint v(1) i(v1)\nrun\n.endc\n.end\n");
    CHECK(deck.netlist == "title\nR1 1 0 1\n*\n*\n*\n*\n*\n.meas tran td when v(2)=0.5\n*\n*\n*\n");
    REQUIRE(deck.analyses.size() == 1);
    CHECK(deck.analyses[0].card == ".TRAN 1n 5n uic");
    CHECK(deck.analyses[0].line == 7);
    CHECK(make_job(deck, deck.analyses[0]).vectors == Names{"v(1)", "i(v1)"});
    CHECK_THAT(make_job(deck, deck.analyses[0]).netlist, ContainsSubstring("\n.save v(2)\n"));
}
