// SPDX-License-Identifier: Apache-2.0
// The figures of docs/spice.md: arrays in a worker against `ngspice -b`, many inputs on one array,
// long campaigns with one and two workers and with workers killed. Every counter is a ratio, a
// difference or a count.
#include <benchmark/benchmark.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/file.h"
#include "spice/batch_ngspice.h"
#include "spice/children.h"
#include "spice/crossbars.h"
#include "spice/decks.h"
#include "spice/pool.h"
#include "support/temporary_folder.h"

namespace {

using namespace mho::spice;
using namespace mho::spice::test;

double seconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    return passed.count();
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

// From the environment, where a smaller or larger run is wanted.
std::size_t count_from(const char* variable, std::size_t usual) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? usual : static_cast<std::size_t>(std::strtoul(text, nullptr, 10));
}

// Of this process and of those of its children that have ended.
double processor_seconds() {
    double sum = 0;
    for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        ::getrusage(whose, &usage);
        for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
            sum += static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
        }
    }
    return sum;
}

// Processor time of `repeats` jobs, with start and end of their worker, over that of as many runs
// of `ngspice -b`; other users of the machine hardly touch it.
double processor_ratio(const Job& job, const std::filesystem::path& deck, std::size_t repeats) {
    const double start = processor_seconds();
    {
        Pool pool(with_workers(1));
        for (std::size_t i = 0; i < repeats; ++i) run_all(pool, {&job, 1});
    }
    const double middle = processor_seconds();
    for (std::size_t i = 0; i < repeats; ++i) run_batch(deck);
    return (middle - start) / (processor_seconds() - middle);
}

// The whole job on a pool that has started, against the whole of `ngspice -b`, by turns. Both the
// fastest and the median of the repetitions are compared, since the machine may be shared.
void array_op(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const mho::test::TemporaryFolder folder;
    const Job job = array_job(n, 1);
    mho::write_file(folder / "array.cir", batch_deck(job));
    Pool pool(with_workers(1));
    std::vector<double> here;
    std::vector<double> batch;
    Waveforms waves;
    const std::size_t repeats = count_from("MHO_BENCH_REPEATS", n < 128 ? 31 : 7);
    double processor = 0;
    for (auto _ : state) {
        processor = processor_ratio(job, folder / "array.cir", repeats);
        for (std::size_t i = 0; i < repeats; ++i) {
            here.push_back(seconds([&] { waves = run_all(pool, {&job, 1}).front(); }));
            batch.push_back(seconds([&] { run_batch(folder / "array.cir"); }));
        }
    }
    double worst = 0;
    for (const auto& [name, value] : raw_point(folder / "array.cir.raw")) {
        worst = std::max(worst, std::abs(waves[name].front() / value - 1));
    }
    state.counters["worst_relative_difference"] = worst;
    state.counters["time_over_ngspice_b_fastest"] =
        *std::min_element(here.begin(), here.end()) / *std::min_element(batch.begin(), batch.end());
    state.counters["processor_time_over_ngspice_b"] = processor;
    state.counters["time_over_ngspice_b_median"] = median(here) / median(batch);
}
BENCHMARK(array_op)
    ->ArgName("n")
    ->Arg(16)
    ->Arg(32)
    ->Arg(64)
    ->Arg(128)
    ->Arg(256)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

// 64 vectors on one 32 x 32 array: a sweep of inputs, runs with altered sources, unit vectors and
// superposition; each against one op per vector.
void input_vectors(benchmark::State& state) {
    constexpr std::size_t kSize = 32;
    constexpr std::uint32_t kVectors = 64;
    ArrayOptions external;
    external.external_inputs = true;
    Job sweep = array_job(kSize, 2, external);
    for (std::size_t r = 0; r < kSize; ++r) sweep.inputs.names.push_back(fmt::format("vin{}", r));
    for (std::uint32_t v = 0; v < kVectors; ++v) {
        sweep.inputs.rows.push_back(random_inputs(kSize, v));
    }
    Job altered = array_job(kSize, 2);
    altered.alterations = sweep.inputs;
    std::vector<Job> each;
    for (const std::vector<double>& row : sweep.inputs.rows) {
        each.push_back(array_job(kSize, 2));
        for (std::size_t r = 0; r < kSize; ++r) {
            const std::string source = fmt::format("vin{0} in{0} 0 dc ", r);
            std::string& deck = each.back().netlist;
            const std::size_t at = deck.find(source) + source.size();
            deck.replace(at, deck.find('\n', at) - at, fmt::format("{:.17g}", row[r]));
        }
    }
    Job units = sweep;
    units.inputs.rows.assign(kSize, std::vector<double>(kSize, 0.0));
    for (std::size_t r = 0; r < kSize; ++r) units.inputs.rows[r][r] = 1;
    Pool pool(with_workers(1));
    std::vector<double> times[4];
    std::vector<Waveforms> results[4];
    const std::vector<Job>* const plans[4] = {&each, nullptr, nullptr, nullptr};
    const std::vector<Job> single[4] = {{}, {altered}, {sweep}, {units}};
    for (auto _ : state) {
        for (std::size_t i = 0; i < count_from("MHO_BENCH_REPEATS", 9); ++i) {
            for (std::size_t k = 0; k < 4; ++k) {
                const std::vector<Job>& jobs = plans[k] != nullptr ? *plans[k] : single[k];
                times[k].push_back(seconds([&] { results[k] = run_all(pool, jobs); }));
            }
        }
    }
    double worst = 0;
    for (std::size_t v = 0; v < kVectors; ++v) {
        for (std::size_t c = 0; c < kSize; ++c) {
            const double expected = results[0][v].columns[c].front();
            double superposed = 0;
            for (std::size_t r = 0; r < kSize; ++r) {
                superposed += sweep.inputs.rows[v][r] * results[3][0].columns[c + 1][r];
            }
            for (const double value :
                 {results[1][0].columns[c + 1][v], results[2][0].columns[c + 1][v], superposed}) {
                worst = std::max(worst, std::abs(value / expected - 1));
            }
        }
    }
    state.counters["worst_relative_difference"] = worst;
    state.counters["altered_times_faster"] = median(times[0]) / median(times[1]);
    state.counters["sweep_times_faster"] = median(times[0]) / median(times[2]);
    state.counters["unit_vectors_times_faster"] = median(times[0]) / median(times[3]);
}
BENCHMARK(input_vectors)->Iterations(1)->Unit(benchmark::kSecond);

