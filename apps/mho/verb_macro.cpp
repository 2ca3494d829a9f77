// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/integrating_macro_text.h"
#include "apps/mho/macro_json.h"
#include "apps/mho/macro_network.h"
#include "apps/mho/output.h"
#include "apps/mho/spice_options.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "behavioral/card_json.h"
#include "calibrate/integrating_macro.h"
#include "netlist/spec_toml.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

// What a calibrated macro is to reach: the same code for 99 % of all, none off by more than one,
// and the mean energy of a multiply to 2 %.
constexpr double kEqualCodes = 0.99;
constexpr std::int32_t kWorstCode = 1;
constexpr double kMeanEnergy = 0.02;
// What codes of integrators may be off their ideal ones.
constexpr int kWorstIntegratedCode = 1;

struct Options {
    fs::path card, output;
    calibrate::MacroOptions macro;
    fs::path model, data;  // instead of random vectors
    std::size_t limit = 0;
    SpiceOptions spice;
};

bool codes_agree(const calibrate::MacroSummary& summary) {
    return static_cast<double>(summary.equal) >= kEqualCodes * static_cast<double>(summary.codes) &&
           summary.worst_code <= kWorstCode &&
           std::abs(summary.model_joule - summary.spice_joule) <= kMeanEnergy * summary.spice_joule;
}

std::string summary_text(const calibrate::MacroEquivalence& equivalence,
                         const calibrate::MacroSummary& summary) {
    std::string text = fmt::format(
        "{} codes of {} multiplies: {} equal ({:.2f} %), the worst off by {}\n"
        "energy of a multiply: {:.4g} pJ in SPICE, {:.4g} pJ in the model; error of one {:.2g} % "
        "rms, {:.2g} % worst\n",
        summary.codes, equivalence.multiplies.size(), summary.equal,
        100 * static_cast<double>(summary.equal) / static_cast<double>(summary.codes),
        summary.worst_code, summary.spice_joule * 1e12, summary.model_joule * 1e12,
        100 * summary.rms_joule_error, 100 * summary.worst_joule_error);
    const std::size_t measured = equivalence.runs.spice_runs - equivalence.runs.cached_runs;
    if (measured > 0 && equivalence.model_second > 0) {
        const auto multiplies = static_cast<double>(equivalence.multiplies.size());
        text += fmt::format("one multiply takes ngspice {:.2g} times as long as the model\n",
                            equivalence.runs.simulator_second / static_cast<double>(measured) /
                                (equivalence.model_second / multiplies));
    }
    return text;
}

// What to print, what to write, and whether the card is good enough.
struct Outcome {
    std::string text, json;
    bool good = false;
};

Outcome compare_random(const behavioral::ModelCard& card, const Options& options,
                       const calibrate::CalibrateOptions& how) {
    const auto equivalence = calibrate::compare_macro(card, options.macro, how);
    const calibrate::MacroSummary summary = calibrate::summarize(equivalence);
    return {runs_text(equivalence.runs) + summary_text(equivalence, summary),
            macro_to_json(equivalence, summary, card.provenance), codes_agree(summary)};
}

Outcome compare_network(const behavioral::ModelCard& card, const Options& options,
                        const calibrate::CalibrateOptions& how) {
    flows::InferOptions infer;
    infer.model = options.model;
    infer.data = options.data;
    infer.limit = options.limit;
    infer.seed = how.seed;
    infer.programming_error = false;
    const auto both = flows::run_network_in_spice(card, infer, how);
    const flows::NetworkInSpiceSummary summary = flows::summarize(both);
    return {runs_text(both.runs) + network_text(both, summary),
            network_to_json(both, summary, card.provenance), classes_agree(summary)};
}

Outcome run_integrated(const netlist::Spec& spec, const calibrate::CalibrateOptions& how) {
    const calibrate::IntegratedMacro macro = calibrate::run_integrated_macro(spec, how);
    return {runs_text(macro.runs) + integrating_macro_text(macro.multiply),
            integrating_macro_json(macro, spec),
            macro.multiply.worst_code() <= kWorstIntegratedCode};
}

