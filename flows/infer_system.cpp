// SPDX-License-Identifier: Apache-2.0
#include "flows/infer_system.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/version.h"
#include "behavioral/device_state.h"
#include "flows/float_engine.h"
#include "flows/onnx_read.h"
#include "flows/system_engine.h"
#include "flows/system_quality.h"

namespace mho::flows {
namespace {

constexpr std::size_t kQualityImages = 64;
constexpr int kMostTrials = 1000;

struct Work {
    const InferOptions& options;
    Network network;
    Dataset data;
    std::vector<int> float_classes;
    std::size_t passes = 1;  // over the data set, of all trials and variants
    std::size_t passes_done = 0;

    bool should_stop() const { return options.stop && options.stop(); }
    PlanOptions plan_options() const {
        return {options.threads, [this] {
                    if (should_stop()) throw interrupted_before_any();
                }};
    }
};

// One data set through one instance.
struct Pass {
    std::vector<float> scores;  // of the first `images`
    std::vector<int> classes;
    std::size_t images = 0;  // fewer than the data set's after an early stop
};

void tell_progress(const Work& work, std::size_t done, std::size_t correct) {
    if (!work.options.progress) return;
    const std::size_t images = work.data.size();
    work.options.progress(work.passes_done * images + done, work.passes * images,
                          fmt::format("accuracy {:.2f} %", 100 * static_cast<double>(correct) /
                                                               static_cast<double>(done)));
}

Pass run_pass(const Work& work, const SystemPlan& plan, const SystemInstance& instance) {
    const std::size_t images = work.data.size(), chunks = chunk_count(images);
    const std::size_t classes = element_count(work.network.output_shape());
    std::vector<std::vector<float>> scores(chunks);  // empty: not done
    std::atomic<bool> stopped = false;
    std::mutex mutex;
    std::size_t done = 0, correct = 0;
    parallel_for(chunks, work.options.threads, [&](std::size_t c) {
        if (stopped || work.should_stop()) {
            stopped = true;
            return;
        }
        const Chunk chunk = chunk_at(c, images);
        scores[c] =
            system_scores(work.network, plan, instance, work.data.images(chunk.first, chunk.count),
                          chunk.first, chunk.count);
        const std::vector<int> best = arg_max_rows(scores[c], classes);
        const std::lock_guard lock(mutex);
        done += chunk.count;
        for (std::size_t i = 0; i < chunk.count; ++i) {
            correct += best[i] == work.data.labels[chunk.first + i] ? 1 : 0;
        }
        tell_progress(work, done, correct);
    });
    Pass pass;
    for (std::size_t c = 0; c < chunks && !scores[c].empty(); ++c) {
        pass.scores.insert(pass.scores.end(), scores[c].begin(), scores[c].end());
        pass.images += chunk_at(c, images).count;
    }
    pass.classes = arg_max_rows(pass.scores, classes);
    return pass;
}

double share(const std::vector<int>& classes, const std::vector<int>& expected) {
    std::size_t hits = 0;
    for (std::size_t i = 0; i < classes.size(); ++i) hits += classes[i] == expected[i] ? 1 : 0;
    return static_cast<double>(hits) / static_cast<double>(classes.size());
}

AnalogAccuracy accuracy_of(const Work& work, const std::vector<Pass>& passes) {
    AnalogAccuracy accuracy;
    const auto count = static_cast<double>(passes.size());
    for (const Pass& pass : passes) {
        accuracy.per_trial.push_back(share(pass.classes, work.data.labels));
        accuracy.agreement_with_float += share(pass.classes, work.float_classes) / count;
    }
    const auto& each = accuracy.per_trial;
    accuracy.mean = std::accumulate(each.begin(), each.end(), 0.0) / count;
    double squares = 0;
    for (const double one : each) squares += (one - accuracy.mean) * (one - accuracy.mean);
    if (each.size() > 1) accuracy.std = std::sqrt(squares / (count - 1));
    return accuracy;
}

// Steps of the inputs that are converted one after the other, and slices driven.
double latency_of(const PlannedLayer& layer, const CostSpec& cost) {
    const behavioral::InputCoding& input = layer.options.input;
    const double slices = behavioral::input_slices(input);
    const double steps = input.sum == behavioral::SliceSum::analog ? 1 : slices;
    const int copies = std::max(1, layer.map.copies);
    return (layer.map.shape.positions + copies - 1) / copies *
           (slices * *cost.slice_second + steps * *cost.conversion_second);
}

// Of one copy: each position is converted once, on one of them.
std::size_t blocks_of(const PlannedLayer& layer) {
    return static_cast<std::size_t>(layer.blocks());
}

SystemLayerReport layer_report(const SystemPlan& plan, const SystemInstance& instance,
                               std::size_t k, const SystemQuality& quality) {
    const PlannedLayer& layer = plan.layers[k];
    SystemLayerReport report;
    report.map = layer.map;
    report.weight_max = layer.weight_max;
    report.activation_max = layer.activation_max;
    report.signed_inputs = layer.signed_inputs;
    report.signal_to_error_db = quality.signal_to_error_db;
    report.adc_saturated_fraction = quality.saturated_fraction;
    report.curve_error = quality.curve_error;
    for (std::size_t b = 0; b < instance.layers[k].size() && b < blocks_of(layer); ++b) {
        report.conversions += instance.layers[k][b].conversions() * layer.map.shape.positions;
    }
    const CostSpec& cost = plan.spec.cost;
    if (layer.map.digital) return report;
    if (cost.conversion_joule) {
        report.energy_joule = *cost.conversion_joule * static_cast<double>(report.conversions);
    }
    if (cost.slice_second && cost.conversion_second) {
        report.latency_second = latency_of(layer, cost);
    }
    return report;
}

// The sum over layers; nothing when one of them is not known.
template <typename Part>
std::optional<double> total(const std::vector<SystemLayerReport>& layers, Part part) {
    double sum = 0;
    for (const SystemLayerReport& layer : layers) {
        if (!(layer.*part)) return std::nullopt;
        sum += *(layer.*part);
    }
    return sum;
}

std::string cost_note(const std::optional<double>& known, const SystemSpec& spec,
                      const std::string& convention) {
    if (known) return convention + ". Source: " + spec.cost.source;
    if (!spec.digital_layers.empty()) return "not known: there are no figures of digital layers";
    return fmt::format("not known: system '{}' gives no cited figure", spec.name);
}

void fill_costs(const SystemPlan& plan, SystemReport& report) {
    report.energy_joule = total(report.layers, &SystemLayerReport::energy_joule);
    report.latency_second = total(report.layers, &SystemLayerReport::latency_second);
    report.energy_note =
        cost_note(report.energy_joule, plan.spec,
                  "converters only: conversions per inference times energy per conversion");
    report.latency_note = cost_note(
        report.latency_second, plan.spec,
        "input slices and conversions of every multiply; layers one after another, positions of a "
        "convolution one after another on each copy of the layer, arrays and copies in parallel");
}

struct Runs {
    std::vector<Pass> passes;
    bool interrupted = false;
};

// Trials of one system. The first instance is shown to `look` before its pass.
template <typename Look>
Runs run_trials(Work& work, const SystemPlan& plan, Look look) {
    Runs runs;
    for (int t = 0; t < work.options.trials && !runs.interrupted; ++t) {
        if (work.should_stop()) {
            runs.interrupted = true;
            break;
        }
        Pass pass;
        const auto one = [&] {
            const SystemInstance instance =
                program_system(work.network, plan, work.options.seed, static_cast<std::uint32_t>(t),
                               work.options.threads);
            if (t == 0) look(instance);
            pass = run_pass(work, plan, instance);
        };
        if (!done_uninterrupted(one)) pass = {};
        runs.interrupted = pass.images < work.data.size();
        ++work.passes_done;
        if (pass.images > 0 && (t == 0 || !runs.interrupted)) {
            runs.passes.push_back(std::move(pass));
        }
    }
    return runs;
}

void run_ablations(Work& work, const std::vector<Variant>& variants, SystemReport& report) {
    for (const Variant& variant : variants) {
        // Without questions whether to stop: those would throw away what is done.
        Runs runs;
        const auto one = [&] {
            const SystemPlan plan =
                plan_system(work.network, work.data, variant.spec, {work.options.threads, {}});
            runs = run_trials(work, plan, [](const SystemInstance&) {});
        };
        if (!done_uninterrupted(one)) runs.interrupted = true;
        if (runs.interrupted) {
            report.interrupted = true;
            return;
        }
        Ablation ablation{variant.name, variant.switched_off, accuracy_of(work, runs.passes), 0};
        ablation.gain = ablation.without.mean - report.analog.mean;
        report.ablations.push_back(std::move(ablation));
    }
}

Work prepare(const SystemSpec& spec, const InferOptions& options) {
    if (options.trials < 1 || options.trials > kMostTrials) {
        throw bad_input("trials = {}, 1 to {} expected", options.trials, kMostTrials);
    }
    if (spec.products == Products::floating) {
        throw bad_input("system '{}' computes in single precision: nothing to program", spec.name);
    }
    Work work{options, read_onnx(options.model), {}, {}};
    work.data = load_data_for(work.network, options);
    const std::vector<float> scores =
        float_scores(work.network, work.data, work.data.size(), options.threads,
                     work.plan_options().before_chunk);
    work.float_classes = arg_max_rows(scores, element_count(work.network.output_shape()));
    return work;
}

std::vector<std::string> notes_of(const SystemSpec& spec) {
    std::vector<std::string> notes = spec.notes;
    if (!spec.device.model) return notes;
    const behavioral::DeviceModel& model = *spec.device.model;
    notes.insert(notes.end(), model.notes.begin(), model.notes.end());
    const auto valid =
        behavioral::validity_notes(model, {spec.device.time_second, spec.device.celsius,
                                           spec.device.dose_krad * behavioral::kGrayPerKrad});
    notes.insert(notes.end(), valid.begin(), valid.end());
    if (model.current && spec.device.ohmic) {
        notes.emplace_back("cells count as ohmic: the device's I-V curve is not applied");
    }
    return notes;
}

}  // namespace

SystemReport infer_system(const SystemSpec& spec, const InferOptions& options, bool ablate) {
    Work work = prepare(spec, options);
    const std::vector<Variant> variants = ablate ? ablated_systems(spec) : std::vector<Variant>();
    work.passes = static_cast<std::size_t>(options.trials) * (1 + variants.size());
    const SystemPlan plan = plan_system(work.network, work.data, spec, work.plan_options());
    SystemReport report;
    report.quality_images = std::min(work.data.size(), kQualityImages);
    Runs runs = run_trials(work, plan, [&](const SystemInstance& first) {
        const std::vector<SystemQuality> quality = system_quality(
            work.network, work.data, plan, first, report.quality_images, work.plan_options());
        if (spec.device.model && spec.device.model->write_verify) report.writing = first.writing;
        for (std::size_t k = 0; k < plan.layers.size(); ++k) {
            report.layers.push_back(layer_report(plan, first, k, quality[k]));
        }
    });
    if (runs.passes.empty()) throw interrupted_before_any();
    report.mho_version = kVersion;
    report.model = model_info(work.network, options.model);
    report.data = {options.data.string(), work.data.format};
    report.samples = runs.passes[0].images;
    report.seed = options.seed;
    report.trials = static_cast<int>(runs.passes.size());
    report.interrupted = runs.interrupted;
    report.analog = accuracy_of(work, runs.passes);
    const std::vector<int> float_classes(
        work.float_classes.begin(),
        work.float_classes.begin() + static_cast<std::ptrdiff_t>(report.samples));
    report.accuracy_float = share(float_classes, work.data.labels);
    fill_costs(plan, report);
    report.system = spec;
    report.notes = notes_of(spec);
    report.classes = element_count(work.network.output_shape());
    report.scores = std::move(runs.passes[0].scores);
    if (!report.interrupted) run_ablations(work, variants, report);
    return report;
}

}  // namespace mho::flows
