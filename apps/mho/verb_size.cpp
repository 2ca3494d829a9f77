// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/progress.h"
#include "flows/size_axis.h"
#include "flows/size_study.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    flows::SizeOptions size;
    std::vector<std::string> axes;
    fs::path output, plot;
    double tolerance_points = 1, confidence_percent = 95;
    bool quiet = false;
};

void prepare_outputs(Options& options) {
    const std::vector<fs::path> inputs{options.size.infer.model};
    check_output(options.output, inputs);
    const bool file = !is_standard_output(options.output);
    if (options.plot.empty() && file) {
        options.plot = options.output;
        options.plot.replace_extension(".svg");
    }
    if (!options.plot.empty()) check_output(options.plot, inputs);
    if (options.plot == options.output && !options.plot.empty()) {
        throw bad_input("{}: result and plot, expected two files", options.plot.string());
    }
    if (file) {
        options.size.kept = options.output;
        options.size.kept += ".passes";
    }
}

int run(Options options) {
    for (const std::string& axis : options.axes) {
        options.size.axes.push_back(flows::parse_axis(axis));
    }
    options.size.tolerance = options.tolerance_points / 100;
    options.size.confidence = options.confidence_percent / 100;
    prepare_outputs(options);
    flows::SizeStudy study;
    {
        ProgressBar bar("images", options.quiet);
        options.size.infer.progress = bar.callback();
        study = flows::study_size(options.size);
    }
    write_output(options.output, flows::size_to_json(study));
    // A study that was stopped has too few points, and drawing would be stopped with it.
    const bool drawn = !options.plot.empty() && !study.interrupted;
    if (drawn) write_output(options.plot, flows::size_svg(study));
    tell(options.output, flows::size_text(study));
    tell_written(options.output);
    if (drawn) tell_written(options.plot);
    if (study.interrupted) {
        throw Error(ErrorKind::interrupted,
                    fmt::format("interrupted; {} holds the first {} points, the same command goes "
                                "on with the next",
                                options.output.string(), study.points.size()));
    }
    return study.recommended ? 0 : static_cast<int>(ErrorKind::bad_result);
}

void declare_options(CLI::App& app, Options& options) {
    flows::InferOptions& infer = options.size.infer;
    infer.trials = 5;
    app.add_option("--model", infer.model, "the network (ONNX)")->required();
    app.add_option("--data", infer.data, "folder of the labelled images, as of 'mho infer'")
        ->required();
    app.add_option("--system", options.size.system,
                   "a name (data/systems) or a .toml file (docs/formats/system.md)")
        ->required();
    app.add_option("--set", options.size.changes, "KEY=VALUE: one value of the system changed")
        ->allow_extra_args(false);
    app.add_option("--axis", options.axes,
                   "NAME=LOW:HIGH, NAME=LOW:HIGH:POINTS or NAME=VALUE,VALUE...: what to\n"
                   "try; may be given several times. Names: rows, columns, bits,\n"
                   "weight_bits, input_bits, wire, on_off, error, read_noise,\n"
                   "readout_noise, dose, time, or any key of the system file")
        ->required()
        ->allow_extra_args(false);
    app.add_option("--tolerance", options.tolerance_points,
                   "accuracy that may be lost, percentage points (default 1)");
    app.add_option("--confidence", options.confidence_percent,
                   "that no more is lost, percent (default 95)");
    app.add_option("-o,--output", options.output,
                   "the result (JSON); - is standard output. Finished passes are\n"
                   "kept in OUTPUT.passes for the next run")
        ->required();
    app.add_option("--plot", options.plot, "the plot (default: OUTPUT with .svg)");
    app.add_option("--normalize", infer.normalize, "as of 'mho infer'");
    require_count(app.add_option("--limit", infer.limit,
                                 "only so many images, from the first (default all)"));
    require_count(app.add_option("--seed", infer.seed, "seed of all errors (default 1)"));
    require_count(
        app.add_option("--trials", infer.trials, "instances of each point, 2 or more (default 5)"));
    require_count(app.add_option("--threads", infer.threads, "threads (default: one per core)"));
    app.add_flag("--quiet", options.quiet, "no progress bar");
}

}  // namespace

Verb size_verb() {
    return {
        "size", "find the largest array, and the smallest converter, that keep the accuracy",
        "  mho size --model data/digits/mlp_digits.onnx --data data/digits --system taox \\\n"
        "      --axis rows=16:256 --axis bits=4:8 --axis wire=1e-6:1e-3 --tolerance 1 \\\n"
        "      -o size.json\n"
        "  tries every size under every condition, five instances each, and recommends the\n"
        "  largest array, then the fewest bits, that lose at most one point under all of them;\n"
        "  size.svg shows it. Stopped, the same command goes on where it was.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            declare_options(app, *options);
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