int run_spec(const Options& options) {
    if (!options.model.empty()) {
        throw bad_input("{}: expected a card (JSON) beside --model, found a spec",
                        options.card.string());
    }
    const netlist::Spec spec = netlist::read_spec(options.card);
    calibrate::CalibrateOptions how = calibrate_options(options.spice);
    Outcome outcome;
    {
        ProgressBar bar("SPICE runs", options.spice.quiet);
        how.progress = bar.callback();
        outcome = run_integrated(spec, how);
    }
    tell(options.output, fmt::format("{}, seed {}: {}", spec.name, how.seed, outcome.text));
    if (!options.output.empty()) {
        write_output(options.output, outcome.json);
        tell_written(options.output);
    }
    return outcome.good ? 0 : static_cast<int>(ErrorKind::bad_result);
}

int run(const Options& options) {
    std::vector<fs::path> inputs{options.card};
    if (!options.model.empty()) inputs.push_back(options.model);
    if (!options.output.empty()) check_output(options.output, inputs);
    if (options.card.extension() == ".toml") return run_spec(options);
    const behavioral::ModelCard card =
        behavioral::card_from_json(read_file(options.card), options.card.string());
    calibrate::CalibrateOptions how = calibrate_options(options.spice);
    Outcome outcome;
    {
        ProgressBar bar("SPICE runs", options.spice.quiet);
        how.progress = bar.callback();
        outcome = options.model.empty() ? compare_random(card, options, how)
                                        : compare_network(card, options, how);
    }
    tell(options.output,
         fmt::format("{}, seed {}: {}", card.provenance.spec_name, how.seed, outcome.text));
    if (!options.output.empty()) {
        write_output(options.output, outcome.json);
        tell_written(options.output);
    }
    return outcome.good ? 0 : static_cast<int>(ErrorKind::bad_result);
}

}  // namespace

Verb macro_verb() {
    return {
        "macro",
        "compare a card with its whole macro at transistor level, or run one of integrators",
        "  mho macro card.json --vectors 1000 -o macro.json\n"
        "  runs the array with all drivers, read-outs, comparators and the ramp in one\n"
        "  transient for each random input and compares codes and energy with the card's.\n"
        "  Exit code 1 when fewer than 99 % of the codes are equal, one is off by more than\n"
        "  one, or the energy by more than 2 %. Interrupted, it goes on where it was.\n"
        "\n"
        "  mho macro card.json --model NET.onnx --data DIR --limit 100 -o network.json\n"
        "  runs every multiply of a network in ngspice, layer by layer, and the network on the\n"
        "  card. Exit code 1 when an image's class differs, or logits by more than 1 % rms of\n"
        "  their range.\n"
        "\n"
        "  mho macro examples/macro4/spec.toml\n"
        "  of a spec with integrators: one multiply of random states and codes, its codes beside\n"
        "  the ideal ones and its energy by block. Exit code 1 when a code is off by more than\n"
        "  one.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("card", options->card,
                           "the card (JSON) of mho calibrate, or a spec (TOML) with integrators")
                ->required();
            app.add_option("-o,--output", options->output,
                           "codes and energy of every multiply (JSON); - is standard output");
            require_count(app.add_option("--vectors", options->macro.vectors,
                                         "random inputs (default 1000)"));
            require_count(app.add_option("--vectors-per-array", options->macro.vectors_per_array,
                                         "then other cell states (default 100)"));
            CLI::Option* model = app.add_option("--model", options->model,
                                                "a network (ONNX), whose multiplies are run");
            CLI::Option* data =
                app.add_option("--data", options->data, "folder of the images it is run on");
            model->needs(data);
            data->needs(model);
            app.add_option("--limit", options->limit, "first images only (default: all)")
                ->needs(model);
            declare(app, options->spice);
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
