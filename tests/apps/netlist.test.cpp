// SPDX-License-Identifier: Apache-2.0
// `mho netlist`: decks that stock ngspice runs on a machine that has nothing of ours.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "netlist/deck.h"
#include "netlist/deck_read.h"
#include "netlist/ramp_adc.h"
#include "netlist/spec_toml.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace fs = std::filesystem;

namespace {

const fs::path kSpec = source_path("examples/demo/spec.toml");

std::string write_deck(const TemporaryFolder& folder, const std::string& options) {
    const ProgramResult result =
        run_mho("netlist " + quoted(kSpec) + " -o " + quoted(folder / "deck.cir") + " " + options);
    INFO("stderr: " << result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, ContainsSubstring("wrote"));
    return mho::read_file(folder / "deck.cir");
}

bool have_ngspice() {
    return run_shell("command -v ngspice").exit_code == 0;
}

// What stock ngspice prints, run in the deck's folder; it must end well.
std::string run_ngspice(const fs::path& deck) {
    const ProgramResult result = run_shell("cd " + quoted(deck.parent_path()) + " && ngspice -b " +
                                           deck.filename().string() + " 2>&1");
    INFO(result.out);
    CHECK(result.exit_code == 0);
    for (const char* trouble : {"rror", "arning", "failed", "unknown"}) {
        CHECK_THAT(result.out, !ContainsSubstring(trouble));
    }
    return result.out;
}

// The number after "name   =  " in what ngspice prints.
double printed_value(const std::string& text, const std::string& name) {
    std::smatch match;
    const std::regex line(name + R"( += +([-+0-9.eE]+))");
    if (!std::regex_search(text, match, line)) return std::nan("");
    return std::stod(match[1]);
}

}  // namespace

TEST_CASE("the default deck is a column whose conversion stock ngspice times") {
    if (!have_ngspice()) SKIP("the ngspice program is not installed");
    const TemporaryFolder folder;
    const std::string text = write_deck(folder, "");
    CHECK_THAT(text, ContainsSubstring("* bench column, seed 1"));
    const double trip_second = printed_value(run_ngspice(folder / "deck.cir"), "trip_time");
    // The comparator trips while the ramp, released 1 ns after its reset, is on its way.
    const mho::netlist::AdcSpec adc = mho::netlist::read_spec(kSpec).adc;
    const double release = 1e-9 + mho::netlist::ramp_reset_second(adc);
    CHECK(trip_second > release);
    CHECK(trip_second < release + mho::netlist::ramp_second(adc) + 10e-9);
}

TEST_CASE("every bench runs in stock ngspice without the technology's files") {
    if (!have_ngspice()) SKIP("the ngspice program is not installed");
    const TemporaryFolder folder;
    mho::write_file(folder / "small.toml", small_spec());
    const auto [bench, shown] =
        GENERATE(table<std::string, std::string>({{"cell", "i(vcol_7)"},
                                                  {"array", "i(vsense_7)"},
                                                  {"readout", "v(out)"},
                                                  {"adc", "trip_time"},
                                                  {"column", "trip_time"}}));
    CAPTURE(bench);
    const ProgramResult made = run_mho("netlist " + quoted(folder / "small.toml") + " -o " +
                                       quoted(folder / "deck.cir") + " --bench " + bench);
    REQUIRE(made.exit_code == 0);
    const std::string text = mho::read_file(folder / "deck.cir");
    for (const char* elsewhere : {".include", ".inc ", "tech/generic40", MHO_SOURCE_DIR}) {
        CHECK_THAT(text, !ContainsSubstring(elsewhere));
    }
    CHECK_THAT(run_ngspice(folder / "deck.cir"), ContainsSubstring(shown));
}

TEST_CASE("large arrays of topology a ask for KLU, run in stock ngspice and are read back") {
    if (!have_ngspice()) SKIP("the ngspice program is not installed");
    const TemporaryFolder folder;
    const auto write = [&folder](int rows, const std::string& array) {
        mho::write_file(
            folder / "spec.toml",
            "schema = \"mho.spec/1\"\nname = \"large\"\n[cell]\nkind = \"1r\"\n[array]\n" + array +
                "\ncolumns = 56\nrows = " + std::to_string(rows) + "\n");
        const ProgramResult made = run_mho("netlist " + quoted(folder / "spec.toml") + " -o " +
                                           quoted(folder / "deck.cir") + " --bench array");
        INFO(made.err);
        REQUIRE(made.exit_code == 0);
        return mho::read_file(folder / "deck.cir");
    };
    CHECK_THAT(write(40, ""), !ContainsSubstring("klu"));
    CHECK_THAT(write(56, "topology = \"b\""), !ContainsSubstring("klu"));
    const std::string text = write(56, "");
    CHECK_THAT(text, ContainsSubstring("\n* solver KLU: ") && ContainsSubstring("\n.option klu\n"));
    CHECK_THAT(run_ngspice(folder / "deck.cir"), ContainsSubstring("i(vsense_55)"));
    const mho::netlist::Deck deck = mho::netlist::read_deck(text, "deck.cir");
    CHECK(deck.klu);
    CHECK(mho::netlist::write_deck(deck) == text);
}

TEST_CASE("the seed decides states and inputs") {
    const TemporaryFolder folder;
    const std::string bench = GENERATE("cell", "array", "adc", "column");
    const std::string first = write_deck(folder, "--seed 7 --bench " + bench);
    CHECK(write_deck(folder, "--bench " + bench + " --seed 7") == first);
    const std::string other = write_deck(folder, "--seed 8 --bench " + bench);
    // More than the comment that names the seed.
    CHECK(other.substr(other.find("---- circuit")) != first.substr(first.find("---- circuit")));
}

