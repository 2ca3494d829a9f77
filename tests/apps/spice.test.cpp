// SPDX-License-Identifier: Apache-2.0
// `mho spice`: decks of any make, their results as table and as files.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "apps/command.h"
#include "base/file.h"
#include "flows/npy.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::test;

namespace fs = std::filesystem;

namespace {

// 1 kohm and 1 pF.
const std::string kLowPass =
    "RC low-pass\n.param stop=5n\nV1 in 0 dc 0 ac 1 pulse(0 1 0 1f 1f 1 2)\nR1 in out 1k\n"
    "C1 out 0 1p\n";
const std::string kTransient = ".meas tran td when v(out)=0.5\n.tran 10p {stop}\n";

// A folder with one deck.
class DeckFile {
  public:
    explicit DeckFile(const std::string& text) { mho::write_file(path, text); }
    ProgramResult run(const std::string& options = "") const {
        return run_mho("spice " + quoted(path) + " " + options);
    }
    void check_run(const std::string& options) const {
        const ProgramResult result = run(options);
        INFO(result.err);
        REQUIRE(result.exit_code == 0);
    }

    TemporaryFolder folder;
    fs::path path = folder / "deck.cir";
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

bool have(const std::string& program) {
    return run_shell("command -v " + program).exit_code == 0;
}

}  // namespace

TEST_CASE("a deck's vectors and measurements are shown in a table") {
    const DeckFile deck(kLowPass + kTransient + ".end\n");
    const ProgramResult result = deck.run();
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(result.err.empty());
    const auto lines = lines_of(result.out);
    REQUIRE(lines.size() == 7);
    CHECK(lines[0] == ".tran 10p {stop}");
    CHECK(std::regex_match(lines[1], std::regex("vector +points +min +max +last")));
    CHECK(std::regex_match(lines[2], std::regex(R"(time +\d+ +0 +5e-09 +5e-09)")));
    std::smatch out;
    REQUIRE(std::regex_match(lines[4], out, std::regex(R"(v\(out\) +\d+ +0 +(\S+) +(\S+))")));
    CHECK_THAT(std::stod(out[2]), WithinRel(1 - std::exp(-5.0), 1e-4));
    CHECK(lines[5].starts_with("i(v1) "));
    std::smatch td;
    REQUIRE(std::regex_match(lines[6], td, std::regex("td = (.+)")));
    CHECK_THAT(std::stod(td[1]), WithinRel(std::numbers::ln2 * 1e-9, 1e-3));
    CHECK(deck.run("--quiet").out.empty());
}

TEST_CASE("a raw file holds all analyses and ngspice loads it") {
    const DeckFile deck(kLowPass + kTransient + ".ac dec 5 1meg 1g\n.op\n.end\n");
    deck.check_run("-o " + quoted(deck.folder / "out.raw"));
    if (!have("ngspice")) SKIP("the ngspice program is not installed");
    mho::write_file(deck.folder / "load.cir",
                    "load\n.control\nload out.raw\nset numdgt=12\nprint tran1.v(out)[0]\n"
                    "print length(tran1.time)\nprint op1.i(v1)\nsetplot ac1\n"
                    "print real(v(out)[15]) imag(v(out)[15])\nprint frequency[15]\n.endc\n.end\n");
    const ProgramResult loaded =
        run_shell("cd " + quoted(deck.folder.path()) + " && ngspice -b load.cir 2>&1");
    INFO(loaded.out);
    std::smatch match;
    const auto printed = [&](const std::string& name) {
        const std::regex line("\n" + name + R"( = (\S+))");
        REQUIRE(std::regex_search(loaded.out, match, line));
        return std::stod(match[1]);
    };
    CHECK(printed(R"(tran1\.v\(out\)\[0\])") == 0);
    CHECK(printed(R"(length\(tran1\.time\))") > 500);
    CHECK(printed(R"(op1\.i\(v1\))") == 0);
    const double ratio = 2 * std::numbers::pi;  // omega R C at 1 GHz
    CHECK_THAT(printed(R"(real\(v\(out\)\[15\]\))"), WithinRel(1 / (1 + ratio * ratio), 1e-9));
    CHECK_THAT(printed(R"(imag\(v\(out\)\[15\]\))"), WithinRel(-ratio / (1 + ratio * ratio), 1e-9));
}

TEST_CASE("an npz file holds an array for each vector, the same numbers as the CSV file") {
    const DeckFile deck(kLowPass + ".ac dec 5 1meg 1g\n.end\n");
    deck.check_run("-o " + quoted(deck.folder / "out.csv") + " --vectors 'v(out),v(in,out)'");
    const auto lines = lines_of(mho::read_file(deck.folder / "out.csv"));
    REQUIRE(lines.size() == 17);
    CHECK(lines[0] == "frequency,re(v(out)),im(v(out)),\"re(v(in,out))\",\"im(v(in,out))\"");
    deck.check_run("-o " + quoted(deck.folder / "out.npz") + " --vectors 'v(out),v(in,out)'");
    if (!have("python3")) SKIP("no python3");
    const ProgramResult unpacked =
        run_shell("cd " + quoted(deck.folder.path()) + " && python3 -m zipfile -e out.npz .");
    REQUIRE(unpacked.exit_code == 0);
    std::vector<std::vector<double>> columns;
    for (const char* name :
         {"frequency", "re(v(out))", "im(v(out))", "re(v(in,out))", "im(v(in,out))"}) {
        columns.push_back(mho::flows::read_npy(deck.folder / (std::string(name) + ".npy")).values);
        REQUIRE(columns.back().size() == 16);
    }
    for (std::size_t i = 0; i < 16; ++i) {
        std::istringstream row(lines[i + 1]);
        for (const std::vector<double>& column : columns) {
            std::string field;
            REQUIRE(std::getline(row, field, ','));
            CHECK(std::stod(field) == column[i]);
        }
    }
}

TEST_CASE("several analyses get a CSV file each, one alone can go to standard output") {
    const DeckFile deck(kLowPass + kTransient + ".op\n.tran 20p 1n\n.end\n");
    deck.check_run("-o " + quoted(deck.folder / "out.csv"));
    for (const char* name : {"out.tran.csv", "out.op.csv", "out.tran2.csv"}) {
        CHECK(fs::exists(deck.folder / name));
    }
    CHECK(count_entries(deck.folder.path()) == 4);
    CHECK(mho::read_file(deck.folder / "out.op.csv") == "v(in),v(out),i(v1)\n0,0,0\n");
    check_refused(deck.run("-o -"), "3 analyses");
    const DeckFile single(kLowPass + ".op\n");
    const ProgramResult result = single.run("-o - --vectors 'v(out)'");
    CHECK(result.out == "v(out)\n0\n");
    CHECK_THAT(result.err, ContainsSubstring(".op"));
}

TEST_CASE("equal runs write equal files") {
    const DeckFile deck(kLowPass + kTransient + ".end\n");
    const std::string name = GENERATE("a.raw", "a.npz", "a.csv");
    deck.check_run("-o " + quoted(deck.folder / name));
    const std::string first = mho::read_file(deck.folder / name);
    deck.check_run("-o " + quoted(deck.folder / name));
    CHECK(mho::read_file(deck.folder / name) == first);
}

TEST_CASE("included files are found beside the deck, wherever it is run from") {
    const DeckFile deck(
        "t\n.include models/d.inc\n.lib \"models/r.lib\" fast\nV1 a 0 1\n"
        "R1 a b {rfast}\nD1 b 0 dmod\n.op\n.end\n");
    fs::create_directory(deck.folder / "models");
    mho::write_file(deck.folder / "models/d.inc", ".include nested.inc\n");
    mho::write_file(deck.folder / "models/nested.inc", ".model dmod d is=1e-14\n");
    mho::write_file(deck.folder / "models/r.lib", ".lib fast\n.param rfast=1k\n.endl\n");
    const ProgramResult result =
        run_shell("cd / && '" + std::string(MHO_BINARY_DIR) + "/mho' spice " + quoted(deck.path));
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, ContainsSubstring("v(b)"));
}

