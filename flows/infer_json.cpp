// SPDX-License-Identifier: Apache-2.0
#include "flows/infer_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "behavioral/card_json.h"
#include "flows/confidence.h"

namespace mho::flows {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEnergyConvention =
    "core level: row drivers (reference levels and row multiplexers), read-outs, comparators and "
    "ramp generators or SAR converters of every tile, unused rows and columns included; not "
    "included: digital logic, "
    "memories, buffers of the reference levels, counters. One multiply-accumulate of a "
    "convolutional or fully connected layer of the network counts as 2 operations. Mean over "
    "images_evaluated images of the first trial";

constexpr const char* kLatencyConvention =
    "settling plus conversion of every multiply; layers one after another, positions of a "
    "convolution one after another on one copy of the layer, tiles of a layer in parallel";

constexpr const char* kQualityConvention =
    "signal_to_error_db: root mean square of a layer's exact products before bias over that of the "
    "error of the analog ones, each layer alone on the float network's activations, first trial; "
    "column_current_max_ampere from the same images";

Json accuracy_json(const InferenceReport& report) {
    return {{"float", report.accuracy_float},
            {"analog",
             {{"mean", report.analog.mean},
              {"std", report.analog.std},
              {"confidence_95", report.analog.per_trial.size() > 1
                                    ? Json(confidence_half_width(report.analog.per_trial))
                                    : Json(nullptr)},
              {"per_trial", report.analog.per_trial},
              {"agreement_with_float", report.analog.agreement_with_float}}}};
}

Json energy_json(const EnergyReport& energy) {
    return {{"per_inference_joule", energy.per_inference_joule},
            {"breakdown",
             {{"drivers", energy.breakdown.drivers_joule},
              {"readout", energy.breakdown.readout_joule},
              {"comparator", energy.breakdown.comparator_joule},
              {"ramp", energy.breakdown.ramp_joule}}},
            {"operations_per_inference", energy.operations_per_inference},
            {"tops_per_watt", energy.tops_per_watt},
            {"images_evaluated", energy.images_evaluated},
            {"convention", kEnergyConvention}};
}

Json layer_json(const LayerReport& layer) {
    return {{"name", layer.name},
            {"operator", layer.op},
            {"inputs", layer.inputs},
            {"outputs", layer.outputs},
            {"macs", layer.macs},
            {"positions", layer.positions},
            {"row_blocks", layer.row_blocks},
            {"column_blocks", layer.column_blocks},
            {"tiles", layer.tiles},
            {"utilisation", layer.utilisation},
            {"weight_max", layer.weight_max},
            {"activation_max", layer.activation_max},
            {"signal_to_error_db", layer.signal_to_error_db},
            {"column_current_max_ampere", layer.column_current_max_ampere},
            {"adc_saturated_fraction", layer.adc_saturated_fraction},
            {"energy_joule", layer.energy_joule},
            {"latency_second", layer.latency_second}};
}

Json ir_drop_json(const IrDropMap& map) {
    Json rows = Json::array();
    for (Eigen::Index i = 0; i < map.ratio.rows(); ++i) {
        Json row = Json::array();
        for (Eigen::Index j = 0; j < map.ratio.cols(); ++j) {
            row.push_back(std::round(map.ratio(i, j) * 1e6) / 1e6);  // finer than any plot
        }
        rows.push_back(std::move(row));
    }
    return {{"layer", map.layer},
            {"tile", map.tile},
            {"rows", map.ratio.rows()},
            {"columns", map.ratio.cols()},
            {"rows_used", map.rows_used},
            {"columns_used", map.columns_used},
            {"drive_volt", map.drive_volt},
            {"convention", "cell voltage over row drive, first trial, every input at full scale"},
            {"ratio", std::move(rows)}};
}

Json model_json(const ModelInfo& model) {
    return {{"path", model.path},
            {"name", model.name},
            {"parameters", model.parameters},
            {"macs_per_inference", model.macs_per_inference}};
}

Json report_json(const InferenceReport& report) {
    Json layers = Json::array();
    for (const LayerReport& layer : report.layers) layers.push_back(layer_json(layer));
    return {
        {"schema", kInferenceSchema},
        {"mho_version", report.mho_version},
        {"model", model_json(report.model)},
        {"data", {{"path", report.data.path}, {"format", report.data.format}}},
        {"samples", report.samples},
        {"seed", report.seed},
        {"trials", report.trials},
        {"interrupted", report.interrupted},
        {"accuracy", accuracy_json(report)},
        {"energy", energy_json(report.energy)},
        {"latency",
         {{"per_inference_second", report.latency_per_inference_second},
          {"convention", kLatencyConvention}}},
        {"activation_range",
         {{"images", report.calibration_images}, {"percentile", report.activation_percentile}}},
        {"layer_quality", {{"images", report.quality_images}, {"convention", kQualityConvention}}},
        {"layers", std::move(layers)},
        {"ir_drop", ir_drop_json(report.ir_drop)},
        {"notes", report.notes},
        {"card", Json::parse(behavioral::card_to_json(report.card))}};
}

}  // namespace

std::string inference_to_json(const InferenceReport& report) {
    try {
        return report_json(report).dump(2) + "\n";
    } catch (const Json::exception& error) {
        throw bad_input("inference report: {}", error.what());
    }
}

std::string float_inference_to_json(const FloatInference& result) {
    try {
        const Json json = {{"schema", kInferenceSchema},
                           {"mho_version", result.mho_version},
                           {"model", model_json(result.model)},
                           {"data", {{"path", result.data.path}, {"format", result.data.format}}},
                           {"samples", result.samples},
                           {"interrupted", result.interrupted},
                           {"accuracy", {{"float", result.accuracy}}}};
        return json.dump(2) + "\n";
    } catch (const Json::exception& error) {
        throw bad_input("inference report: {}", error.what());
    }
}

}  // namespace mho::flows
