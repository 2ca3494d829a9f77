// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/error.h"

namespace mho {

// From the first call on, SIGINT and SIGTERM ask running work to stop at the next safe point; a
// second signal ends the process at once. Programs call it; the library only asks interrupted().
void catch_interrupts();

// True once a signal came. Long loops test it and throw Error(ErrorKind::interrupted).
bool interrupted() noexcept;

// Does `work`; false when an interrupt ended it, which is for callers that keep what was done
// before.
template <typename Work>
bool done_uninterrupted(Work&& work) {
    try {
        std::forward<Work>(work)();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::interrupted) throw;
        return false;
    }
    return true;
}

}  // namespace mho