double resident_mebibyte(pid_t pid) {
    std::ifstream statm(fmt::format("/proc/{}/statm", pid));
    double pages = 0;
    statm >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1048576;
}

// A thousand transients of different 32 x 32 arrays on workers that are not replaced, and their
// memory on the way; then again with a worker killed every 50 jobs.
void campaign(benchmark::State& state) {
    const std::vector<Job> jobs = transient_array_jobs(32, count_from("MHO_BENCH_JOBS", 1000));
    PoolOptions options = with_workers(2);
    options.jobs_per_worker = 1'000'000;
    std::vector<double> memory;
    std::vector<JobResult> expected;
    std::vector<JobResult> results;
    std::size_t killed = 0;
    for (auto _ : state) {
        Pool pool(options);
        expected = pool.run(jobs, [&memory](std::size_t done, std::size_t, const std::string&) {
            if (done % 50 != 0) return;
            double largest = 0;
            for (const pid_t pid : children()) largest = std::max(largest, resident_mebibyte(pid));
            memory.push_back(largest);
        });
        Pool troubled(with_workers(2));
        results = troubled.run(jobs, [&killed](std::size_t done, std::size_t, const std::string&) {
            const std::vector<pid_t> workers = children();
            if (done % 50 != 0 || workers.empty()) return;
            ::kill(workers[killed % workers.size()], SIGKILL);
            ++killed;
        });
    }
    double present = 0;
    double equal = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        present += results[i].status == JobStatus::ok ? 1 : 0;
        equal += same_bits(results[i].waveforms, expected[i].waveforms) &&
                         expected[i].status == JobStatus::ok
                     ? 1
                     : 0;
    }
    state.counters["jobs"] = static_cast<double>(jobs.size());
    state.counters["killed"] = static_cast<double>(killed);
    state.counters["results_after_kills"] = present;
    state.counters["bit_equal_after_kills"] = equal;
    state.counters["memory_end_over_first_50"] = memory.back() / memory.front();
    state.counters["memory_largest_over_first_50"] =
        *std::max_element(memory.begin(), memory.end()) / memory.front();
}
BENCHMARK(campaign)->Iterations(1)->Unit(benchmark::kSecond);

struct Cost {
    double wall = 0, processor = 0;
};

// The run alone on the wall clock; with start and end of the workers in processor time.
Cost run_with(std::size_t workers, const std::vector<Job>& jobs) {
    const double before = processor_seconds();
    Cost cost;
    {
        Pool pool(with_workers(workers));
        const Job first = jobs.front();
        run_all(pool, std::vector<Job>(2, first));  // all workers have started
        cost.wall = seconds([&] { run_all(pool, jobs); });
    }
    cost.processor = processor_seconds() - before;
    return cost;
}

// The same jobs with one worker and with two, by turns. Processor time tells what two workers cost
// each other, also on a machine that others use: on two free cores the ratio of throughputs is
// twice its inverse.
void two_workers(benchmark::State& state) {
    const std::vector<Job> jobs = transient_array_jobs(32, count_from("MHO_BENCH_BATCH", 40));
    std::vector<double> wall;
    std::vector<double> processor;
    for (auto _ : state) {
        for (std::size_t i = 0; i < count_from("MHO_BENCH_REPEATS", 7); ++i) {
            const Cost one = run_with(1, jobs);
            const Cost two = run_with(2, jobs);
            wall.push_back(one.wall / two.wall);
            processor.push_back(two.processor / one.processor);
        }
    }
    state.counters["throughput_ratio_median"] = median(wall);
    state.counters["throughput_ratio_best"] = *std::max_element(wall.begin(), wall.end());
    state.counters["processor_time_two_over_one"] = median(processor);
}
BENCHMARK(two_workers)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