TEST_CASE("decks that mho netlist writes are run as ngspice runs them") {
    const TemporaryFolder folder;
    mho::write_file(folder / "small.toml", small_spec());
    const std::string bench = GENERATE("cell", "array", "readout", "adc");
    const fs::path deck = folder / "deck.cir";
    REQUIRE(run_mho("netlist " + quoted(folder / "small.toml") + " -o " + quoted(deck) +
                    " --bench " + bench)
                .exit_code == 0);
    const ProgramResult result = run_mho("spice " + quoted(deck));
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    if (bench != "adc" || !have("ngspice")) return;
    const ProgramResult stock =
        run_shell("cd " + quoted(folder.path()) + " && ngspice -b deck.cir");
    std::smatch ours;
    std::smatch theirs;
    const std::regex trip(R"(trip_time += +(\S+))");
    REQUIRE(std::regex_search(result.out, ours, trip));
    REQUIRE(std::regex_search(stock.out, theirs, trip));
    CHECK_THAT(std::stod(ours[1]), WithinRel(std::stod(theirs[1]), 1e-5));
}

TEST_CASE("noise of a deck that asks for KLU is that without it") {
    const std::string circuit = "t\nV1 a 0 dc 1 ac 1\nR1 a b 1k\nR2 b 0 1k\n";
    const std::string noise = ".noise v(b) v1 dec 1 1 10\n.end\n";
    const ProgramResult plain = DeckFile(circuit + noise).run();
    const ProgramResult klu = DeckFile(circuit + ".option klu\n" + noise).run();
    REQUIRE(klu.exit_code == 0);
    CHECK(klu.out == plain.out);
    CHECK_THAT(klu.err,
               ContainsSubstring("deck.cir:5: option klu is not used for the .noise of line 6"));
}

