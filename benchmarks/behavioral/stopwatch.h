// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

namespace mho::bench {

// Processor time of this thread, so that ratios hold on a machine that others use too.
inline double thread_second() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Work>
double seconds_of(const Work& work) {
    const double start = thread_second();
    work();
    return thread_second() - start;
}

}  // namespace mho::bench