TEST_CASE("rows are driven in pairs of opposite levels of the drivers") {
    const TemporaryFolder folder;
    const std::string text = write_deck(folder, "");
    const mho::netlist::Spec spec = mho::netlist::read_spec(kSpec);
    const double step = spec.driver.amplitude_volt / ((1 << (spec.driver.bits - 1)) - 1);
    const std::regex source(R"(vref_(\d+) \S+ 0 dc \S+ pwl\(\S+ \S+ \S+ \S+ \S+ ([^\s)]+)\))");
    std::vector<double> levels(static_cast<std::size_t>(spec.array.rows), std::nan(""));
    for (std::sregex_iterator it(text.begin(), text.end(), source), end; it != end; ++it) {
        levels.at(std::stoul((*it)[1])) = std::stod((*it)[2]) - spec.readout.common_mode_volt;
    }
    std::set<long> codes;
    for (std::size_t i = 0; i < levels.size(); i += 2) {
        INFO("rows " << i << " and " << i + 1);
        CHECK(std::abs(levels[i] + levels[i + 1]) < 1e-12);
        const double code = levels[i] / step;
        CHECK(std::abs(code) < 127.5);
        CHECK(std::abs(code - std::round(code)) < 1e-9);
        codes.insert(std::lround(code));
    }
    CHECK(codes.size() > levels.size() / 4);
}

TEST_CASE("statistics and graph tell what is in the deck") {
    const TemporaryFolder folder;
    const ProgramResult result =
        run_mho("netlist " + quoted(kSpec) + " -o " + quoted(folder / "deck.cir") +
                " --bench array --stats" + " --graph " + quoted(folder / "deck.dot"));
    REQUIRE(result.exit_code == 0);
    CHECK(std::regex_search(result.out, std::regex(R"(subcircuit cell_1t1r +4096\n)")));
    CHECK(std::regex_search(result.out, std::regex(R"(subcircuit row_driver +64\n)")));
    const std::string dot = mho::read_file(folder / "deck.dot");
    CHECK_THAT(dot, ContainsSubstring("graph"));
    CHECK_THAT(dot, ContainsSubstring("xdriver_63"));
}

TEST_CASE("statistics and graph need no deck") {
    const TemporaryFolder folder;
    const ProgramResult counted = run_mho("netlist " + quoted(kSpec) + " --stats");
    CHECK(counted.exit_code == 0);
    CHECK_THAT(counted.out, ContainsSubstring("transistors"));
    CHECK_THAT(counted.out, !ContainsSubstring("wrote"));
    const ProgramResult drawn =
        run_mho("netlist " + quoted(kSpec) + " --graph " + quoted(folder / "deck.dot"));
    CHECK(drawn.exit_code == 0);
    CHECK_THAT(mho::read_file(folder / "deck.dot"), ContainsSubstring("graph"));
    const ProgramResult neither = run_mho("netlist " + quoted(kSpec));
    CHECK(neither.exit_code == 2);
    CHECK_THAT(neither.err, ContainsSubstring("--output is required"));
}

TEST_CASE("a deck can go to standard output, alone") {
    const TemporaryFolder folder;
    const std::string text = write_deck(folder, "");
    const ProgramResult result = run_mho("netlist " + quoted(kSpec) + " -o - --stats");
    CHECK(result.exit_code == 0);
    CHECK(result.out == text);
    CHECK_THAT(result.err, ContainsSubstring("transistors"));
}

TEST_CASE("the example of every topology runs in stock ngspice, and so does a user's cell") {
    if (!have_ngspice()) SKIP("the ngspice program is not installed");
    const TemporaryFolder folder;
    const auto [example, shown, cells] = GENERATE(table<std::string, std::string, std::string>(
        {{"topology_a", "i(vsense_7_n)", R"(subcircuit cell_1r_polynomial +288\n)"},
         {"topology_b", "i(vsense_ref)", R"(subcircuit cell_2t_sonos +182\n)"},
         {"topology_c", "i(vsense_3)", R"(subcircuit cell_1t1r +128\n)"},
         {"user_cell", "i(vsense_3)", R"(subcircuit own_cell +32\n)"}}));
    CAPTURE(example);
    const fs::path spec = source_path("examples/arrays/" + example + ".toml");
    const ProgramResult made = run_mho("netlist " + quoted(spec) + " -o " +
                                       quoted(folder / "deck.cir") + " --bench array --stats");
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    CHECK(std::regex_search(made.out, std::regex(cells)));
    CHECK_THAT(mho::read_file(folder / "deck.cir"), !ContainsSubstring(MHO_SOURCE_DIR));
    CHECK_THAT(run_ngspice(folder / "deck.cir"), ContainsSubstring(shown));
    // Benches with transistor drivers are for topology A of other shapes.
    const ProgramResult column =
        run_mho("netlist " + quoted(spec) + " -o " + quoted(folder / "column.cir"));
    check_refused(column, "the bench of a read-out column is for arrays of topology \"a\"");
}

TEST_CASE("arrays with dummies, stuck cells or second ends do not calibrate: no run is started") {
    const TemporaryFolder folder;
    const std::string example = GENERATE("topology_a", "topology_b");
    const ProgramResult result =
        run_mho("calibrate " + quoted(source_path("examples/arrays/" + example + ".toml")) +
                " -o " + quoted(folder / "card.json"));
    check_refused(result, "cannot be calibrated");
    CHECK(count_entries(folder.path()) == 0);
}