TEST_CASE("commands of a control block that no card says are refused with their line") {
    const DeckFile deck("t\nV1 a 0 1\n.control\nop\nwrite x.raw\n.endc\n.end\n");
    check_refused(deck.run(), "deck.cir:5: 'write x.raw' in a .control block is not run");
}

TEST_CASE("a deck that ngspice refuses is told with its line, exit code 2") {
    const std::string sound = "t\nV1 a 0 1\n";
    check_refused(DeckFile(sound + "R1 a\n.op\n.end\n").run(), "deck.cir:3: 'R1 a' has 2 fields");
    check_refused(DeckFile(sound + "D1 a 0 nosuch\n.op\n.end\n").run(), "d1 a 0 nosuch");
    check_refused(DeckFile(sound + "R1 a 0 {x}\n.op\n.end\n").run(), "refused it");
    check_refused(DeckFile(sound + "R1 a 0 1\n.dc v9 0 1 1\n.end\n").run(), "v9");
    check_refused(DeckFile(sound + "R1 a 0 1\n.noise v(a) v9 dec 1 1 9\n.end\n").run(),
                  "deck.cir:4: .noise v(a) v9 dec 1 1 9: ngspice refused it");
    check_refused(DeckFile(sound + ".foo\n.op\n.end\n").run(), "deck.cir:3: '.foo'");
    check_refused(DeckFile(sound + ".end\n").run(), "has no analysis");
    check_refused(DeckFile("").run(), "it is empty");
    check_refused(DeckFile(std::string("t\n\0\n.op\n.end\n", 13)).run(), "control character");
    check_refused(
        DeckFile("t\nV1 \xc3\xa4 0 1\nR1 \xc3\xa4 \xc3\xb6 1k\nR2 \xc3\xb6 0 1k\n.op\n").run(),
        "deck.cir:2: 'V1 \xc3\xa4 0 1' has letters outside ASCII");
    check_refused(DeckFile(sound + ".include deck.cir\n.op\n.end\n").run(),
                  "deck.cir:3: '.include \"");
}

