// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "behavioral/card_json.h"
#include "flows/float_engine.h"
#include "flows/infer.h"
#include "flows/infer_float.h"
#include "flows/infer_json.h"
#include "flows/npy.h"
#include "flows/report_units.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path card, output, logits, predictions;
    flows::InferOptions infer;
    bool ideal_programming = false, no_noise = false, quiet = false;
};

std::string percent(double fraction) {
    return fmt::format("{:.2f} %", 100 * fraction);
}

std::string accuracy_text(const flows::InferenceReport& report) {
    const flows::AnalogAccuracy& analog = report.analog;
    std::string text = fmt::format("accuracy     float {}, analog {}",
                                   percent(report.accuracy_float), percent(analog.mean));
    if (report.trials > 1) text += " +- " + percent(analog.std);
    return text + fmt::format(" ({} as float)\n", percent(analog.agreement_with_float));
}

std::string energy_text(const flows::EnergyReport& energy) {
    const behavioral::TileEnergy& parts = energy.breakdown;
    const double total = parts.total_joule();
    std::string text = fmt::format("energy       {} per inference",
                                   flows::engineering(energy.per_inference_joule, "J"));
    if (total > 0) {
        text += fmt::format(
            " (drivers {:.0f} %, read-out {:.0f} %, comparators {:.0f} %, "
            "ramp {:.0f} %)",
            100 * parts.drivers_joule / total, 100 * parts.readout_joule / total,
            100 * parts.comparator_joule / total, 100 * parts.ramp_joule / total);
    }
    return text + fmt::format("\nefficiency   {:.3g} TOPS/W at core level\n", energy.tops_per_watt);
}

std::string layers_text(const std::vector<flows::LayerReport>& layers) {
    std::size_t width = 5;
    for (const flows::LayerReport& layer : layers) width = std::max(width, layer.name.size());
    std::string text = fmt::format("{:<{}}  {:>8} {:>12} {:>6} {:>13} {:>10} {:>9} {:>9}\n",
                                   "layer", width, "operator", "matrix", "tiles", "signal/error",
                                   "saturated", "energy", "latency");
    for (const flows::LayerReport& layer : layers) {
        text += fmt::format("{:<{}}  {:>8} {:>12} {:>6} {:>13} {:>10} {:>9} {:>9}\n", layer.name,
                            width, layer.op, fmt::format("{} x {}", layer.inputs, layer.outputs),
                            layer.tiles, fmt::format("{:.1f} dB", layer.signal_to_error_db),
                            percent(layer.adc_saturated_fraction),
                            flows::engineering(layer.energy_joule, "J"),
                            flows::engineering(layer.latency_second, "s"));
    }
    return text;
}

std::string summary(const flows::InferenceReport& report) {
    std::string text =
        fmt::format("{} on {} images of {}, {} trial{}\n", report.model.path, report.samples,
                    report.data.path, report.trials, report.trials == 1 ? "" : "s");
    text += accuracy_text(report);
    text += energy_text(report.energy);
    text += fmt::format("latency      {} per inference\n",
                        flows::engineering(report.latency_per_inference_second, "s"));
    text += layers_text(report.layers);
    for (const std::string& note : report.notes) text += "note: " + note + "\n";
    return text;
}

flows::NpyArray logits_array(const flows::FloatInference& result) {
    return {{result.samples, result.classes}, {result.scores.begin(), result.scores.end()}, "<f4"};
}

flows::NpyArray predictions_array(const flows::FloatInference& result) {
    const std::vector<int> classes = flows::arg_max_rows(result.scores, result.classes);
    return {{classes.size()}, {classes.begin(), classes.end()}, "<u2"};
}

[[noreturn]] void throw_interrupted(const Options& options, const std::string& done) {
    throw Error(ErrorKind::interrupted, fmt::format("interrupted; {} holds what was done: {}",
                                                    options.output.string(), done));
}

