// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace mho {

// Calls body(i) once for every i in 0 .. count-1 on up to `threads` threads (the caller's among
// them); the order of calls is not fixed, so bodies must write to places of their own. The first
// exception stops further calls and is thrown again here. threads = 0: one per hardware thread.
void parallel_for(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& body);

// `requested`, or the number of hardware threads when it is 0; at least 1.
std::size_t thread_count(std::size_t requested);

}  // namespace mho
