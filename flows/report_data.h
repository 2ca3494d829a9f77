// SPDX-License-Identifier: Apache-2.0
// What a report needs of an inference result (docs/formats/inference.md). Every part may be absent,
// except the schema: reports show what there is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "behavioral/card.h"

namespace mho::flows {

struct LayerResult {
    std::string name;
    std::string operation;
    std::optional<double> inputs, outputs, macs, positions, row_blocks, column_blocks, tiles;
    std::optional<double> utilisation;  // share of the tiles' cells that hold weights
    std::optional<double> weight_max, activation_max;
    std::optional<double> signal_to_error_db;
    std::optional<double> adc_saturated_fraction;
    std::optional<double> energy_joule, latency_second;
    std::optional<double> curve_error;  // of cells with an I-V curve behind wires
    bool digital = false;
};

// A run with one non-ideality off.
struct AblationResult {
    std::string name;
    std::string switched_off;
    std::optional<double> mean, std, gain;  // of the accuracy, 0 .. 1; gain -1 .. 1
};

struct NamedEnergy {
    std::string block;
    double joule = 0;
};

struct IrDropData {
    std::string layer;
    std::optional<double> tile;
    std::optional<double> drive_volt;
    std::optional<double> rows_used, columns_used;  // cells beyond hold no weight
    std::string convention;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> ratio;  // rows x columns, row-major: cell voltage over row drive
};

struct InferenceResult {
    std::string name;  // of the file, for the reader of the report
    std::string mho_version;
    std::string model_path, model_name, data_path, data_format;
    std::optional<double> parameters, macs_per_inference;
    std::optional<double> samples, trials, seed;
    std::optional<double> accuracy_float, accuracy_analog, accuracy_analog_std;  // 0 .. 1
    std::optional<double> confidence_95;  // half the interval of the mean
    std::vector<double> accuracy_per_trial;
    std::optional<double> agreement_with_float;
    std::optional<double> energy_joule;
    std::vector<NamedEnergy> energy_blocks;
    std::optional<double> operations_per_inference, tops_per_watt, images_evaluated;
    std::string energy_convention;
    std::optional<double> latency_second;
    std::string latency_convention;
    std::vector<LayerResult> layers;
    std::string quality_convention;  // of signal_to_error_db
    std::optional<IrDropData> ir_drop;
    std::optional<behavioral::ModelCard> card;
    std::vector<std::string> notes;
    bool interrupted = false;
    std::string system_name, system_toml;  // of a described system; empty with a card
    std::vector<AblationResult> ablations;
};

// Reads the text of an inference result. Throws bad_input, one line that names `name` and the key,
// for broken JSON, another schema, a key of the wrong type, fractions outside 0 .. 1, negative
// energies, an IR-drop map of another size than it says, or a card that its reader refuses.
InferenceResult read_inference(std::string_view json, const std::string& name);

}  // namespace mho::flows