// The network alone, in digital single precision.
int run_digital(const Options& options) {
    flows::InferOptions how = options.infer;
    flows::FloatInference result;
    {
        ProgressBar bar("images", options.quiet);
        how.progress = bar.callback();
        result = flows::infer_float(how);
    }
    write_output(options.output, flows::float_inference_to_json(result));
    tell(options.output,
         fmt::format("{} on {} images of {}\naccuracy     float {}\n", result.model.path,
                     result.samples, result.data.path, percent(result.accuracy)));
    tell_written(options.output);
    if (!options.logits.empty()) {
        write_output(options.logits, flows::npy_bytes(logits_array(result)));
        tell_written(options.logits);
    }
    if (!options.predictions.empty()) {
        write_output(options.predictions, flows::npy_bytes(predictions_array(result)));
        tell_written(options.predictions);
    }
    if (result.interrupted) {
        throw_interrupted(options, fmt::format("the first {} images", result.samples));
    }
    return 0;
}

void check_outputs(const Options& options) {
    std::vector<fs::path> inputs{options.infer.model};
    if (!options.card.empty()) inputs.push_back(options.card);
    check_output(options.output, inputs);
    for (const fs::path& extra : {options.logits, options.predictions}) {
        if (extra.empty()) continue;
        if (!options.card.empty()) {
            throw bad_input("--logits and --predictions are of the float network; without --card");
        }
        check_output(extra, inputs);
    }
}

int run(const Options& options) {
    check_outputs(options);
    if (options.card.empty()) return run_digital(options);
    const behavioral::ModelCard card =
        behavioral::card_from_json(read_file(options.card), options.card.string());
    flows::InferOptions how = options.infer;
    how.programming_error = !options.ideal_programming;
    how.readout_noise = !options.no_noise;
    flows::InferenceReport report;
    {
        ProgressBar bar("images", options.quiet);
        how.progress = bar.callback();
        report = flows::infer(card, how);
    }
    write_output(options.output, flows::inference_to_json(report));
    tell(options.output, summary(report));
    tell_written(options.output);
    if (report.interrupted) {
        throw_interrupted(options, fmt::format("{} trial{} of {} images", report.trials,
                                               report.trials == 1 ? "" : "s", report.samples));
    }
    return 0;
}

void declare_options(CLI::App& app, Options& options) {
    flows::InferOptions& infer = options.infer;
    app.add_option("--card", options.card,
                   "the array's card, made by 'mho calibrate'; without it\n"
                   "the network runs in digital single precision");
    app.add_option("--model", infer.model, "the network (ONNX)")->required();
    app.add_option("--data", infer.data,
                   "folder of the labelled images: IDX, CIFAR-10,\n"
                   "NumPy files, or pictures with a labels.csv")
        ->required();
    app.add_option("--normalize", infer.normalize,
                   "unit, imagenet, none, signed, caffe or a .toml file\n"
                   "(default: NET.toml beside the network, or as usual)");
    app.add_option("-o,--output", options.output, "the result (JSON); - is standard output")
        ->required();
    require_count(app.add_option("--limit", infer.limit,
                                 "only so many images, from the first (default all)"));
    require_count(
        app.add_option("--seed", infer.seed, "seed of programming errors and noise (default 1)"));
    require_count(app.add_option("--trials", infer.trials,
                                 "arrays programmed, each with errors of its own (default 1)"));
    require_count(app.add_option("--threads", infer.threads, "threads (default: one per core)"));
    app.add_option("--percentile", infer.activation_percentile,
                   "percent of a layer's activations inside the range of its\n"
                   "row drivers (default 100)");
    app.add_option("--logits", options.logits, "scores of the float network (NPY, float32)");
    app.add_option("--predictions", options.predictions, "its classes (NPY, uint16)");
    app.add_flag("--ideal-programming", options.ideal_programming, "no programming errors");
    app.add_flag("--no-noise", options.no_noise, "no noise in the read-out");
    app.add_flag("--quiet", options.quiet, "no progress bar");
}

}  // namespace

Verb infer_verb() {
    return {
        "infer", "run a network, on the calibrated array or digitally: accuracy, energy, latency",
        "  mho infer --card card.json --model data/digits/mlp_digits.onnx --data data/digits \\\n"
        "      --trials 5 -o result.json\n"
        "  maps the network onto arrays, programs five instances, classifies 1000 digits on\n"
        "  each and writes accuracy, energy and latency with the figures of every layer.\n"
        "  mho infer --model resnet20.onnx --data cifar10 --logits logits.npy -o result.json\n"
        "  runs the network itself in single precision.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            declare_options(app, *options);
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
