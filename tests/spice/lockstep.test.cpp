// SPDX-License-Identifier: Apache-2.0
// Transients in lockstep with blocks in C++, against closed forms.
#include "spice/lockstep.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>

#include "spice/lockstep_decks.h"
#include "spice/waveforms.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();

// Volt on a capacitor behind a resistor `dt` after it was `start`, while the source moves from
// `from` to `to` within `rise` and then stays: the solution of tau v' + v = u.
double low_pass_volt(double start, double from, double to, double rise, double dt, double tau) {
    const double slope = (to - from) / rise;
    const auto on_ramp = [&](double t) {
        return from + slope * (t - tau) + (start - from + slope * tau) * std::exp(-t / tau);
    };
    if (dt <= rise) return on_ramp(dt);
    return to + (on_ramp(rise) - to) * std::exp(-(dt - rise) / tau);
}

std::size_t index_at(const std::vector<double>& time, double second, double tolerance_second) {
    for (std::size_t i = 0; i < time.size(); ++i) {
        if (std::abs(time[i] - second) <= tolerance_second) return i;
    }
    FAIL("no time point at " << second);
    return 0;
}

// A counter that drives a converter until a comparator trips, then stays.
struct Ramp {
    int code = 0;
    bool tripped = false;
};

LockstepJob counter_job(double input_volt, int& found) {
    LockstepJob job;
    job.job = make_job(fmt::format("counter\nVin in 0 dc {}\nVdac dac 0 external\n"
                                   "Bcmp c 0 v=0.5+0.5*tanh(1e4*(v(dac)-v(in)))\nRc c cmp 1k\n"
                                   "Cc cmp 0 10f\n.end\n",
                                   input_volt),
                       "tran 0.1n 70n", {"v(dac)", "v(cmp)"});
    job.sources = {{"vdac", 0.0}};
    job.observed = {"v(cmp)"};
    job.edge_second = clock_edges(1e-9, 1e-9, 70e-9);
    job.make_block = [&found] {
        return [ramp = Ramp{}, &found](const LockstepEvent& event) mutable {
            if (!event.at_edge || ramp.tripped) return LockstepAction{};
            if (event.observed[0] > 0.5) {
                ramp.tripped = true;
                found = ramp.code;
                return LockstepAction{};
            }
            return LockstepAction{{{0, ++ramp.code / 64.0, 20e-12}}, kForever};
        };
    };
    return job;
}

}  // namespace

