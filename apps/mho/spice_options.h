// SPDX-License-Identifier: Apache-2.0
// What verbs that run SPICE have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "calibrate/calibrate.h"

namespace CLI {
class App;
}

namespace mho::apps {

struct SpiceOptions {
    std::uint64_t seed = 1;
    std::size_t workers = 0;
    std::filesystem::path cache;
    bool no_cache = false;
    bool quiet = false;
};

// Declares --workers, --cache, --no-cache and --quiet on a verb.
void declare_workers(CLI::App& app, SpiceOptions& options);
// These and --seed.
void declare(CLI::App& app, SpiceOptions& options);

// Without the progress callback.
calibrate::CalibrateOptions calibrate_options(const SpiceOptions& options);

// A table of errors against SPICE, and "N SPICE runs (M from the cache), ... in ngspice".
std::string errors_text(std::span<const behavioral::QuantityError> errors);
std::string runs_text(const calibrate::RunCount& runs);
bool any_missed(std::span<const behavioral::QuantityError> errors);

}  // namespace mho::apps
