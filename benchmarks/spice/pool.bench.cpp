// SPDX-License-Identifier: Apache-2.0
// What the pool adds to a SPICE run: start of a worker, one small job, a read from the cache.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "spice/pool.h"

namespace {

using namespace mho::spice;

// A ladder of `sections` resistors to ground.
Job ladder_job(std::int64_t sections) {
    std::string deck = "ladder\nV1 n0 0 dc 1\n";
    for (std::int64_t i = 0; i < sections; ++i) {
        const std::string here = std::to_string(i);
        const std::string next = std::to_string(i + 1);
        deck += "Rs" + here + " n" + here + " n" + next + " 1k\n";
        deck += "Rp" + here + " n" + next + " 0 2k\n";
    }
    Job job;
    job.netlist = deck + ".end\n";
    job.analysis = "op";
    job.vectors = {"v(n" + std::to_string(sections) + ")", "i(v1)"};
    return job;
}

void start_of_a_pool(benchmark::State& state) {
    PoolOptions options;
    options.workers = 1;
    for (auto _ : state) benchmark::DoNotOptimize(Pool(options).simulator().klu);
}
BENCHMARK(start_of_a_pool)->Unit(benchmark::kMillisecond)->UseRealTime();

void jobs(benchmark::State& state) {
    PoolOptions options;
    options.workers = static_cast<std::size_t>(state.range(0));
    options.jobs_per_worker = 1'000'000;
    Pool pool(options);
    const std::vector<Job> batch(200, ladder_job(state.range(1)));
    for (auto _ : state) run_all(pool, batch);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
    state.counters["simulator_us_per_job"] =
        pool.summary().simulator_second * 1e6 / static_cast<double>(pool.summary().jobs);
}
BENCHMARK(jobs)
    ->ArgNames({"workers", "sections"})
    ->ArgsProduct({{1, 2}, {1, 100}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void cached_jobs(benchmark::State& state) {
    PoolOptions options;
    options.workers = 1;
    options.cache_folder =
        std::filesystem::temp_directory_path() / ("mho_bench_spice_" + std::to_string(::getpid()));
    {
        Pool pool(options);
        std::vector<Job> batch(100, ladder_job(100));
        for (std::size_t i = 0; i < batch.size(); ++i)
            batch[i].netlist[0] = static_cast<char>('0' + i % 60);
        run_all(pool, batch);
        for (auto _ : state) run_all(pool, batch);
        state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
    }
    std::error_code ignored;
    std::filesystem::remove_all(options.cache_folder, ignored);
}
BENCHMARK(cached_jobs)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
