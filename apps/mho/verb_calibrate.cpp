// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/progress.h"
#include "behavioral/card_json.h"
#include "calibrate/calibrate.h"
#include "netlist/spec_toml.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path spec, output, cache;
    std::uint64_t seed = 1;
    std::size_t workers = 0;
    bool no_cache = false, accept = false, quiet = false;
};

// $XDG_CACHE_HOME/mho or ~/.cache/mho; empty when neither can be had.
fs::path default_cache() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) {
        return fs::path(cache) / "mho";
    }
    if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache/mho";
    return {};
}

std::string errors_text(const behavioral::ModelCard& card) {
    std::string text = fmt::format("{:<18} {:>10} {:>10} {:>10}  {:<16} {}\n", "held-out error",
                                   "rms", "worst", "tolerance", "unit", "on");
    for (const behavioral::QuantityError& error : card.errors) {
        text += fmt::format("{:<18} {:>10.3g} {:>10.3g} {:>10.3g}  {:<16} {}{}\n", error.quantity,
                            error.rms, error.worst, error.tolerance, error.unit, error.held_out,
                            error.within() ? "" : "  MISSED");
    }
    return text;
}

int run(const Options& options) {
    check_output(options.output, std::vector<fs::path>{options.spec});
    const netlist::Spec spec = netlist::read_spec(options.spec);
    calibrate::CalibrateOptions how;
    how.seed = options.seed;
    how.workers = options.workers;
    if (!options.no_cache) {
        how.cache_folder = options.cache.empty() ? default_cache() : options.cache;
    }
    calibrate::Calibration result;
    {
        ProgressBar bar("SPICE runs", options.quiet);
        how.progress = bar.callback();
        result = calibrate::calibrate(spec, how);
    }
    if (!result.runs.klu) {
        std::fputs("mho: note: this ngspice has no KLU solver; arrays over 64 x 64 are refused\n",
                   stderr);
    }
    tell(options.output,
         fmt::format("{}: {} SPICE runs ({} from the cache), {:.1f} s in ngspice\n", spec.name,
                     result.runs.spice_runs, result.runs.cached_runs, result.runs.simulator_second));
    tell(options.output, errors_text(result.card));
    const bool missed = std::any_of(result.card.errors.begin(), result.card.errors.end(),
                                    [](const auto& error) { return !error.within(); });
    if (missed && !options.accept) {
        throw Error(ErrorKind::bad_result,
                    "a held-out error is over its tolerance, so no card was written; raise the "
                    "tolerance in [calibration], or write it as it is with --accept");
    }
    write_output(options.output, behavioral::card_to_json(result.card));
    tell_written(options.output);
    return missed ? static_cast<int>(ErrorKind::bad_result) : 0;
}

}  // namespace

Verb calibrate_verb() {
    return {
        "calibrate", "measure a spec in ngspice and fit the behavioural models",
        "  mho calibrate examples/demo/spec.toml -o card.json\n"
        "  plans and runs about 50 ngspice simulations, fits cell, wires, read-out, ADC, timing\n"
        "  and energy, prints the error of each on held-out runs and writes the card.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("spec", options->spec, "the spec (TOML)")->required();
            app.add_option("-o,--output", options->output,
                           "the card to write (JSON); - is standard output")
                ->required();
            require_count(app.add_option("--seed", options->seed,
                                         "seed of all random states and inputs (default 1)"));
            require_count(app.add_option("--workers", options->workers,
                                         "ngspice processes (default: one per core)"));
            app.add_option("--cache", options->cache,
                           "folder for results of SPICE runs (default: the user's cache)");
            app.add_flag("--no-cache", options->no_cache, "run every simulation again");
            app.add_flag("--accept", options->accept,
                         "write the card even when an error is over tolerance (still exits 1)");
            app.add_flag("--quiet", options->quiet, "no progress bar");
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
