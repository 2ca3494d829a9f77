// SPDX-License-Identifier: Apache-2.0
// ResNet-20 on described systems: rates against their references, run in turns on one thread.
// Counters: ratio with its goal and the distance from it, and images_per_second of both. The
// network and images of $MHO_BENCH_RESNET20 (ONNX) and $MHO_BENCH_CIFAR10 (folder), those of
// ../shared beside the source tree, or made ones of the same shapes.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/parallel.h"
#include "benchmarks/behavioral/goal.h"
#include "benchmarks/flows/made_resnet.h"
#include "flows/float_engine.h"
#include "flows/float_network.h"
#include "flows/onnx_read.h"
#include "flows/system_engine.h"
#include "flows/system_toml.h"

namespace {

using namespace mho::flows;
namespace fs = std::filesystem;
using Changes = std::vector<std::string>;

constexpr std::size_t kImages = 256;  // of a run

fs::path named_or_shared(const char* variable, const char* relative) {
    if (const char* named = std::getenv(variable)) return named;
    return fs::path(MHO_SOURCE_DIR).parent_path() / "shared/data" / relative;
}

struct Work {
    Network network;
    Dataset data;
};

const Work& resnet20() {
    static const Work work = [] {
        const fs::path model =
            named_or_shared("MHO_BENCH_RESNET20", "models/resnet20_cifar10_akamaster.onnx");
        const fs::path data = named_or_shared("MHO_BENCH_CIFAR10", "cifar10");
        if (fs::exists(model) && fs::exists(data)) {
            return Work{read_onnx(model), load_dataset(data, kImages)};
        }
        Work made{mho::bench::made_resnet20(), {}};
        made.data = mho::bench::made_images(made.network, kImages);
        return made;
    }();
    return work;
}

// A programmed system, ready for images.
struct System {
    SystemPlan plan;
    SystemInstance instance;

    System(const Work& work, const std::string& name, const Changes& changes)
        : plan(plan_system(work.network, work.data, read_system(name, changes), {1, {}})),
          instance(program_system(work.network, plan, 1, 0, 1)) {}

    void run(const Work& work, std::size_t threads = 1) const {
        mho::parallel_for(chunk_count(work.data.size()), threads, [&](std::size_t c) {
            const Chunk chunk = chunk_at(c, work.data.size());
            benchmark::DoNotOptimize(system_scores(work.network, plan, instance,
                                                   work.data.images(chunk.first, chunk.count),
                                                   chunk.first, chunk.count)
                                         .data());
        });
    }
};

template <typename Reference>
void compare(benchmark::State& state, const System& system, double goal,
             const Reference& reference) {
    const Work& work = resnet20();
    std::vector<double> own;
    const double ratio = mho::bench::times_faster(
        state, [&] { own.push_back(mho::bench::seconds_of([&] { system.run(work); })); },
        reference);
    mho::bench::report_goal(state, ratio, goal);
    const double rate = static_cast<double>(work.data.size()) / mho::bench::median(own);
    state.counters["images_per_second"] = rate;
    state.counters["of_reference"] = rate / ratio;
}

void bm_against_float(benchmark::State& state, const char* name, const Changes& changes,
                      double goal) {
    const Work& work = resnet20();
    const FloatNetwork digital(work.network);
    compare(state, System(work, name, changes), goal, [&] {
        benchmark::DoNotOptimize(
            digital.run(work.data.images(0, work.data.size()), work.data.size()).data());
    });
}

void bm_against_system(benchmark::State& state, const char* name, const Changes& changes,
                       const Changes& reference, double goal) {
    const Work& work = resnet20();
    const System plain(work, name, reference);
    compare(state, System(work, name, changes), goal, [&] { plain.run(work); });
}

const Changes kWires{"wire.r_row=1", "wire.r_col=1"};

void rows(benchmark::internal::Benchmark* bench) {
    bench->UseManualTime()->Unit(benchmark::kMillisecond)->MinTime(2);
}
BENCHMARK_CAPTURE(bm_against_float, programming_error, "taox", {}, 0.4)->Apply(rows);
BENCHMARK_CAPTURE(bm_against_float, exact_levels, "ideal8", {}, 0.4)->Apply(rows);
BENCHMARK_CAPTURE(bm_against_float, exact_wires, "taox", kWires, 0.36)->Apply(rows);
BENCHMARK_CAPTURE(bm_against_system, exact_wires, "taox", kWires, {}, 0.9)->Apply(rows);
BENCHMARK_CAPTURE(bm_against_system, read_noise, "ideal8", {"device.name=sonos-iedm"},
                  {"device.name=sonos-iedm", "device.read_noise_scale=0"}, 0.4)
    ->Apply(rows);
// Without wires, capacitors that add the slices give what one product of whole codes gives, and
// that is what runs. The second reference multiplies each slice, as with a conversion for each.
BENCHMARK_CAPTURE(bm_against_system, bitline_drop, "sonos-tcas", {"wire.r_col=1"}, {}, 0.5)
    ->Apply(rows);
BENCHMARK_CAPTURE(bm_against_system, bitline_drop_against_eight_products, "sonos-tcas",
                  {"wire.r_col=1"}, {"inputs.sum=digital"}, 0.5)
    ->Apply(rows);

// Programming and G_eff of 256-row arrays with wires in both directions against one pass of 1,000
// images through them.
void bm_compile(benchmark::State& state) {
    const Work& work = resnet20();
    Changes changes = kWires;
    changes.emplace_back("array.rows=256");
    const System system(work, "taox", changes);
    const double passes = 1000.0 / static_cast<double>(work.data.size());
    const double ratio = mho::bench::times_faster(
        state,
        [&] { benchmark::DoNotOptimize(program_system(work.network, system.plan, 1, 1, 1).seed); },
        [&] { system.run(work); });
    mho::bench::report_goal(state, ratio * passes, 1);
}
BENCHMARK(bm_compile)->Apply(rows);

double wall_second(const System& system, const Work& work, std::size_t threads) {
    const auto begin = std::chrono::steady_clock::now();
    system.run(work, threads);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Wall time, which others on the machine disturb: the best of each.
void bm_two_threads(benchmark::State& state) {
    const Work& work = resnet20();
    const System system(work, "taox", {});
    double one = 1e300, two = 1e300;
    for (auto _ : state) {
        two = std::min(two, wall_second(system, work, 2));
        one = std::min(one, wall_second(system, work, 1));
        state.SetIterationTime(two);
    }
    mho::bench::report_goal(state, one / two, 1.8);
}
BENCHMARK(bm_two_threads)->Apply(rows);

// Largest memory of this process, which the other benchmarks take part in: run it alone
// (--benchmark_filter=bm_memory). ratio: 4 GB over it.
void bm_memory(benchmark::State& state) {
    Work work{mho::bench::made_resnet50(), {}};
    work.data = mho::bench::made_images(work.network, 2);
    Changes changes = kWires;
    changes.insert(changes.end(), {"array.rows=256", "inputs.images=2", "adc.images=2"});
    double second = 0;
    for (auto _ : state) {
        second = mho::bench::seconds_of([&] { System(work, "taox", changes).run(work, 2); });
        state.SetIterationTime(second);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double gigabytes = static_cast<double>(usage.ru_maxrss) * 1024e-9;
    mho::bench::report_goal(state, 4 / gigabytes, 1);
    state.counters["GB"] = gigabytes;
}
BENCHMARK(bm_memory)->Iterations(1)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
