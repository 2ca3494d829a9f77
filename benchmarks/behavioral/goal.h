// SPDX-License-Identifier: Apache-2.0
// Ratios to a reference in the same run, and how far they are from their goal.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "benchmarks/behavioral/stopwatch.h"

namespace mho::bench {

inline double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

// `ratio` counts the larger the better. Distance in decibels: 0 at the goal, positive beyond it.
inline void report_goal(benchmark::State& state, double ratio, double goal) {
    state.counters["ratio"] = ratio;
    state.counters["goal"] = goal;
    state.counters["distance_dB"] = 10 * std::log10(ratio / goal);
}

// Runs `work` and `reference` in turns as long as the benchmark goes on; returns how many times
// `work` goes into the reference's time (medians of processor time).
template <typename Work, typename Reference>
double times_faster(benchmark::State& state, const Work& work, const Reference& reference) {
    std::vector<double> work_second, reference_second;
    work();
    reference();
    for (auto _ : state) {
        work_second.push_back(seconds_of(work));
        reference_second.push_back(seconds_of(reference));
        state.SetIterationTime(work_second.back());
    }
    return median(reference_second) / median(work_second);
}

}  // namespace mho::bench
