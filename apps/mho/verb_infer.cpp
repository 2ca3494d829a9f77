// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "behavioral/card_json.h"
#include "behavioral/conditions.h"
#include "flows/confidence.h"
#include "flows/float_engine.h"
#include "flows/infer.h"
#include "flows/infer_float.h"
#include "flows/infer_json.h"
#include "flows/infer_system.h"
#include "flows/npy.h"
#include "flows/report_units.h"
#include "flows/system_toml.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path card, system, output, logits, predictions;
    std::vector<std::string> changes;
    flows::InferOptions infer;
    bool ideal_programming = false, no_noise = false, no_mismatch = false, quiet = false;
    bool ablate = false;
    // Of the card; what is not given is the card's own.
    std::optional<std::string> corner;
    std::optional<double> temperature_celsius, supply;
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
        text += fmt::format(" (drivers {:.0f} %, read-out {:.0f} %, {} {:.0f} %",
                            100 * parts.drivers_joule / total, 100 * parts.readout_joule / total,
                            parts.ramp_joule > 0 ? "comparators" : "converters",
                            100 * parts.comparator_joule / total);
        text += parts.ramp_joule > 0
                    ? fmt::format(", ramp {:.0f} %)", 100 * parts.ramp_joule / total)
                    : ")";
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

// Scores (samples x classes) and their classes, where asked for.
void write_scores(const Options& options, const std::vector<float>& scores, std::size_t classes) {
    if (!options.logits.empty()) {
        const flows::NpyArray array{
            {scores.size() / classes, classes}, {scores.begin(), scores.end()}, "<f4"};
        write_output(options.logits, flows::npy_bytes(array));
        tell_written(options.logits);
    }
    if (!options.predictions.empty()) {
        const std::vector<int> best = flows::arg_max_rows(scores, classes);
        const flows::NpyArray array{{best.size()}, {best.begin(), best.end()}, "<u2"};
        write_output(options.predictions, flows::npy_bytes(array));
        tell_written(options.predictions);
    }
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
    write_scores(options, result.scores, result.classes);
    if (result.interrupted) {
        throw_interrupted(options, fmt::format("the first {} images", result.samples));
    }
    return 0;
}

std::string system_layers_text(const std::vector<flows::SystemLayerReport>& layers) {
    std::size_t width = 5;
    for (const auto& layer : layers) width = std::max(width, layer.map.name.size());
    std::string text = fmt::format("{:<{}}  {:>8} {:>12} {:>7} {:>13} {:>10}\n", "layer", width,
                                   "operator", "matrix", "arrays", "signal/error", "saturated");
    for (const auto& layer : layers) {
        const flows::ProductShape& shape = layer.map.shape;
        text += fmt::format("{:<{}}  {:>8} {:>12}", layer.map.name, width, layer.map.op,
                            fmt::format("{} x {}", shape.inputs, shape.outputs));
        text += layer.map.digital ? " digital\n"
                                  : fmt::format(" {:>7} {:>13} {:>10}\n", layer.map.arrays,
                                                fmt::format("{:.1f} dB", layer.signal_to_error_db),
                                                percent(layer.adc_saturated_fraction));
    }
    return text;
}

std::string system_summary(const flows::SystemReport& report) {
    std::string text = fmt::format(
        "{} on {} images of {}, system {}, {} trial{}\n", report.model.path, report.samples,
        report.data.path, report.system.name, report.trials, report.trials == 1 ? "" : "s");
    text += fmt::format("accuracy     float {}, system {}", percent(report.accuracy_float),
                        percent(report.analog.mean));
    if (report.trials > 1) {
        text += fmt::format(" +- {}, mean within {} (95 % confidence)", percent(report.analog.std),
                            percent(flows::confidence_half_width(report.analog.per_trial)));
    }
    text += fmt::format(" ({} as float)\n", percent(report.analog.agreement_with_float));
    if (report.energy_joule) {
        text += fmt::format("energy       {} per inference, converters only\n",
                            flows::engineering(*report.energy_joule, "J"));
    }
    if (report.latency_second) {
        text += fmt::format("latency      {} per inference\n",
                            flows::engineering(*report.latency_second, "s"));
    }
    text += system_layers_text(report.layers);
    for (const flows::Ablation& one : report.ablations) {
        text += fmt::format("without {:<22} {} +- {} ({:+.2f} points)\n", one.name,
                            percent(one.without.mean), percent(one.without.std), 100 * one.gain);
    }
    for (const std::string& note : report.notes) text += "note: " + note + "\n";
    return text;
}

// A card beside a system gives its measured converter.
flows::SystemSpec read_described(const Options& options) {
    std::vector<std::string> changes = options.changes;
    if (!options.card.empty()) {
        const behavioral::ModelCard card =
            behavioral::card_from_json(read_file(options.card), options.card.string());
        changes.insert(changes.begin(), {"adc.model=card", "adc.card=" + options.card.string(),
                                         fmt::format("adc.bits={}", card.adc.bits)});
    }
    return flows::read_system(options.system, changes);
}

