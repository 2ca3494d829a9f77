// SPDX-License-Identifier: Apache-2.0
// Compiled Verilog-A models (OSDI) in jobs, decks and technologies.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "netlist/circuit_check.h"
#include "netlist/deck.h"
#include "netlist/deck_read.h"
#include "netlist/technology.h"
#include "spice/cache.h"
#include "spice/decks.h"
#include "spice/user_deck.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
namespace fs = std::filesystem;

namespace {

const std::string kModel = MHO_OSDI_MODEL;

// 1 kohm above the compiled model's conductance.
const std::string kCircuit = "V1 1 0 1\nR1 1 2 1k\nN1 2 0 cell\n.model cell mho_conductor g=3e-3\n";

Job conductor_job() {
    Job job = make_job("compiled model\n" + kCircuit + ".end\n", "op", {"v(2)"});
    job.osdi_models = {kModel};
    return job;
}

// A pool whose ngspice takes OSDI; skips the test otherwise.
Pool osdi_pool(PoolOptions options = with_workers(1)) {
    Pool pool(std::move(options));
    if (!pool.simulator().osdi) SKIP("this ngspice takes no OSDI models");
    return pool;
}

}  // namespace

TEST_CASE("a compiled model is loaded for the jobs that name it, and for no others") {
    Pool pool = osdi_pool(with_workers(2));
    std::vector<Job> jobs(9, conductor_job());
    for (const std::size_t i : {2U, 3U, 7U}) jobs[i].osdi_models.clear();
    jobs[8].analysis = "tran 1n 10n";
    const std::vector<JobResult> results = pool.run(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        INFO(i << ' ' << results[i].message);
        if (jobs[i].osdi_models.empty()) {
            CHECK(results[i].status == JobStatus::bad_netlist);
            CHECK_THAT(results[i].message, ContainsSubstring("n1 2 0 cell"));
        } else {
            REQUIRE(results[i].status == JobStatus::ok);
            CHECK_THAT(results[i].waveforms["v(2)"].back(), WithinRel(0.25, 1e-9));
        }
    }
}

TEST_CASE("a model that cannot be loaded is named, and harms no other job") {
    Pool pool = osdi_pool();
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "text.osdi", "no library\n");
    const std::vector<std::string> names{"/no/such/model.osdi", (folder / "text.osdi").string(),
                                         "/with blank.osdi", "", "/quit;x.osdi"};
    std::vector<Job> jobs;
    for (const std::string& name : names) {
        jobs.push_back(conductor_job());
        jobs.back().osdi_models = {name};
        jobs.push_back(make_job(kDivider, "op", {"v(2)"}));
    }
    const std::vector<JobResult> results = pool.run(jobs);
    for (std::size_t i = 0; i < names.size(); ++i) {
        INFO(results[2 * i].message);
        CHECK(results[2 * i].status == JobStatus::bad_netlist);
        CHECK_THAT(results[2 * i].message, ContainsSubstring(names[i]));
        CHECK(results[2 * i + 1].status == JobStatus::ok);
    }
}

TEST_CASE("a cached result goes with the content of its models") {
    const mho::test::TemporaryFolder folder;
    const SimulatorInfo simulator{"46", true, true, true};
    const Cache cache(folder / "cache", simulator);
    Job job = conductor_job();
    job.osdi_models = {(folder / "a.osdi").string()};
    const std::string absent = cache.key(job);
    mho::write_file(folder / "a.osdi", "one");
    const std::string one = cache.key(job);
    mho::write_file(folder / "a.osdi", "two");
    const std::string two = cache.key(job);
    CHECK(absent != one);
    CHECK(one != two);
    job.osdi_models.clear();
    CHECK(cache.key(job) != absent);
}

TEST_CASE("a user's deck loads compiled models by pre_osdi") {
    (void)osdi_pool();
    const mho::test::TemporaryFolder folder;
    const std::string text = "deck\n" + kCircuit + ".op\n.print op v(2)\n.control\npre_osdi " +
                             kModel + "\nrun\n.endc\n.end\n";
    const UserDeck deck = read_user_deck(text, folder / "deck.cir");
    CHECK(deck.osdi_models == std::vector<std::string>{kModel});
    const JobResult result = run_one(make_job(deck, deck.analyses[0]));
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK_THAT(result.waveforms["v(2)"].front(), WithinRel(0.25, 1e-9));
    const UserDeck near = read_user_deck("deck\n.op\n.control\nosdi models/x.osdi\n.endc\n.end\n",
                                         folder / "deck.cir");
    CHECK(near.osdi_models == std::vector<std::string>{(folder / "models" / "x.osdi").string()});
    CHECK_THROWS_AS(read_user_deck("deck\n.op\n.control\npre_osdi\n.endc\n.end\n", "deck.cir"),
                    mho::Error);
}