TEST_CASE("a measure card that says nothing is told with its line, exit code 2") {
    for (const auto& [card, text] : std::vector<std::pair<std::string, std::string>>{
             {".meas tran td when v(out) rise=1", "cannot be measured: bad syntax"},
             {".meas tran td foo v(out)", "measures nothing, expected"},
             {".meas tran td when v(zz)=0.5", "no v(zz)"}}) {
        const DeckFile deck(kLowPass + ".tran 10p {stop}\n" + card + "\n.end\n");
        const ProgramResult result = deck.run("-o " + quoted(deck.folder / "out.csv"));
        INFO(result.err);
        CHECK(result.exit_code == 2);
        CHECK_THAT(result.err, ContainsSubstring(text));
        CHECK_THAT(result.err, ContainsSubstring("deck.cir:7: "));
        CHECK(lines_of(result.err).size() == 1);
        CHECK_FALSE(fs::exists(deck.folder / "out.csv"));
    }
}

TEST_CASE("an analysis that fails is told with its card, exit code 3, and nothing is written") {
    const DeckFile deck("t\nI1 0 a 1\nC1 a 0 1p\n.op\n.end\n");
    check_refused(deck.run("-o " + quoted(deck.folder / "out.csv")), "deck.cir:4: .op: ", 3);
    CHECK(count_entries(deck.folder.path()) == 1);
    const DeckFile endless(kLowPass + ".tran 1f 1\n.end\n");
    check_refused(endless.run("--timeout 0.3"), "timed out", 3);
    const DeckFile missing(kLowPass + ".op\n.end\n");
    check_refused(missing.run("--vectors 'v(nowhere)'"), "none of the vectors v(nowhere)", 3);
    const DeckFile saved(kLowPass + ".save v(x9)\n.print op v(x8)\n.op\n.end\n");
    check_refused(saved.run(), "none of the vectors v(x9) v(x8) (asked for in lines 6, 7)", 3);
    const DeckFile some(kLowPass + ".save v(x9) v(in)\n.op\n.end\n");
    check_refused(some.run(), "no vector v(x9) (asked for in line 6)", 3);
    check_refused(missing.run("--vectors 'v(out),v(nowhere)'"), "no vector v(nowhere)", 3);
}

TEST_CASE("what the options ask for is checked before anything runs") {
    const DeckFile deck(kLowPass + ".tran 1f 1\n.end\n");  // would run for ever
    check_refused(deck.run("-o " + quoted(deck.folder / "out.txt")), "expected .raw, .npz or .csv");
    check_refused(deck.run("-o " + quoted(deck.folder / "none/out.raw")), "none/out.raw", 4);
    check_refused(deck.run("--vectors 'v(a)*2'"), "vector 'v(a)*2'");
    check_refused(deck.run("--vectors ' , '"), "there is no vector");
    for (const std::string second : {"0", "-3", "nan", "inf", "1e400", "x", "3x"}) {
        check_refused(deck.run("--timeout=" + second),
                      "mho: --timeout: '" + second + "' is not a positive number\n");
    }
    check_refused(run_mho("spice " + quoted(deck.folder / "gone.cir")), "gone.cir");
    check_refused(run_mho("spice " + quoted(deck.folder.path())), "directory");
    const fs::path csv = deck.folder / "deck.csv";
    fs::rename(deck.path, csv);
    check_refused(run_mho("spice " + quoted(csv) + " -o " + quoted(csv)), "is an input");
}

TEST_CASE("what is left out and what ngspice warns of is noted, unless it should be quiet") {
    const DeckFile deck(
        "t\nV1 a 0 1\nM1 a a 0 0 nm w=1u l=1u\n.model nm nmos level=1 foo=3\n"
        ".print dc 'v(a)*2' v(a)\n.dc V1 0 1 0.5\n.end\n");
    const ProgramResult result = deck.run();
    REQUIRE(result.exit_code == 0);
    CHECK_THAT(result.err, ContainsSubstring("deck.cir:5: ''v(a)*2'' is no plain vector") &&
                               ContainsSubstring("unrecognized parameter (foo) - ignored"));
    CHECK_THAT(result.out, ContainsSubstring("v-sweep") && ContainsSubstring("v(a) "));
    CHECK(deck.run("--quiet").err.empty());
}
