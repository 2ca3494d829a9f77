// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "apps/mho/output.h"
#include "apps/mho/spice_options.h"
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
    fs::path spec, output;
    SpiceOptions spice;
    bool accept = false;
};

int run(const Options& options) {
    check_output(options.output, std::vector<fs::path>{options.spec});
    const netlist::Spec spec = netlist::read_spec(options.spec);
    calibrate::CalibrateOptions how = calibrate_options(options.spice);
    calibrate::Calibration result;
    {
        ProgressBar bar("SPICE runs", options.spice.quiet);
        how.progress = bar.callback();
        result = calibrate::calibrate(spec, how);
    }
    if (!result.runs.klu) {
        std::fputs("mho: note: this ngspice has no KLU solver; arrays over 64 x 64 are refused\n",
                   stderr);
    }
    tell(options.output, fmt::format("{}: {}{}", spec.name, runs_text(result.runs),
                                     errors_text(result.card.errors)));
    const bool missed = any_missed(result.card.errors);
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
        "  plans and runs about 60 ngspice simulations, fits cell, wires, read-out, ADC, timing\n"
        "  and energy, prints the error of each on held-out runs and writes the card.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("spec", options->spec, "the spec (TOML)")->required();
            app.add_option("-o,--output", options->output,
                           "the card to write (JSON); - is standard output")
                ->required();
            declare(app, options->spice);
            app.add_flag("--accept", options->accept,
                         "write the card even when an error is over tolerance (still exits 1)");
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
