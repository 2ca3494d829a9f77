// SPDX-License-Identifier: Apache-2.0
// ngspice through the pool, against closed forms and an independent solver.
#include "spice/pool.h"

#include <Eigen/Dense>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "spice/cache.h"
#include "spice/decks.h"
#include "spice/waveforms.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

// A resistive array with wire resistance on wordlines and bitlines; bitlines end at 0 V sources.
struct Crossbar {
    Eigen::MatrixXd cell_siemens;  // rows x columns
    Eigen::VectorXd input_volt;
    double wire_ohm = 2.5;
};

Crossbar random_crossbar(Eigen::Index rows, Eigen::Index columns, std::uint32_t trial) {
    mho::RandomStream random(7, mho::RandomPurpose::array_states, trial);
    Crossbar crossbar{Eigen::MatrixXd(rows, columns), Eigen::VectorXd(rows)};
    for (Eigen::Index r = 0; r < rows; ++r) {
        crossbar.input_volt[r] = random.uniform(0.0, 0.3);
        for (Eigen::Index c = 0; c < columns; ++c) {
            crossbar.cell_siemens(r, c) = random.uniform(2e-6, 200e-6);
        }
    }
    return crossbar;
}

Job crossbar_job(const Crossbar& crossbar, const std::string& options = "") {
    const Eigen::Index rows = crossbar.cell_siemens.rows();
    const Eigen::Index columns = crossbar.cell_siemens.cols();
    std::string deck = "crossbar\n" + options;
    for (Eigen::Index r = 0; r < rows; ++r) {
        deck += fmt::format("vin{0} in{0} 0 dc {1:.17g}\n", r, crossbar.input_volt[r]);
        for (Eigen::Index c = 0; c < columns; ++c) {
            const std::string left =
                c == 0 ? fmt::format("in{}", r) : fmt::format("w{}_{}", r, c - 1);
            const std::string below =
                r == rows - 1 ? fmt::format("out{}", c) : fmt::format("b{}_{}", r + 1, c);
            deck += fmt::format("rw{0}_{1} {2} w{0}_{1} {3:.17g}\n", r, c, left, crossbar.wire_ohm);
            deck +=
                fmt::format("rb{0}_{1} b{0}_{1} {2} {3:.17g}\n", r, c, below, crossbar.wire_ohm);
            deck += fmt::format("rc{0}_{1} w{0}_{1} b{0}_{1} {2:.17g}\n", r, c,
                                1 / crossbar.cell_siemens(r, c));
        }
    }
    std::vector<std::string> vectors;
    for (Eigen::Index c = 0; c < columns; ++c) {
        deck += fmt::format("vsense{0} out{0} 0 dc 0\n", c);
        vectors.push_back(fmt::format("i(vsense{})", c));
    }
    return make_job(deck + ".end\n", "op", vectors);
}

// Column currents by dense nodal analysis; wordline nodes first, then bitline nodes.
Eigen::VectorXd nodal_currents(const Crossbar& crossbar) {
    const Eigen::Index rows = crossbar.cell_siemens.rows();
    const Eigen::Index columns = crossbar.cell_siemens.cols();
    const Eigen::Index cells = rows * columns;
    const double wire = 1 / crossbar.wire_ohm;
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(2 * cells, 2 * cells);
    Eigen::VectorXd source = Eigen::VectorXd::Zero(2 * cells);
    const auto connect = [&a](Eigen::Index i, Eigen::Index k, double siemens) {
        a(i, i) += siemens;
        a(k, k) += siemens;
        a(i, k) -= siemens;
        a(k, i) -= siemens;
    };
    for (Eigen::Index r = 0; r < rows; ++r) {
        for (Eigen::Index c = 0; c < columns; ++c) {
            const Eigen::Index word = r * columns + c;
            const Eigen::Index bit = cells + word;
            connect(word, bit, crossbar.cell_siemens(r, c));
            if (c > 0) {
                connect(word, word - 1, wire);
            } else {
                a(word, word) += wire;
                source[word] += wire * crossbar.input_volt[r];
            }
            if (r + 1 < rows) {
                connect(bit, bit + columns, wire);
            } else {
                a(bit, bit) += wire;
            }
        }
    }
    const Eigen::VectorXd volt = a.partialPivLu().solve(source);
    return wire * volt.tail(columns);
}