int run_system(const Options& options) {
    const flows::SystemSpec spec = read_described(options);
    if (spec.products == flows::Products::floating) return run_digital(options);
    flows::InferOptions how = options.infer;
    flows::SystemReport report;
    {
        ProgressBar bar("images", options.quiet);
        how.progress = bar.callback();
        report = flows::infer_system(spec, how, options.ablate);
    }
    write_output(options.output, flows::system_report_to_json(report));
    tell(options.output, system_summary(report));
    tell_written(options.output);
    write_scores(options, report.scores, report.classes);
    if (report.interrupted) {
        throw_interrupted(options, fmt::format("{} trial{} of {} images", report.trials,
                                               report.trials == 1 ? "" : "s", report.samples));
    }
    return 0;
}

void check_outputs(const Options& options) {
    std::vector<fs::path> inputs{options.infer.model};
    if (!options.card.empty()) inputs.push_back(options.card);
    check_output(options.output, inputs);
    for (const fs::path& extra : {options.logits, options.predictions}) {
        if (extra.empty()) continue;
        if (!options.card.empty() && options.system.empty()) {
            throw bad_input("--logits and --predictions are of the float network; without --card");
        }
        check_output(extra, inputs);
    }
}

void check_system_options(const Options& options) {
    if (options.system.empty()) {
        if (options.ablate || !options.changes.empty()) {
            throw bad_input("--set and --ablate are of --system");
        }
        return;
    }
    if (options.ideal_programming || options.no_noise || options.no_mismatch) {
        throw bad_input(
            "--ideal-programming, --no-noise and --no-mismatch are of --card; with --system: "
            "--set device.error_scale=0, --set device.read_noise_scale=0");
    }
}

bool asks_for_condition(const Options& options) {
    return options.corner || options.temperature_celsius || options.supply;
}

// The card, at the condition asked for.
behavioral::ModelCard read_card(const Options& options) {
    behavioral::ModelCard card =
        behavioral::card_from_json(read_file(options.card), options.card.string());
    if (!asks_for_condition(options)) return card;
    const std::string own =
        card.conditions.corners.empty() ? std::string() : card.conditions.corners.front();
    return behavioral::at_condition(
        card, {options.corner.value_or(own),
               options.temperature_celsius.value_or(card.provenance.temperature_celsius),
               options.supply.value_or(1)});
}

int run(const Options& options) {
    if (options.card.empty() && asks_for_condition(options)) {
        throw bad_input("--corner, --temperature and --supply are of --card");
    }
    check_system_options(options);
    check_outputs(options);
    if (!options.system.empty()) return run_system(options);
    if (options.card.empty()) return run_digital(options);
    const behavioral::ModelCard card = read_card(options);
    flows::InferOptions how = options.infer;
    how.programming_error = !options.ideal_programming;
    how.readout_noise = !options.no_noise;
    how.mismatch = !options.no_mismatch;
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
                   "the network runs in digital single precision. With\n"
                   "--system: the card's converter on that system");
    app.add_option("--system", options.system,
                   "a described system instead: a name (data/systems) or a\n"
                   ".toml file (docs/formats/system.md)");
    app.add_option("--set", options.changes,
                   "KEY=VALUE: one value of the system changed, e.g. array.rows=256")
        ->allow_extra_args(false);
    app.add_flag("--ablate", options.ablate,
                 "with --system: each non-ideality off in turn, and what it costs");
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
    app.add_option("--logits", options.logits,
                   "scores of the network, float or of the first trial of\n"
                   "--system (NPY, float32)");
    app.add_option("--predictions", options.predictions, "its classes (NPY, uint16)");
    app.add_flag("--ideal-programming", options.ideal_programming, "no programming errors");
    app.add_flag("--no-noise", options.no_noise, "no noise in the read-out");
    app.add_flag("--no-mismatch", options.no_mismatch,
                 "read-outs alike, where the card knows their spread");
    app.add_option("--corner", options.corner,
                   "the card at another process corner: ss, ff, .. as far as it\n"
                   "was measured ([calibration] of its spec)");
    app.add_option("--temperature", options.temperature_celsius, "at another temperature, celsius");
    app.add_option("--supply", options.supply, "at supplies this part of the nominal: 0.95");
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
        "  runs the network itself in single precision.\n"
        "  mho infer --system sonos-tcas --set wire.r_col=1 --model resnet20.onnx --data cifar10 "
        "\\\n"
        "      --ablate -o result.json\n"
        "  runs it on a described system with one value changed, and tells what each error costs.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            declare_options(app, *options);
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
