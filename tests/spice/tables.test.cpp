// SPDX-License-Identifier: Apache-2.0
// Jobs of many runs on one circuit: altered parameters and tables of inputs.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "spice/decks.h"
#include "spice/pool.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

// A diode behind a resistor: not linear, so that every start of Newton's iteration counts.
std::string rectifier(double ohm, double volt, const std::string& source) {
    return fmt::format(
        "rectifier\nV1 in 0 {1}\nR1 in a {0:.17g}\nD1 a b dm\nR2 b 0 10k\n"
        "C1 b 0 1p\n.model dm d is=1e-15 cjo=10f\n.option reltol=1e-7\n.end\n",
        ohm, source == "dc" ? fmt::format("dc {:.17g}", volt) : source);
}

const std::vector<std::vector<double>> kTableRows{{1e3, 1}, {2.5e3, 0.3}, {10, 2}, {1e3, 1}};

// The rows of run `run` of a table's result, without the column "run".
Waveforms part(const Waveforms& all, double run) {
    Waveforms one{{all.names.begin() + 1, all.names.end()}, {}};
    one.columns.resize(one.names.size());
    for (std::size_t i = 0; i < all.points(); ++i) {
        if (all["run"][i] != run) continue;
        for (std::size_t c = 0; c < one.columns.size(); ++c) {
            one.columns[c].push_back(all.columns[c + 1][i]);
        }
    }
    return one;
}

}  // namespace

TEST_CASE("altered parameters give the bits of a netlist that has them") {
    Pool pool(with_workers(2));
    for (const char* analysis : {"op", "tran 0.1n 20n", "dc v1 0 2 0.25", "ac dec 3 1 1e9"}) {
        Job job = make_job(rectifier(1e3, 1, "dc 1 ac 1"), analysis, {"v(b)", "i(v1)"});
        job.alterations = {{"r1", "v1"}, kTableRows};
        if (std::string_view(analysis).starts_with("dc"))
            job.alterations.names[1] = "@r2[resistance]";
        std::vector<Job> jobs{job};
        for (const std::vector<double>& row : kTableRows) {
            Job one = job;
            one.alterations = {};
            one.netlist = rectifier(row[0], 0, fmt::format("dc {:.17g} ac 1", row[1]));
            if (job.alterations.names[1] != "v1") {
                one.netlist = rectifier(row[0], 1, "dc 1 ac 1");
                one.netlist.replace(one.netlist.find("10k"), 3, fmt::format("{:.17g}", row[1]));
            }
            jobs.push_back(one);
        }
        const std::vector<Waveforms> results = run_all(pool, jobs);
        INFO(analysis);
        REQUIRE(results[0].names.front() == "run");
        for (std::size_t row = 0; row < kTableRows.size(); ++row) {
            CHECK(same_bits(part(results[0], static_cast<double>(row)), results[row + 1]));
            CHECK(results[row + 1].points() > 0);
        }
    }
}

TEST_CASE("inputs in one sweep give the operating points of one op each") {
    Pool pool(with_workers(1));
    Job job = make_job(rectifier(1e3, 0, "external"), "op", {"v(b)", "i(v1)", "v(a,b)"});
    for (const double volt : {0.0, 1.0, -1.0, 0.31, 2.0, 0.31}) job.inputs.rows.push_back({volt});
    job.inputs.names = {"V1"};
    std::vector<Job> jobs{job};
    for (const std::vector<double>& row : job.inputs.rows) {
        jobs.push_back(make_job(rectifier(1e3, row[0], "dc"), "op", job.vectors));
    }
    const std::vector<Waveforms> results = run_all(pool, jobs);
    const Waveforms& table = results[0];
    CHECK(table.names == std::vector<std::string>{"run", "v(b)", "i(v1)", "v(a,b)"});
    CHECK(table["run"] == std::vector<double>{0, 1, 2, 3, 4, 5});
    for (std::size_t row = 0; row < job.inputs.rows.size(); ++row) {
        for (std::size_t c = 0; c < 3; ++c) {
            const double expected = results[row + 1].columns[c].front();
            INFO(row << ' ' << table.names[c + 1]);
            // Newton's iteration starts elsewhere and ends within the deck's reltol.
            CHECK(std::abs(table.columns[c + 1][row] - expected) <
                  1e-10 + 1e-6 * std::abs(expected));
        }
    }
    // One row is a table too.
    job.inputs.rows.resize(1);
    CHECK(run_all(pool, {&job, 1}).front()["v(b)"].size() == 1);
}