std::vector<Job> mixed_jobs() {
    std::vector<Job> jobs;
    for (std::uint32_t trial = 0; trial < 8; ++trial) {
        jobs.push_back(crossbar_job(random_crossbar(4, 3, trial)));
        jobs.push_back(make_job(kLowPass, "tran 10p 2n", {"v(out)", "i(v1)"}));
        jobs.push_back(make_job(kLowPass, "noise v(out) v1 dec 5 1 1e12", {"onoise_total"}));
        jobs.push_back(make_job(kDivider, "dc v1 0 1 0.125", {"v(2)", "v(1,2)"}));
        jobs.push_back(make_job("bad\nR1 1 0 {undefined}\nV1 1 0 1\n.end\n", "op", {}));
        jobs.push_back(crossbar_job(random_crossbar(5, 5, trial), ".option klu\n"));
    }
    return jobs;
}

}  // namespace

TEST_CASE("a resistor divider is exact and has no axis") {
    const JobResult result =
        run_one(make_job(kDivider, "op", {"v(2)", "V(1)", "i(V1)", "v(1,2)", "@r1[i]", "v(0)"}));
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.message.empty());
    CHECK(result.attempts == 1);
    const Waveforms& waveforms = result.waveforms;
    CHECK(waveforms.names ==
          std::vector<std::string>{"v(2)", "V(1)", "i(V1)", "v(1,2)", "@r1[i]", "v(0)"});
    CHECK(waveforms.points() == 1);
    CHECK(waveforms["v(2)"].front() == 0.75);
    CHECK(waveforms["V(1)"].front() == 1.0);
    CHECK(waveforms["v(1,2)"].front() == 0.25);
    CHECK(waveforms["v(0)"].front() == 0.0);
    CHECK_THAT(waveforms["i(V1)"].front(), WithinRel(-0.25e-3, 1e-14));
    CHECK_THAT(waveforms["@r1[i]"].front(), WithinRel(0.25e-3, 1e-14));
}

TEST_CASE("a title may be anything") {
    std::vector<Job> jobs;
    for (const char* title :
         {"", " ", "@x", "*ng_script", ".include /no/such", "+ 1", "R1 1 0 1k", ".control",
          "Error: warning", "{x}", "$&v", "'", "\xc3\xa4", ".end"}) {
        jobs.push_back(make_job(title + kDivider.substr(kDivider.find('\n')), "op", {"v(2)"}));
    }
    Pool pool(with_workers(1));
    for (const Waveforms& waveforms : run_all(pool, jobs)) {
        CHECK(waveforms.columns[0].front() == 0.75);
    }
}

TEST_CASE("a sweep has its axis first") {
    const JobResult result = run_one(make_job(kDivider, "dc v1 0 2 0.5", {"v(2)", "v(2,1)"}));
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.waveforms.names == std::vector<std::string>{"v-sweep", "v(2)", "v(2,1)"});
    CHECK(result.waveforms.columns[0] == std::vector<double>{0, 0.5, 1, 1.5, 2});
    CHECK_THAT(result.waveforms["v(2)"][3], WithinRel(1.125, 1e-14));
    CHECK_THAT(result.waveforms["v(2,1)"][3], WithinRel(-0.375, 1e-14));
}

TEST_CASE("a low pass reaches half of its step after ln 2 time constants") {
    const JobResult result = run_one(make_job(kLowPass, "tran 10p 5n", {"v(out)", "i(v1)"}));
    REQUIRE(result.status == JobStatus::ok);
    const Waveforms& waveforms = result.waveforms;
    CHECK(waveforms.names.front() == "time");
    CHECK_THAT(waveforms["time"].back(), WithinRel(5e-9, 1e-12));
    const auto delay = crossing_time(waveforms["time"], waveforms["v(out)"], 0.5, Edge::rising, 0);
    REQUIRE(delay.has_value());
    CHECK_THAT(*delay, WithinRel(std::numbers::ln2 * 1e-9, 3e-4));
    // The source delivers the capacitor's charge: C (1 - exp(-5)).
    const double charge = -integrate(waveforms["time"], waveforms["i(v1)"], 0, 5e-9);
    CHECK_THAT(charge, WithinRel(1e-12 * (1 - std::exp(-5.0)), 2e-3));
}

TEST_CASE("the noise of a sampled capacitor is kT/C") {
    const JobResult result =
        run_one(make_job(kLowPass, "noise v(out) v1 dec 20 1 1e13", {"onoise_total"}));
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.waveforms.points() == 1);
    const double expected_volt = std::sqrt(1.380649e-23 * 300.15 / 1e-12);
    CHECK_THAT(result.waveforms["onoise_total"].front(), WithinRel(expected_volt, 1e-3));
}

