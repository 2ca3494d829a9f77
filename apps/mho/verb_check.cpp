// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/mho/spice_options.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "behavioral/card_json.h"

namespace mho::apps {
namespace {

struct Options {
    std::filesystem::path card;
    SpiceOptions spice;
    bool seed_given = false, quick = false;
};

int run(const Options& options) {
    const behavioral::ModelCard card =
        behavioral::card_from_json(read_file(options.card), options.card.string());
    calibrate::CalibrateOptions how = calibrate_options(options.spice);
    // Fresh circuits unless others are asked for.
    if (!options.seed_given) how.seed = card.provenance.seed + 1;
    calibrate::CardCheck result;
    {
        ProgressBar bar("SPICE runs", options.spice.quiet);
        how.progress = bar.callback();
        result = calibrate::check(
            card, how, options.quick ? calibrate::CheckDepth::blocks : calibrate::CheckDepth::all);
    }
    fmt::print("{}, seed {}: {}{}", card.provenance.spec_name, how.seed, runs_text(result.runs),
               errors_text(result.errors));
    return any_missed(result.errors) ? static_cast<int>(ErrorKind::bad_result) : 0;
}

}  // namespace

Verb check_verb() {
    return {
        "check", "measure a card's errors again on fresh random circuits",
        "  mho check card.json --seed 7\n"
        "  draws other circuits and inputs, runs them in ngspice, fits nothing, and prints how\n"
        "  far the card is off; exit code 1 when an error is over its tolerance.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("card", options->card, "the card (JSON) of mho calibrate")->required();
            declare(app, options->spice);
            app.add_flag("--quick", options->quick, "cells and read-out only, two short runs");
            const CLI::Option* seed = app.get_option("--seed");
            return [options, seed] {
                options->seed_given = seed->count() > 0;
                return run(*options);
            };
        }};
}

}  // namespace mho::apps
