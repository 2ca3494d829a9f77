// SPDX-License-Identifier: Apache-2.0
// A network on a data set, on a described analog system (flows/system_spec.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "behavioral/device_program.h"
#include "flows/infer.h"
#include "flows/inference_report.h"
#include "flows/system_map.h"
#include "flows/system_spec.h"

namespace mho::flows {

struct SystemLayerReport {
    LayerMap map;
    double weight_max = 0;      // that the largest integer stands for
    double activation_max = 0;  // that the largest code stands for
    bool signed_inputs = false;
    double signal_to_error_db = 0;      // as LayerQuality, of the first instance
    double adc_saturated_fraction = 0;  // of conversions on the same images
    std::optional<double> curve_error;  // of currents, SystemQuality::curve_error
    std::int64_t conversions = 0;       // per inference
    std::optional<double> energy_joule;
    std::optional<double> latency_second;
};

// What one non-ideality costs: the accuracy without it, all others kept.
struct Ablation {
    std::string name;
    std::string switched_off;  // what was changed
    AnalogAccuracy without;
    double gain = 0;  // mean accuracy without it less mean accuracy with it
};

struct SystemReport {
    std::string mho_version;
    ModelInfo model;
    DataInfo data;
    std::size_t samples = 0;
    std::uint64_t seed = 0;
    int trials = 0;
    bool interrupted = false;
    std::size_t quality_images = 0;
    double accuracy_float = 0;
    AnalogAccuracy analog;
    std::vector<SystemLayerReport> layers;
    std::optional<double> energy_joule;    // per inference; all layers or nothing
    std::optional<double> latency_second;  // likewise
    std::string energy_note;               // convention and source, or why it is not known
    std::string latency_note;
    std::optional<behavioral::WriteCost> writing;  // of the first instance, with write-verify only
    std::vector<Ablation> ablations;
    SystemSpec system;
    std::vector<std::string> notes;
    std::size_t classes = 0;
    std::vector<float> scores;  // samples x classes, of the first instance
};

// The same bits for any number of threads. `options` as in infer; its programming_error,
// readout_noise and activation_percentile are not used. Throws as infer does, and bad_input for
// systems with products = "float", which infer_float runs.
SystemReport infer_system(const SystemSpec& spec, const InferOptions& options, bool ablate = false);

// The systems that infer_system compares when it ablates: the name of what is off, how, and the
// system without it. Only what the system has.
struct Variant {
    std::string name;
    std::string switched_off;
    SystemSpec spec;
};
std::vector<Variant> ablated_systems(const SystemSpec& spec);

// As JSON (docs/formats/inference.md).
std::string system_report_to_json(const SystemReport& report);

}  // namespace mho::flows