TEST_CASE("the noise density of a resistor is 4kTR at low frequency") {
    const JobResult result =
        run_one(make_job(kLowPass, "noise v(out) v1 dec 2 1 1e3", {"onoise_spectrum"}));
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.waveforms.names.front() == "frequency");
    CHECK(result.waveforms.points() == 7);
    CHECK_THAT(result.waveforms["onoise_spectrum"].front(),
               WithinRel(std::sqrt(4 * 1.380649e-23 * 300.15 * 1000), 1e-4));
}

TEST_CASE("a crossbar agrees with a dense nodal solve") {
    Pool pool(with_workers(1));
    std::vector<Crossbar> crossbars{random_crossbar(1, 1, 0), random_crossbar(1, 9, 1),
                                    random_crossbar(9, 1, 2), random_crossbar(8, 6, 3)};
    for (const std::string options : {"", ".option klu\n"}) {
        std::vector<Job> jobs;
        for (const Crossbar& crossbar : crossbars) jobs.push_back(crossbar_job(crossbar, options));
        const std::vector<Waveforms> results = run_all(pool, jobs);
        for (std::size_t i = 0; i < crossbars.size(); ++i) {
            const Eigen::VectorXd expected = nodal_currents(crossbars[i]);
            for (Eigen::Index c = 0; c < expected.size(); ++c) {
                CHECK_THAT(results[i].columns[static_cast<std::size_t>(c)].front(),
                           WithinRel(expected[c], 1e-9));
            }
        }
    }
}

TEST_CASE("an operating point returns hundreds of vectors") {
    const Crossbar crossbar = random_crossbar(20, 20, 5);
    Job job = crossbar_job(crossbar);
    for (int i = 0; i < 20; ++i) {
        for (int k = 0; k < 20; ++k)
            job.vectors.push_back(fmt::format("v(w{}_{},b{}_{})", i, k, i, k));
    }
    job.vectors.push_back("@rc3_4[i]");
    const JobResult result = run_one(job);
    REQUIRE(result.status == JobStatus::ok);
    CHECK(result.waveforms.columns.size() == 421);
    CHECK_THAT(
        result.waveforms["@rc3_4[i]"].front(),
        WithinRel(result.waveforms["v(w3_4,b3_4)"].front() * crossbar.cell_siemens(3, 4), 1e-9));
}

TEST_CASE("results are the same bits with one worker and with three") {
    const std::vector<Job> jobs = mixed_jobs();
    Pool one(with_workers(1));
    PoolOptions restless = with_workers(3);
    restless.jobs_per_worker = 2;
    Pool three(restless);
    const std::vector<JobResult> expected = one.run(jobs);
    const std::vector<JobResult> results = three.run(jobs);
    REQUIRE(results.size() == jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        INFO("job " << i << " " << results[i].message);
        CHECK(results[i].status == expected[i].status);
        CHECK(results[i].message == expected[i].message);
        CHECK(same_bits(results[i].waveforms, expected[i].waveforms));
        CHECK((results[i].status == JobStatus::ok) == (i % 6 != 4));
    }
    CHECK(one.summary().failed == 8);
    CHECK(one.summary().simulator_second > 0);
}

TEST_CASE("KLU is used where ngspice has it") {
    Pool pool(with_workers(1));
    CHECK_FALSE(pool.simulator().version.empty());
    CHECK(pool.simulator().version.find_first_not_of("0123456789.+~abcdefghijklmnopqrstuvwxyz-") ==
          std::string::npos);
    // ngspice takes the option without a word where it lacks KLU; the answer is the same.
    const Crossbar crossbar = random_crossbar(6, 6, 9);
    const std::vector<Job> jobs{crossbar_job(crossbar), crossbar_job(crossbar, ".option klu\n")};
    const std::vector<Waveforms> results = run_all(pool, jobs);
    bool differ = false;
    for (std::size_t c = 0; c < results[0].columns.size(); ++c) {
        CHECK_THAT(results[1].columns[c].front(), WithinRel(results[0].columns[c].front(), 1e-10));
        differ |= results[1].columns[c].front() != results[0].columns[c].front();
    }
    // Another elimination order rounds differently somewhere in six currents.
    CHECK(differ == pool.simulator().klu);
}

TEST_CASE("an XSPICE converter switches at its thresholds") {
    Pool pool(with_workers(1));
    if (!pool.simulator().xspice) SKIP("this ngspice has no XSPICE");
    const std::string netlist =
        "bridge\nV1 in 0 dc 0 pwl(0 0 10n 1)\nabridge [in] [d] adc\naback [d] [out] dac\n"
        "R1 out 0 1k\n.model adc adc_bridge(in_low=0.5 in_high=0.5)\n"
        ".model dac dac_bridge(out_low=0 out_high=1)\n.end\n";
    const Job job = make_job(netlist, "tran 10p 10n", {"v(out)"});
    const std::vector<Waveforms> result = run_all(pool, {&job, 1});
    CHECK(result[0]["v(out)"].front() == 0);
    CHECK(result[0]["v(out)"].back() == 1);
    const auto switched =
        crossing_time(result[0]["time"], result[0]["v(out)"], 0.5, Edge::rising, 0);
    REQUIRE(switched.has_value());
    // The input crosses after 5 ns; the bridge waits 1 ns, the output rises within another.
    CHECK_THAT(*switched, WithinRel(6.5e-9, 0.01));
}

