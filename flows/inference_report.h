// SPDX-License-Identifier: Apache-2.0
// The result of one inference run: plain values (as JSON: flows/infer_json.h).
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "behavioral/card.h"
#include "behavioral/tile_energy.h"

namespace mho::flows {

struct ModelInfo {
    std::string path;
    std::string name;
    std::int64_t parameters = 0;          // weights and biases
    std::int64_t macs_per_inference = 0;  // of Conv and Gemm nodes
};

struct DataInfo {
    std::string path;
    std::string format;
};

// Accuracies are fractions of `samples`, 0 .. 1.
struct AnalogAccuracy {
    double mean = 0;  // over trials
    double std = 0;   // of a trial, with n - 1 in the divisor; 0 for one trial
    std::vector<double> per_trial;
    double agreement_with_float = 0;  // images given the float network's class, mean over trials
};

// Core level: what the convention text in the JSON says.
struct EnergyReport {
    double per_inference_joule = 0;
    behavioral::TileEnergy breakdown;  // of one inference
    double operations_per_inference = 0;
    double tops_per_watt = 0;          // operations / energy; 0 without energy
    std::size_t images_evaluated = 0;  // evenly spaced chunks of the data set, first trial
};

struct LayerReport {
    std::string name;
    std::string op;
    int inputs = 0;   // of the weight matrix, all groups
    int outputs = 0;  // of the weight matrix, all groups
    std::int64_t macs = 0;
    int positions = 0;  // vectors per image
    int row_blocks = 0;
    int column_blocks = 0;
    int tiles = 0;
    double utilisation = 0;
    double weight_max = 0;
    double activation_max = 0;
    double signal_to_error_db = 0;         // see LayerQuality; first trial
    double column_current_max_ampere = 0;  // first trial
    double adc_saturated_fraction = 0;     // of conversions of used columns, all trials
    double energy_joule = 0;               // per inference
    double latency_second = 0;             // per inference
};

// Voltage over each cell relative to its row's drive, every input at full scale with one sign.
struct IrDropMap {
    std::string layer;
    int tile = 0;  // of the layer
    int rows_used = 0;
    int columns_used = 0;
    double drive_volt = 0;
    Eigen::MatrixXd ratio;  // array.rows x array.columns
};

struct InferenceReport {
    std::string mho_version;
    ModelInfo model;
    DataInfo data;
    std::size_t samples = 0;
    std::uint64_t seed = 0;
    int trials = 0;                      // completed; an interrupted first one counts
    bool interrupted = false;            // stopped early: numbers are of what was done
    std::size_t calibration_images = 0;  // that set the activation ranges
    double activation_percentile = 100;
    std::size_t quality_images = 0;  // behind signal_to_error_db and column currents
    double accuracy_float = 0;
    AnalogAccuracy analog;
    EnergyReport energy;
    double latency_per_inference_second = 0;
    std::vector<LayerReport> layers;
    IrDropMap ir_drop;
    behavioral::ModelCard card;
    std::vector<std::string> notes;  // what a reader should know before trusting the numbers
};

}  // namespace mho::flows
