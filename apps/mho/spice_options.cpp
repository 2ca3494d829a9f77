// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/spice_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "apps/mho/arguments.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

// $XDG_CACHE_HOME/mho or ~/.cache/mho; empty when neither can be had.
fs::path default_cache() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) {
        return fs::path(cache) / "mho";
    }
    if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache/mho";
    return {};
}

}  // namespace

void declare(CLI::App& app, SpiceOptions& options) {
    require_count(
        app.add_option("--seed", options.seed, "seed of all random states and inputs (default 1)"));
    declare_workers(app, options);
}

void declare_workers(CLI::App& app, SpiceOptions& options) {
    require_count(
        app.add_option("--workers", options.workers, "ngspice processes (default: one per core)"));
    app.add_option("--cache", options.cache,
                   "folder for results of SPICE runs (default: the user's cache)");
    app.add_flag("--no-cache", options.no_cache, "run every simulation again");
    app.add_flag("--quiet", options.quiet, "no progress bar");
}

calibrate::CalibrateOptions calibrate_options(const SpiceOptions& options) {
    calibrate::CalibrateOptions how;
    how.seed = options.seed;
    how.workers = options.workers;
    if (!options.no_cache) {
        how.cache_folder = options.cache.empty() ? default_cache() : options.cache;
    }
    return how;
}

std::string errors_text(std::span<const behavioral::QuantityError> errors) {
    std::size_t width = 18;
    for (const auto& error : errors) width = std::max(width, error.quantity.size());
    std::string text = fmt::format("{:<{}} {:>10} {:>10} {:>10}  {:<16} {}\n", "held-out error",
                                   width, "rms", "worst", "tolerance", "unit", "on");
    for (const behavioral::QuantityError& error : errors) {
        const std::string rms =
            error.rms_tolerance > 0 ? fmt::format(" (rms {:.3g})", error.rms_tolerance) : "";
        text += fmt::format("{:<{}} {:>10.3g} {:>10.3g} {:>10.3g}  {:<16} {}{}{}\n", error.quantity,
                            width, error.rms, error.worst, error.tolerance, error.unit,
                            error.held_out, rms, error.within() ? "" : "  MISSED");
    }
    return text;
}

std::string runs_text(const calibrate::RunCount& runs) {
    std::string text = fmt::format("{} SPICE runs ({} from the cache), {:.1f} s in ngspice",
                                   runs.spice_runs, runs.cached_runs, runs.simulator_second);
    if (runs.wall_second > 0 && runs.cached_runs == 0) {
        text += fmt::format(" of {:.1f} s of {} worker{}, {:.1f} % outside", runs.wall_second,
                            runs.workers, runs.workers == 1 ? "" : "s", 100 * runs.outside_share());
    }
    return text + "\n";
}

bool any_missed(std::span<const behavioral::QuantityError> errors) {
    return std::any_of(errors.begin(), errors.end(),
                       [](const auto& error) { return !error.within(); });
}

}  // namespace mho::apps