TEST_CASE("a cached result has the same bits and runs no simulator") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(1);
    options.cache_folder = folder / "cache";
    const std::vector<Job> jobs = mixed_jobs();
    std::vector<JobResult> first;
    {
        Pool pool(options);
        first = pool.run(jobs);
        CHECK(pool.summary().cached == 0);
    }
    Pool pool(options);
    const std::vector<JobResult> second = pool.run(jobs);
    std::size_t cached = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        CHECK(second[i].status == first[i].status);
        CHECK(second[i].from_cache == (first[i].status == JobStatus::ok));
        CHECK(same_bits(second[i].waveforms, first[i].waveforms));
        cached += second[i].from_cache ? 1U : 0U;
    }
    CHECK(pool.summary().cached == cached);
    CHECK(pool.summary().jobs == jobs.size());
    CHECK(pool.summary().failed == 8);
}

TEST_CASE("a corrupt cache file is ignored and made again") {
    const mho::test::TemporaryFolder folder;
    PoolOptions options = with_workers(1);
    options.cache_folder = folder / "cache";
    Pool pool(options);
    const Job job = make_job(kDivider, "op", {"v(2)"});
    const JobResult first = pool.run({&job, 1}).front();
    const Cache cache(options.cache_folder, pool.simulator());
    const std::filesystem::path file = cache.file(cache.key(job));
    std::string content = mho::read_file(file);
    content.back() = static_cast<char>(content.back() ^ 1);
    mho::write_file(file, content);
    const JobResult again = pool.run({&job, 1}).front();
    CHECK_FALSE(again.from_cache);
    CHECK(same_bits(again.waveforms, first.waveforms));
    CHECK(pool.run({&job, 1}).front().from_cache);
}

TEST_CASE("progress counts every job once, and its exception ends the run cleanly") {
    Pool pool(with_workers(2));
    const std::vector<Job> jobs(7, make_job(kDivider, "op", {"v(2)"}));
    std::vector<std::size_t> seen;
    pool.run(jobs, [&seen](std::size_t done, std::size_t total, const std::string&) {
        CHECK(total == 7);
        seen.push_back(done);
    });
    CHECK(seen == std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7});
    struct Stop {};
    CHECK_THROWS_AS(
        pool.run(jobs, [](std::size_t, std::size_t, const std::string&) { throw Stop{}; }), Stop);
    CHECK(run_all(pool, jobs).size() == 7);
}

TEST_CASE("no jobs give no results") {
    Pool pool(with_workers(1));
    CHECK(pool.run({}).empty());
    CHECK(run_all(pool, {}).empty());
    Pool moved = std::move(pool);
    CHECK(moved.summary().jobs == 0);
}

TEST_CASE("run_all names the first job that failed") {
    Pool pool(with_workers(1));
    std::vector<Job> jobs{make_job(kDivider, "op", {"v(2)"}),
                          make_job(kDivider, "op", {"v(1)", "v(nowhere)"})};
    jobs[1].label = "array 3";
    CHECK_THROWS_WITH(run_all(pool, jobs), ContainsSubstring("array 3") &&
                                               ContainsSubstring("incomplete") &&
                                               ContainsSubstring("v(nowhere)"));
    // What ngspice refuses to read is the user's.
    jobs[1] = make_job("t\nV1 1 0 1\nM1 1 1 0 0 nomod w=1u l=1u\n.end\n", "op", {"v(1)"});
    try {
        (void)run_all(pool, jobs);
        FAIL("no error");
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        CHECK_THAT(std::string(error.what()), ContainsSubstring("nomod"));
    }
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "cell.inc", "R1 1 0 1k\nR2 1\xc3\xbc 0 1k\n");
    jobs[1].netlist = "t\nV1 1 0 1\n.include " + (folder / "cell.inc").string() + "\n.end\n";
    CHECK_THROWS_WITH(run_all(pool, jobs),
                      ContainsSubstring((folder / "cell.inc").string() + ":2: "));
    jobs[0].timeout_second = 0;
    CHECK_THROWS_WITH(pool.run(jobs), ContainsSubstring("timeout"));
}
