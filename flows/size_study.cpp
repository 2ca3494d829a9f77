// SPDX-License-Identifier: Apache-2.0
#include "flows/size_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/version.h"
#include "flows/float_engine.h"
#include "flows/onnx_read.h"
#include "flows/size_kept.h"
#include "flows/system_cells.h"
#include "flows/system_engine.h"
#include "flows/system_map.h"
#include "flows/system_toml.h"

namespace mho::flows {
namespace {

constexpr std::size_t kMostStudyPoints = 10000;

template <typename Value>
std::string_view bytes_of(const Value* values, std::size_t count) {
    return {reinterpret_cast<const char*>(values), count * sizeof(Value)};
}

struct StudyWork {
    const SizeOptions& options;
    Network network;
    Dataset data;
    std::vector<int> float_classes;
    std::string work_hash;  // of program, network and images
    KeptPasses kept;
    std::map<std::pair<int, double>, InputRanges> ranges = {};  // by images and percentile
    std::size_t passes = 0;
    std::size_t passes_done = 0;

    bool should_stop() const { return options.infer.stop && options.infer.stop(); }
};

// What cells of all levels become: names the device and what happens to it.
std::string cells_hash(const SystemSpec& spec, std::uint64_t seed, std::uint32_t trial) {
    const Eigen::MatrixXd ramp = Eigen::VectorXd::LinSpaced(512, -1.0, 1.0).reshaped(32, 16);
    const ReadCells cells =
        read_cells(target_cells(ramp, 1, spec), spec, {seed, trial, 0x7fffffffu});
    std::string bytes;
    for (const behavioral::CellSlice& slice : cells.slices) {
        for (const Eigen::MatrixXd* matrix : {&slice.positive, &slice.negative,
                                              &slice.positive_variance, &slice.negative_variance}) {
            bytes += bytes_of(matrix->data(), static_cast<std::size_t>(matrix->size()));
        }
    }
    return content_hash(bytes);
}

std::string key_of(const StudyWork& work, const SystemSpec& spec, std::uint32_t trial) {
    const std::uint64_t seed = work.options.infer.seed;
    return content_hash(fmt::format("{} {} {} {} {}", work.work_hash, seed, trial,
                                    cells_hash(spec, seed, trial), system_to_toml(spec)));
}

// Programmed instances of the system differ, or its reads do.
bool differs(const SystemSpec& spec) {
    return spec.device.model.has_value() || spec.readout_noise_lsb > 0;
}

std::vector<SizePoint> grid(const SizeOptions& options, const SystemSpec& base) {
    std::vector<SizePoint> points(1);
    for (const SizeAxis& axis : options.axes) {
        std::vector<SizePoint> more;
        for (const SizePoint& point : points) {
            for (const double value : axis.values) {
                more.push_back(point);
                more.back().at.push_back(value);
                for (std::string& change : axis_changes(axis, value, base)) {
                    more.back().changes.push_back(std::move(change));
                }
            }
        }
        points = std::move(more);
        if (points.size() > kMostStudyPoints) {
            throw bad_input("the axes make more than {} points: fewer values expected",
                            kMostStudyPoints);
        }
    }
    return points;
}

SystemSpec spec_of(const SizeOptions& options, const SizePoint& point) {
    std::vector<std::string> changes = options.changes;
    changes.insert(changes.end(), point.changes.begin(), point.changes.end());
    return read_system(options.system, changes);
}

std::string place_of(const SizeOptions& options, const SizePoint& point) {
    std::string text;
    for (std::size_t a = 0; a < options.axes.size(); ++a) {
        text += fmt::format("{}{} {:.4g}", a == 0 ? "" : ", ", options.axes[a].name, point.at[a]);
    }
    return text;
}

// One instance on all images; nothing when stopped.
std::optional<SizeTrial> run_pass(const StudyWork& work, const SystemPlan& plan,
                                  std::uint32_t trial, const std::string& place) {
    const InferOptions& infer = work.options.infer;
    const SystemInstance instance =
        program_system(work.network, plan, infer.seed, trial, infer.threads);
    const std::size_t images = work.data.size(),
                      classes = element_count(work.network.output_shape());
    std::vector<SizeTrial> chunks(chunk_count(images));
    std::atomic<bool> stopped = false;
    std::atomic<std::size_t> done = 0;
    std::mutex mutex;
    parallel_for(chunks.size(), infer.threads, [&](std::size_t c) {
        if (stopped || work.should_stop()) {
            stopped = true;
            return;
        }
        const Chunk chunk = chunk_at(c, images);
        const std::vector<int> best = arg_max_rows(
            system_scores(work.network, plan, instance, work.data.images(chunk.first, chunk.count),
                          chunk.first, chunk.count),
            classes);
        for (std::size_t i = 0; i < chunk.count; ++i) {
            const int label = work.data.labels[chunk.first + i];
            const bool right = best[i] == label;
            const bool float_right = work.float_classes[chunk.first + i] == label;
            chunks[c].right += right ? 1 : 0;
            chunks[c].lost += float_right && !right ? 1 : 0;
            chunks[c].gained += right && !float_right ? 1 : 0;
        }
        const std::lock_guard lock(mutex);
        done += chunk.count;
        if (!infer.progress) return;
        infer.progress(work.passes_done * images + done, work.passes * images, place);
    });
    if (stopped) return std::nullopt;
    SizeTrial sum;
    for (const SizeTrial& chunk : chunks) {
        sum.right += chunk.right;
        sum.lost += chunk.lost;
        sum.gained += chunk.gained;
    }
    return sum;
}

const InputRanges& ranges_of(StudyWork& work, const InputSpec& inputs) {
    const std::pair key{inputs.images, inputs.percentile};
    const auto known = work.ranges.find(key);
    if (known != work.ranges.end()) return known->second;
    const PlanOptions options{work.options.infer.threads, {}};
    return work.ranges.emplace(key, input_ranges(work.network, work.data, inputs, options))
        .first->second;
}

// All trials of a point; false when stopped before the last.
bool run_point(StudyWork& work, SizeStudy& study, SizePoint& point) {
    const SystemSpec spec = spec_of(work.options, point);
    const auto trials = static_cast<std::uint32_t>(differs(spec) ? work.options.infer.trials : 1);
    std::optional<SystemPlan> plan;
    for (std::uint32_t t = 0; t < trials; ++t) {
        if (work.should_stop()) return false;
        const std::string key = key_of(work, spec, t);
        std::optional<SizeTrial> trial = work.kept.find(key);
        if (!trial) {
            const auto one = [&] {
                if (!plan) {
                    plan =
                        plan_system(work.network, work.data, spec, {work.options.infer.threads, {}},
                                    ranges_of(work, spec.inputs));
                }
                trial = run_pass(work, *plan, t, place_of(work.options, point));
            };
            if (!done_uninterrupted(one) || !trial) return false;
            work.kept.keep(key, *trial);
            ++study.computed;
        }
        ++work.passes_done;
        point.trials.push_back(*trial);
    }
    return true;
}

void check_options(const SizeOptions& options, const SystemSpec& base) {
    if (options.axes.empty()) throw bad_input("no axis: expected at least one, as rows=16:1152");
    if (base.products == Products::floating) {
        throw bad_input("system '{}' computes in single precision: it has no size", base.name);
    }
    for (std::size_t a = 0; a < options.axes.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            if (options.axes[a].key == options.axes[b].key) {
                throw bad_input("axis {}: given twice", options.axes[a].name);
            }
        }
    }
    if (!(options.tolerance > 0) || options.tolerance > 1) {
        throw bad_input("tolerance: {} points, expected more than 0 and at most 100",
                        100 * options.tolerance);
    }
    if (!(options.confidence >= 0.5) || options.confidence > 0.9999) {
        throw bad_input("confidence: {} %, expected 50 to 99.99", 100 * options.confidence);
    }
    if (options.infer.trials < 2 || options.infer.trials > 1000) {
        throw bad_input(
            "trials = {}, expected 2 to 1000: without a second instance nothing is "
            "known of their spread",
            options.infer.trials);
    }
}

StudyWork prepare(const SizeOptions& options) {
    StudyWork work{options, read_onnx(options.infer.model), {}, {}, {}, KeptPasses(options.kept)};
    work.data = load_data_for(work.network, options.infer);
    const auto stop = [&] {
        if (work.should_stop()) throw interrupted_before_any();
    };
    work.float_classes = arg_max_rows(
        float_scores(work.network, work.data, work.data.size(), options.infer.threads, stop),
        element_count(work.network.output_shape()));
    work.work_hash = content_hash(
        fmt::format("{} {} {} {}", kVersion, content_hash(read_file(options.infer.model)),
                    content_hash(bytes_of(work.data.pixels.data(), work.data.pixels.size())),
                    content_hash(bytes_of(work.data.labels.data(), work.data.labels.size()))));
    return work;
}

}  // namespace

