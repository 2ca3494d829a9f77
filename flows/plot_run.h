// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace mho::flows {

struct GnuplotOptions {
    std::string program = "gnuplot";           // searched in PATH unless it has a slash
    std::chrono::milliseconds timeout{30000};  // then it is killed
};

// Runs gnuplot on `script` (its standard input) and returns what it writes to standard output.
// Throws Error(system) when the program is missing (and says what to install), fails, or runs past
// the timeout; Error(interrupted) after a signal. No process is left behind.
std::string run_gnuplot(const std::string& script, const GnuplotOptions& options = {});

}  // namespace mho::flows
