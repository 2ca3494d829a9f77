// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "flows/confidence.h"
#include "flows/infer_json.h"
#include "flows/infer_system.h"
#include "flows/system_toml.h"

namespace mho::flows {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSystemQuality =
    "signal_to_error_db: root mean square of a layer's exact products before bias over that of the "
    "system's error, each layer alone on the float network's activations, first trial; "
    "adc_saturated_fraction: sums more than half a step beyond the first or last code, same "
    "images; "
    "curve_error: currents of cells with an I-V curve behind wires against Newton's of the same "
    "circuit, relative root mean square, null where they are exact";

Json or_null(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json accuracy_json(const AnalogAccuracy& accuracy) {
    return {{"mean", accuracy.mean},
            {"std", accuracy.std},
            {"confidence_95", accuracy.per_trial.size() > 1
                                  ? Json(confidence_half_width(accuracy.per_trial))
                                  : Json(nullptr)},
            {"per_trial", accuracy.per_trial},
            {"agreement_with_float", accuracy.agreement_with_float}};
}

Json layer_json(const SystemLayerReport& layer) {
    const LayerMap& map = layer.map;
    Json json = {{"name", map.name},
                 {"operator", map.op},
                 {"inputs", map.shape.inputs * map.shape.groups},
                 {"outputs", map.shape.outputs * map.shape.groups},
                 {"macs", map.macs},
                 {"positions", map.shape.positions},
                 {"digital", map.digital},
                 {"weight_max", layer.weight_max},
                 {"activation_max", layer.activation_max}};
    if (map.digital) return json;
    json.update(Json{{"groups", map.shape.groups},
                     {"groups_in_array", map.groups_in_array},
                     {"bias_rows", map.bias_rows},
                     {"copies", map.copies},
                     {"row_blocks", map.row_parts},
                     {"column_blocks", map.column_blocks},
                     {"weight_slices", map.weight_slices},
                     {"tiles", map.arrays},
                     {"utilisation", map.utilisation},
                     {"signed_inputs", layer.signed_inputs},
                     {"signal_to_error_db", layer.signal_to_error_db},
                     {"adc_saturated_fraction", layer.adc_saturated_fraction},
                     {"curve_error", or_null(layer.curve_error)},
                     {"conversions", layer.conversions},
                     {"energy_joule", or_null(layer.energy_joule)},
                     {"latency_second", or_null(layer.latency_second)}});
    return json;
}

Json ablation_json(const Ablation& ablation) {
    return {{"name", ablation.name},
            {"switched_off", ablation.switched_off},
            {"accuracy", accuracy_json(ablation.without)},
            {"gain", ablation.gain}};
}

Json writing_json(const std::optional<behavioral::WriteCost>& writing) {
    if (!writing) return nullptr;
    return {{"cells", writing->cells},
            {"pulses", writing->pulses},
            {"unfinished", writing->unfinished},
            {"second", writing->second},
            {"joule", writing->joule}};
}

Json report_json(const SystemReport& report) {
    Json layers = Json::array(), ablations = Json::array();
    for (const SystemLayerReport& layer : report.layers) layers.push_back(layer_json(layer));
    for (const Ablation& one : report.ablations) ablations.push_back(ablation_json(one));
    return {
        {"schema", kInferenceSchema},
        {"mho_version", report.mho_version},
        {"model",
         {{"path", report.model.path},
          {"name", report.model.name},
          {"parameters", report.model.parameters},
          {"macs_per_inference", report.model.macs_per_inference}}},
        {"data", {{"path", report.data.path}, {"format", report.data.format}}},
        {"samples", report.samples},
        {"seed", report.seed},
        {"trials", report.trials},
        {"interrupted", report.interrupted},
        {"accuracy", {{"float", report.accuracy_float}, {"analog", accuracy_json(report.analog)}}},
        {"energy",
         {{"per_inference_joule", or_null(report.energy_joule)},
          {"convention", report.energy_note}}},
        {"latency",
         {{"per_inference_second", or_null(report.latency_second)},
          {"convention", report.latency_note}}},
        {"layer_quality", {{"images", report.quality_images}, {"convention", kSystemQuality}}},
        {"writing", writing_json(report.writing)},
        {"layers", std::move(layers)},
        {"ablations", std::move(ablations)},
        {"notes", report.notes},
        {"system", {{"name", report.system.name}, {"toml", system_to_toml(report.system)}}}};
}

}  // namespace

std::string system_report_to_json(const SystemReport& report) {
    try {
        return report_json(report).dump(2) + "\n";
    } catch (const Json::exception& error) {
        throw bad_input("inference report: {}", error.what());
    }
}

}  // namespace mho::flows