SizeStudy study_size(const SizeOptions& options) {
    SizeStudy study;
    study.system = read_system(options.system, options.changes);
    check_options(options, study.system);
    std::vector<SizePoint> points = grid(options, study.system);
    std::size_t passes = 0;
    for (const SizePoint& point : points) {  // all that a user may have mistaken, before long work
        const SystemSpec spec = spec_of(options, point);
        check_system(spec);
        passes += differs(spec) ? static_cast<std::size_t>(options.infer.trials) : 1;
    }
    StudyWork work = prepare(options);
    work.passes = passes;
    study.mho_version = kVersion;
    study.model = model_info(work.network, options.infer.model);
    study.data = {options.infer.data.string(), work.data.format};
    study.seed = options.infer.seed;
    study.samples = work.data.size();
    study.tolerance = options.tolerance;
    study.confidence = options.confidence;
    study.axes = options.axes;
    for (std::size_t i = 0; i < study.samples; ++i) {
        study.float_right += work.float_classes[i] == work.data.labels[i] ? 1 : 0;
    }
    for (const LayerMap& layer : map_system(work.network, study.system)) {
        if (!layer.digital) study.most_inputs = std::max(study.most_inputs, layer.shape.inputs);
    }
    for (SizePoint& point : points) {
        if (!run_point(work, study, point)) {
            study.interrupted = true;
            break;
        }
        judge(point, study.samples, options.tolerance, options.confidence);
        study.points.push_back(std::move(point));
    }
    if (study.points.empty()) throw interrupted_before_any();
    recommend(study);
    return study;
}

}  // namespace mho::flows
