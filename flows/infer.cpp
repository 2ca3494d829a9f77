// SPDX-License-Identifier: Apache-2.0
#include "flows/infer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/version.h"
#include "behavioral/card_check.h"
#include "behavioral/drive_ratio.h"
#include "flows/activation_range.h"
#include "flows/analog_engine.h"
#include "flows/dataset.h"
#include "flows/float_engine.h"
#include "flows/inference_notes.h"
#include "flows/layer_quality.h"
#include "flows/mapping.h"
#include "flows/onnx_read.h"
#include "flows/trial.h"

namespace mho::flows {
namespace {

constexpr std::size_t kCalibrationImages = 256;
constexpr std::size_t kMacroQualityImages = 256;
constexpr std::size_t kEnergyChunks = 16;  // energy is exact up to 16 * kChunkImages images
constexpr int kMaxTrials = 1000;

struct Setup {
    const behavioral::ModelCard& card;
    const InferOptions& options;
    Network network;
    Dataset data;
    Mapping mapping;
    std::vector<double> ranges;
    std::vector<int> float_classes;

    bool should_stop() const { return options.stop && options.stop(); }
    InstanceOptions instance(std::size_t trial) const {
        InstanceOptions instance;
        instance.seed = options.seed;
        instance.trial = static_cast<std::uint32_t>(trial);
        instance.programming_error = options.programming_error;
        instance.readout_noise = options.readout_noise;
        instance.mismatch = options.mismatch;
        instance.energy = trial == 0;
        instance.threads = options.threads;
        return instance;
    }
};

Setup prepare(const behavioral::ModelCard& card, const InferOptions& options) {
    behavioral::check_card(card, "card");
    behavioral::require_column(card, "inference");
    if (options.trials < 1 || options.trials > kMaxTrials) {
        throw bad_input("trials = {}, 1 to {} expected", options.trials, kMaxTrials);
    }
    Setup setup{card, options, read_onnx(options.model), {}, {}, {}, {}};
    setup.data = load_data_for(setup.network, options);
    setup.mapping = map_network(setup.network, card);
    RangeOptions range;
    range.images = kCalibrationImages;
    range.percentile = options.activation_percentile;
    range.threads = options.threads;
    setup.ranges = activation_ranges(setup.network, setup.data, range);
    const auto before_chunk = [&] {
        if (setup.should_stop()) throw interrupted_before_any();
    };
    setup.float_classes = arg_max_rows(
        float_scores(setup.network, setup.data, setup.data.size(), options.threads, before_chunk),
        element_count(setup.network.output_shape()));
    return setup;
}

// All that the trials leave behind.
struct Trials {
    std::vector<Trial> done;
    std::vector<LayerQuality> quality;  // of the first instance
    bool interrupted = false;
};

Trial run_one(const Setup& setup, const AnalogNetwork& analog, std::size_t t) {
    const std::size_t images = setup.data.size();
    TrialOptions options;
    options.threads = setup.options.threads;
    options.energy_every = t == 0 ? (chunk_count(images) - 1) / kEnergyChunks + 1 : 0;
    options.stop = setup.options.stop;
    options.on_chunk = [&](std::size_t done, std::size_t correct) {
        if (!setup.options.progress) return;
        const double percent = 100 * static_cast<double>(correct) / static_cast<double>(done);
        setup.options.progress(t * images + done,
                               static_cast<std::size_t>(setup.options.trials) * images,
                               fmt::format("analog accuracy {:.2f} %", percent));
    };
    return run_trial(setup.network, analog, setup.data, options);
}

Trials run_trials(const Setup& setup) {
    Trials trials;
    const std::size_t images = setup.data.size();
    for (std::size_t t = 0; t < static_cast<std::size_t>(setup.options.trials); ++t) {
        if (setup.should_stop()) {
            trials.interrupted = true;
            break;
        }
        Trial trial;
        const auto work = [&] {
            const AnalogNetwork analog = compile_network(setup.network, setup.mapping, setup.ranges,
                                                         setup.card, setup.instance(t));
            if (t == 0) {
                trials.quality =
                    layer_quality(setup.network, analog, setup.data,
                                  std::min(images, kMacroQualityImages), setup.options.threads);
            }
            trial = run_one(setup, analog, t);
        };
        if (!done_uninterrupted(work)) trial = {};
        trials.interrupted = trial.images < images;
        if (trial.images > 0 && (t == 0 || !trials.interrupted)) {
            trials.done.push_back(std::move(trial));
        }
        if (trials.interrupted) break;
    }
    if (trials.done.empty()) throw interrupted_before_any();
    return trials;
}

// Fraction of the images classified in `trial` for which `hit(image)` holds.
template <typename Hit>
double fraction(const Trial& trial, Hit hit) {
    std::size_t hits = 0;
    for (std::size_t i = 0; i < trial.classes.size(); ++i) {
        hits += trial.classes[i] >= 0 && hit(i) ? 1 : 0;
    }
    return static_cast<double>(hits) / static_cast<double>(trial.images);
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values, double mean) {
    if (values.size() < 2) return 0;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

void fill_accuracy(const Setup& setup, const Trials& trials, InferenceReport& report) {
    const std::vector<int>& labels = setup.data.labels;
    std::vector<double> agreement;
    for (const Trial& trial : trials.done) {
        report.analog.per_trial.push_back(
            fraction(trial, [&](std::size_t i) { return trial.classes[i] == labels[i]; }));
        agreement.push_back(fraction(
            trial, [&](std::size_t i) { return trial.classes[i] == setup.float_classes[i]; }));
    }
    report.analog.mean = mean_of(report.analog.per_trial);
    report.analog.std = deviation_of(report.analog.per_trial, report.analog.mean);
    report.analog.agreement_with_float = mean_of(agreement);
    report.accuracy_float = fraction(
        trials.done[0], [&](std::size_t i) { return setup.float_classes[i] == labels[i]; });
}

LayerReport layer_report(const Setup& setup, const Trials& trials, std::size_t k) {
    const MappedLayer& mapped = setup.mapping.layers[k];
    const Node& node = setup.network.nodes[mapped.node];
    const ProductShape& shape = mapped.shape;
    LayerReport layer;
    layer.name = node.name;
    layer.op = operator_name(node.op);
    layer.inputs = shape.inputs * shape.groups;
    layer.outputs = shape.outputs * shape.groups;
    layer.macs = std::int64_t{shape.inputs} * shape.outputs * shape.groups * shape.positions;
    layer.positions = shape.positions;
    layer.row_blocks = mapped.row_blocks;
    layer.column_blocks = mapped.column_blocks;
    layer.tiles = static_cast<int>(mapped.tiles.size());
    layer.utilisation = mapped.utilisation;
    layer.weight_max = mapped.weight_max;
    layer.activation_max = setup.ranges[mapped.node];
    layer.signal_to_error_db = trials.quality[k].signal_to_error_db;
    layer.column_current_max_ampere = trials.quality[k].column_current_max_ampere;
    LayerTally all;
    for (const Trial& trial : trials.done) all += trial.tallies[k];
    layer.adc_saturated_fraction =
        static_cast<double>(all.saturated) / static_cast<double>(all.conversions);
    layer.energy_joule = trials.done[0].tallies[k].energy.total_joule() /
                         static_cast<double>(trials.done[0].energy_images);
    layer.latency_second =
        shape.positions * (setup.card.timing.settle_second + setup.card.timing.conversion_second);
    return layer;
}

behavioral::TileEnergy scaled(const behavioral::TileEnergy& energy, double factor) {
    return {energy.drivers_joule * factor, energy.readout_joule * factor,
            energy.comparator_joule * factor, energy.ramp_joule * factor};
}

void fill_energy(const Trials& trials, InferenceReport& report) {
    const Trial& first = trials.done[0];
    behavioral::TileEnergy sum;
    for (const LayerTally& tally : first.tallies) sum += tally.energy;
    EnergyReport& energy = report.energy;
    energy.images_evaluated = first.energy_images;
    energy.breakdown = scaled(sum, 1 / static_cast<double>(first.energy_images));
    energy.per_inference_joule = energy.breakdown.total_joule();
    energy.operations_per_inference = 2 * static_cast<double>(report.model.macs_per_inference);
    if (energy.per_inference_joule > 0) {
        energy.tops_per_watt = energy.operations_per_inference / energy.per_inference_joule * 1e-12;
    }
}

// Of the first tile of the layer whose tiles use most rows.
IrDropMap ir_drop_map(const Setup& setup) {
    const auto& layers = setup.mapping.layers;
    const auto fuller = [](const MappedLayer& a, const MappedLayer& b) {
        return a.tiles[0].inputs < b.tiles[0].inputs;
    };
    const MappedLayer& layer = *std::max_element(layers.begin(), layers.end(), fuller);
    IrDropMap map;
    map.layer = setup.network.nodes[layer.node].name;
    map.rows_used = 2 * layer.tiles[0].inputs;
    map.columns_used = layer.tiles[0].outputs;
    map.drive_volt = std::min(setup.card.driver.amplitude_volt, setup.card.cell.v_max_volt);
    map.ratio = behavioral::cell_drive_ratio(
        programmed_states(setup.network, layer, 0, setup.card, setup.instance(0)), setup.card,
        map.drive_volt);
    return map;
}

}  // namespace

Dataset load_data_for(const Network& network, const InferOptions& options) {
    DataOptions how;
    how.limit = options.limit;
    how.preprocessing = find_preprocessing(options.normalize, options.model);
    how.input = network.input_shape();
    how.threads = options.threads;
    Dataset data = load_dataset(options.data, how);
    check_data_fits(network, data);
    return data;
}

ModelInfo model_info(const Network& network, const std::filesystem::path& path) {
    return {path.string(), network.name, parameter_count(network), macs_per_inference(network)};
}

Error interrupted_before_any() {
    return {ErrorKind::interrupted, "interrupted before any image was done"};
}

InferenceReport infer(const behavioral::ModelCard& card, const InferOptions& options) {
    const Setup setup = prepare(card, options);
    InferenceReport report;
    report.ir_drop = ir_drop_map(setup);  // a solve, which an interrupt would end
    const Trials trials = run_trials(setup);
    report.mho_version = kVersion;
    report.model = model_info(setup.network, options.model);
    report.data = {options.data.string(), setup.data.format};
    report.samples = trials.done[0].images;
    report.seed = options.seed;
    report.trials = static_cast<int>(trials.done.size());
    report.interrupted = trials.interrupted;
    report.calibration_images = std::min(setup.data.size(), kCalibrationImages);
    report.quality_images = std::min(setup.data.size(), kMacroQualityImages);
    report.activation_percentile = options.activation_percentile;
    fill_accuracy(setup, trials, report);
    for (std::size_t k = 0; k < setup.mapping.layers.size(); ++k) {
        report.layers.push_back(layer_report(setup, trials, k));
        report.latency_per_inference_second += report.layers.back().latency_second;
    }
    fill_energy(trials, report);
    report.card = card;
    report.notes = inference_notes(report);
    return report;
}

}  // namespace mho::flows
