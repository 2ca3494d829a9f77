// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <csignal>

namespace mho {
namespace {

// A signal handler can reach nothing but a static.
volatile std::sig_atomic_t signalled = 0;

extern "C" void note_signal(int signal) {
    signalled = 1;
    std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
    std::signal(SIGINT, note_signal);
    std::signal(SIGTERM, note_signal);
}

bool interrupted() noexcept {
    return signalled != 0;
}

}  // namespace mho