TEST_CASE("a technology names compiled models, and its decks load them") {
    const mho::test::TemporaryFolder folder;
    const mho::netlist::Technology shipped = mho::netlist::read_technology("generic40");
    CHECK(shipped.osdi_models.empty());
    for (const char* name : {"tech.toml", "models.lib"}) {
        mho::write_file(folder / name, mho::read_file(shipped.folder / name));
    }
    std::string text = mho::read_file(folder / "tech.toml");
    const std::string at = "file = \"models.lib\"\n";
    text.insert(text.find(at) + at.size(), "osdi = [\"Cell.osdi\"]\n");
    mho::write_file(folder / "tech.toml", text);
    CHECK_THROWS_AS(mho::netlist::read_technology(folder.path()), mho::Error);
    fs::copy_file(kModel, folder / "Cell.osdi");
    const mho::netlist::Technology technology = mho::netlist::read_technology(folder.path());
    REQUIRE(technology.osdi_models.size() == 1);

    mho::netlist::Deck deck;
    deck.osdi_models = technology.osdi_models;
    deck.libraries = {{"", "", ".model cell mho_conductor g=3e-3\n"}};
    const auto a = deck.circuit.net("a");
    deck.circuit.voltage_source("v1", a, mho::netlist::kGround, {.dc = 1.0});
    deck.circuit.resistor("r1", a, mho::netlist::kGround, 1e3);
    const std::string written = write_deck(deck);
    CHECK_THAT(written, ContainsSubstring("pre_osdi " + technology.osdi_models[0].string()));
    CHECK(mho::netlist::read_deck(written, "deck").osdi_models == deck.osdi_models);
    CHECK_THAT(netlist_text(deck), !ContainsSubstring("osdi"));
    deck.osdi_models = {"/with blank.osdi"};
    CHECK_THROWS_AS(write_deck(deck), mho::Error);
}

TEST_CASE("a designer's own subcircuit may hold a compiled model") {
    Pool pool = osdi_pool();
    const std::string text =
        "a cell of a compiled model\n.subckt cell row col g=1e-3 times=2\n"
        "N1 row mid cond m={times}\nR1 mid col 1k\n.ends\n.model cond mho_conductor g=3e-3\n";
    const mho::netlist::Subcircuit cell = mho::netlist::read_subcircuit(text, "cell.sp", "cell");
    mho::netlist::Deck deck;
    deck.osdi_models = {kModel};
    deck.libraries = cell.libraries;
    const auto a = deck.circuit.net("a");
    deck.circuit.voltage_source("v1", a, mho::netlist::kGround, {.dc = 1.0});
    deck.circuit.instance("x1", cell.definition, {a, mho::netlist::kGround},
                          {{"times", mho::netlist::Value(3.0)}});
    mho::netlist::require_sound(deck.circuit);
    Job job = make_job(netlist_text(deck), "op", {"i(v1)"});
    job.osdi_models = {kModel};
    const JobResult result = pool.run({&job, 1}).front();
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK_THAT(result.waveforms["i(v1)"].front(), WithinRel(-1 / (1e3 + 1 / 9e-3), 1e-9));
    const mho::netlist::Deck back = mho::netlist::read_deck(write_deck(deck), "deck");
    CHECK(back.circuit == deck.circuit);
    try {
        (void)mho::netlist::read_subcircuit("t\n.subckt c a b\nN1 a b\n+ m=1 m=2\n.ends\n",
                                            "cell.sp", "c");
        FAIL("no error");
    } catch (const mho::Error& error) {
        CHECK_THAT(std::string(error.what()),
                   ContainsSubstring("cell.sp:3:1: ") && ContainsSubstring("'m' is given twice"));
    }
}

TEST_CASE("stock ngspice runs a deck with a compiled model") {
    (void)osdi_pool();
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "deck.cir", "deck\n.control\npre_osdi " + kModel +
                                             "\nop\nprint v(2)\n.endc\n" + kCircuit + ".end\n");
    const auto ran = mho::test::run_shell("ngspice -b '" + (folder / "deck.cir").string() + "'");
    CHECK_THAT(ran.out, ContainsSubstring("v(2) = 2.500000e-01"));
}