TEST_CASE("current sources are inputs too") {
    Job job = make_job("two\nI1 0 a external\nV1 b 0 external\nR1 a b 2k\n.end\n", "op", {"v(a)"});
    job.inputs = {{"i1", "v1"}, {{1e-3, 0.5}, {-2e-3, 0.25}}};
    const JobResult result = run_one(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK_THAT(result.waveforms["v(a)"][0], WithinRel(2.5, 1e-9));
    CHECK_THAT(result.waveforms["v(a)"][1], WithinRel(-3.75, 1e-9));
}

TEST_CASE("a table that makes no sense is told") {
    const auto complaint = [](auto change) {
        Job job = make_job(rectifier(1e3, 0, "external"), "op", {"v(b)"});
        job.inputs = {{"v1"}, {{1.0}}};
        change(job);
        const JobResult result = run_one(job);
        CHECK(result.status == JobStatus::bad_netlist);
        return result.message;
    };
    CHECK_THAT(complaint([](Job& job) { job.inputs.names[0] = "v2"; }),
               ContainsSubstring("nothing drives it") && ContainsSubstring("v1"));
    CHECK_THAT(complaint([](Job& job) {
                   job.inputs = {{"v1", "v2"}, {{1.0, 2.0}}};
               }),
               ContainsSubstring("no external source 'v2'"));
    CHECK_THAT(complaint([](Job& job) { job.inputs.rows.clear(); }), ContainsSubstring("no rows"));
    CHECK_THAT(complaint([](Job& job) { job.inputs.rows.push_back({}); }),
               ContainsSubstring("row 1 has 0 values"));
    CHECK_THAT(complaint([](Job& job) {
                   job.inputs.rows[0][0] = std::numeric_limits<double>::infinity();
               }),
               ContainsSubstring("row 0 has inf for v1"));
    CHECK_THAT(complaint([](Job& job) { job.analysis = "tran 1n 2n"; }),
               ContainsSubstring("expected op"));
    CHECK_THAT(complaint([](Job& job) { job.inputs = {}; }),
               ContainsSubstring("line 2") && ContainsSubstring("V1 in 0 external"));
    const auto altered = [&complaint](const std::string& name, double value) {
        return complaint([&](Job& job) {
            job.inputs = {};
            job.netlist = rectifier(1e3, 1, "dc");
            job.alterations = {{name}, {{value}}};
        });
    };
    CHECK_THAT(complaint([](Job& job) {
                   job.inputs = {};
                   job.netlist = rectifier(1e3, 1, "dc");
                   job.alterations = {{"r1"}, {}};
               }),
               ContainsSubstring("no rows"));
    CHECK_THAT(altered("r9", 1), ContainsSubstring("r9"));
    CHECK_THAT(altered("@r1[foo]", 1), ContainsSubstring("foo"));
    CHECK_THAT(altered("r1 = 3; quit", 1), ContainsSubstring("r1 = 3; quit"));
    CHECK_THAT(altered("r1", std::numeric_limits<double>::quiet_NaN()), ContainsSubstring("nan"));
}

TEST_CASE("a run of a table that fails is counted") {
    Job job = make_job("t\nI1 0 1 dc 1u\nR1 1 0 1k\nC1 1 0 1p\n.end\n", "tran 1n 5n", {"v(1)"});
    job.alterations = {{"r1"}, {{1e3}, {1e-15}}};
    const JobResult result = run_one(job);
    INFO(result.message);
    CHECK(result.status != JobStatus::ok);
    CHECK_FALSE(result.message.empty());
    CHECK(result.waveforms.columns.empty());
}
