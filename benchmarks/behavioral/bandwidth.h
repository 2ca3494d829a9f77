// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "benchmarks/behavioral/stopwatch.h"

namespace mho::bench {

// Bytes per second of the best of some sums over an array far larger than the caches.
inline double read_bandwidth() {
    constexpr std::size_t kNumbers = std::size_t{1} << 25;
    static const std::vector<double> numbers(kNumbers, 1.0);
    double best = HUGE_VAL;
    for (int k = 0; k < 3; ++k) {
        best = std::min(best, seconds_of([&] {
                            double sum[16] = {};
                            for (std::size_t n = 0; n < kNumbers; n += 16) {
                                for (std::size_t l = 0; l < 16; ++l) sum[l] += numbers[n + l];
                            }
                            benchmark::DoNotOptimize(sum);
                        }));
    }
    return static_cast<double>(kNumbers * sizeof(double)) / best;
}

}  // namespace mho::bench