TEST_CASE("a sampled controller in C++ and an RC in ngspice follow the closed form") {
    constexpr double kTau = 1e-9;
    constexpr double kPeriod = 0.4e-9;
    constexpr double kRise = 10e-12;
    LockstepJob job = driven_low_pass("tran 2p 8n 0 2p");
    job.edge_second = clock_edges(kPeriod, kPeriod, 8e-9);
    struct Sample {
        double time, seen, drive;
    };
    std::vector<Sample> samples;
    job.make_block = [&samples] {
        samples.clear();
        return [&samples](const LockstepEvent& event) {
            // Proportional control to 0.8 V with a gain of 2.
            const double drive = event.at_edge ? 2 * (0.8 - event.observed[0]) : 0.0;
            samples.push_back({event.time_second, event.observed[0], drive});
            return LockstepAction{{{0, drive, kRise}}, kForever};
        };
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    REQUIRE(samples.size() == 21);
    double volt = 0;
    double last_drive = 0;
    for (std::size_t k = 1; k < samples.size(); ++k) {
        CHECK(samples[k].time == kPeriod + static_cast<double>(k - 1) * kPeriod);
        volt = low_pass_volt(volt, last_drive, samples[k - 1].drive, kRise,
                             samples[k].time - samples[k - 1].time, kTau);
        CHECK_THAT(samples[k].seen, WithinAbs(volt, 5e-6));
        last_drive = samples[k - 1].drive;
        volt = samples[k].seen;
    }
    // What the block saw is in the waveform.
    CHECK(value_at(result.waveforms["time"], result.waveforms["v(out)"], samples[20].time) ==
          samples[20].seen);
}

TEST_CASE("an edge starts at its instant and is a straight line") {
    constexpr double kRise = 3e-12;
    LockstepJob job = driven_low_pass("tran 0.5n 10n");
    // Times that the steps of the transient do not hit by themselves.
    job.edge_second = {1.234567891234e-9, 3.3333333333333e-9, 7.1e-9};
    job.make_block = [] {
        return [level = 0.0](const LockstepEvent& event) mutable {
            if (!event.at_edge) return LockstepAction{};
            level = 1 - level;
            return LockstepAction{{{0, level, kRise}}, kForever};
        };
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    const std::vector<double>& time = result.waveforms["time"];
    const std::vector<double>& volt = result.waveforms["v(in)"];
    double from = 0;
    for (const double edge : job.edge_second) {
        const std::size_t start = index_at(time, edge, 1e-15);
        const std::size_t end = index_at(time, edge + kRise, 1e-15);
        CHECK(volt[start] == from);
        CHECK(volt[end] == 1 - from);
        CHECK(end > start + 3);
        for (std::size_t i = start; i <= end; ++i) {
            const double on_line =
                from + (1 - 2 * from) * std::min(1.0, (time[i] - time[start]) / kRise);
            CHECK_THAT(volt[i], WithinAbs(on_line, 1e-9));
        }
        from = 1 - from;
    }
    // Nothing moves outside the edges.
    for (std::size_t i = 0; i < time.size(); ++i) {
        if (time[i] < job.edge_second[0]) CHECK(volt[i] == 0);
    }
    CHECK(volt.back() == 1);
}

TEST_CASE("a block is called at accepted points only, once per instant, with time rising") {
    // A diode bridge and a stiff comparator make ngspice reject steps.
    LockstepJob job;
    job.job = make_job(
        "stiff\nV1 in 0 external\nR1 in a 10\nD1 a b dm\nC1 b 0 1p\nR2 b 0 10k\nD2 0 a dm\n"
        "B1 c 0 v=tanh(1e3*(v(b)-0.3))\nR3 c d 100\nC3 d 0 0.1p\n.model dm d is=1e-15 tt=0.1n "
        "cjo=0.1p\n.end\n",
        "tran 1n 40n", {"v(b)"});
    job.sources = {{"v1", 0}};
    job.observed = {"v(b)", "v(b,d)", "i(v1)"};
    job.edge_second = clock_edges(2e-9, 2e-9, 40e-9);
    std::vector<double> times;
    job.make_block = [&times] {
        times.clear();
        return [&times, high = false](const LockstepEvent& event) mutable {
            times.push_back(event.time_second);
            REQUIRE(event.observed.size() == 3);
            high = !high;
            return LockstepAction{{{0, high ? 1.5 : -1.5, 1e-12}},
                                  event.time_second + (event.at_edge ? 0.7e-9 : 5e-9)};
        };
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    // At 0, at each edge, and 0.7 ns behind each edge but the last.
    REQUIRE(times.size() == 1 + 20 + 19);
    for (std::size_t i = 1; i < times.size(); ++i) {
        const double edge = 2e-9 + static_cast<double>((i - 1) / 2) * 2e-9;
        CHECK(times[i] == (i % 2 == 1 ? edge : edge + 0.7e-9));
        CHECK(index_at(result.waveforms["time"], times[i], 1e-16) > 0);
    }
}

TEST_CASE("a driven current source charges a capacitor") {
    LockstepJob job;
    job.job = make_job("charge\nI1 0 out external\nC1 out 0 1p\nR1 out 0 1e12\n.end\n",
                       "tran 50p 10n 0 50p", {"v(out)"});
    job.sources = {{"I1", 0}};
    job.observed = {"v(out)"};
    double seen = 0;
    job.make_block = [&seen] {
        return [&seen](const LockstepEvent& event) {
            seen = event.observed[0];
            if (event.time_second == 0) return LockstepAction{{}, 1e-9};
            if (event.time_second < 2e-9) return LockstepAction{{{0, 1e-6, 100e-12}}, 6e-9};
            if (event.time_second < 7e-9) return LockstepAction{{{0, 0, 100e-12}}, 9e-9};
            return LockstepAction{};
        };
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    // 1 uA for 5 ns: the two ramps together are one width.
    CHECK_THAT(seen, WithinRel(5e-3, 1e-5));
    CHECK_THAT(result.waveforms["v(out)"].back(), WithinRel(5e-3, 1e-5));
}

TEST_CASE("a source that is driven while it moves goes on from where it is") {
    LockstepJob job = driven_low_pass("tran 10p 4n");
    job.make_block = [] {
        return [](const LockstepEvent& event) {
            if (event.time_second == 0) return LockstepAction{{{0, 1, 2e-9}}, 1e-9};
            return LockstepAction{{{0, 0, 1e-9}}, kForever};
        };
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    const std::vector<double>& time = result.waveforms["time"];
    const std::vector<double>& volt = result.waveforms["v(in)"];
    for (std::size_t i = 0; i < time.size(); ++i) {
        const double t = time[i] * 1e9;
        const double expected = t < 1 ? t / 2 : std::max(0.0, 0.5 * (2 - t));
        CHECK_THAT(volt[i], WithinAbs(expected, 1e-9));
    }
}

TEST_CASE("a counter in C++ and a comparator in ngspice convert a voltage") {
    const std::vector<double> inputs{0.0, 0.1, 0.347, 0.5 + 1e-3, 0.9};
    std::vector<int> codes(inputs.size(), -1);
    std::vector<LockstepJob> jobs;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        jobs.push_back(counter_job(inputs[i], codes[i]));
    Pool pool(with_workers(2));
    const std::vector<JobResult> results = pool.run_lockstep(jobs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        INFO("input " << inputs[i] << ": " << results[i].message);
        REQUIRE(results[i].status == JobStatus::ok);
        // The first level above the input.
        CHECK(codes[i] == static_cast<int>(std::floor(inputs[i] * 64)) + 1);
    }
}

TEST_CASE("lockstep runs are the same bits again, with one worker and with three") {
    const std::vector<double> inputs{0.11, 0.22, 0.33, 0.44, 0.55};
    std::vector<int> codes(inputs.size());
    std::vector<LockstepJob> jobs;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        jobs.push_back(counter_job(inputs[i], codes[i]));
    Pool one(with_workers(1));
    Pool three(with_workers(3));
    const std::vector<JobResult> first = one.run_lockstep(jobs);
    const std::vector<JobResult> second = one.run_lockstep(jobs);
    const std::vector<JobResult> third = three.run_lockstep(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        REQUIRE(first[i].status == JobStatus::ok);
        CHECK(same_bits(first[i].waveforms, second[i].waveforms));
        CHECK(same_bits(first[i].waveforms, third[i].waveforms));
        CHECK(first[i].waveforms.points() > 100);
    }
}

TEST_CASE("blocks together keep their own times") {
    LockstepJob job = driven_low_pass("tran 0.1n 10n");
    std::vector<double> slow;
    std::vector<double> fast;
    const auto ticking = [](std::vector<double>& times, double period, std::size_t source) {
        return [&times, period, source](const LockstepEvent& event) {
            times.push_back(event.time_second);
            const auto tick = static_cast<double>(times.size());
            return LockstepAction{{{source, tick / 10, 10e-12}}, tick * period};
        };
    };
    job.job.netlist = "two\nV1 in 0 external\nV2 b 0 external\nR1 in out 1k\nC1 out b 1p\n.end\n";
    job.sources = {{"v1", 0}, {"v2", 0}};
    job.make_block = [&] { return together({ticking(slow, 3e-9, 0), ticking(fast, 1e-9, 1)}); };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    REQUIRE(slow.size() == 4);
    REQUIRE(fast.size() == 11);
    CHECK(slow[1] == 3e-9);
    CHECK_THAT(fast[7], WithinRel(7e-9, 1e-12));
}

TEST_CASE("clock edges are computed from their number") {
    CHECK(clock_edges(0, 1e-9, 2.5e-9) == std::vector<double>{0, 1e-9, 2e-9});
    CHECK(clock_edges(1e-9, 1e-9, 0.5e-9).empty());
    CHECK(clock_edges(0, 0.1e-9, 100e-9).at(700) == 700 * 0.1e-9);
    CHECK_THROWS(clock_edges(0, 0, 1));
    CHECK_THROWS(clock_edges(0, 1e-12, 1));
}
