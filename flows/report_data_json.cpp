// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "behavioral/card_json.h"
#include "flows/infer_json.h"
#include "flows/report_data.h"

namespace mho::flows {
namespace {

using Json = nlohmann::ordered_json;

// An object of the file with its place, for messages. Absent keys and null are nothing.
class JsonNode {
  public:
    JsonNode(const Json* value, const std::string& file, std::string path)
        : value_(value), file_(file), path_(std::move(path)) {}

    JsonNode object(const char* key) const {
        const Json* child = find(key);
        if (child && !child->is_object()) fail(key, "an object", *child);
        return JsonNode(child, file_, join(key));
    }

    std::optional<double> number(const char* key) const {
        const Json* child = find(key);
        if (!child) return std::nullopt;
        if (!child->is_number()) fail(key, "a number", *child);
        const auto number = child->get<double>();
        if (!std::isfinite(number)) fail(key, "a finite number", *child);
        return number;
    }

    std::optional<double> at_least_zero(const char* key) const {
        const std::optional<double> value = number(key);
        if (value && *value < 0) fail(key, "a number >= 0", *find(key));
        return value;
    }

    std::optional<double> fraction(const char* key) const {
        const std::optional<double> value = number(key);
        if (value && (*value < 0 || *value > 1)) fail(key, "a fraction 0 .. 1", *find(key));
        return value;
    }

    bool flag(const char* key) const {
        const Json* child = find(key);
        if (child && !child->is_boolean()) fail(key, "true or false", *child);
        return child && child->get<bool>();
    }

    std::string text(const char* key) const {
        const Json* child = find(key);
        if (!child) return {};
        if (!child->is_string()) fail(key, "a text", *child);
        return child->get<std::string>();
    }

    const Json* array(const char* key) const {
        const Json* child = find(key);
        if (child && !child->is_array()) fail(key, "an array", *child);
        return child;
    }

    JsonNode item(const Json& value, const char* key, std::size_t index) const {
        JsonNode node(&value, file_, fmt::format("{}[{}]", join(key), index));
        if (!value.is_object()) {
            throw bad_input("{}: {}: expected an object, found {}", file_, node.path_,
                            value.type_name());
        }
        return node;
    }

    double element(const Json& value, const char* key, std::size_t index) const {
        if (!value.is_number() || !std::isfinite(value.get<double>())) {
            throw bad_input("{}: {}[{}]: expected a number, found {}", file_, join(key), index,
                            value.type_name());
        }
        return value.get<double>();
    }

    const Json* json() const { return value_; }
    const std::string& file() const { return file_; }

  private:
    const Json* find(const char* key) const {
        if (!value_) return nullptr;
        const auto it = value_->find(key);
        return it == value_->end() || it->is_null() ? nullptr : &*it;
    }
    std::string join(const char* key) const { return path_.empty() ? key : path_ + "." + key; }
    [[noreturn]] void fail(const char* key, const char* expected, const Json& found) const {
        const std::string shown = found.is_number() ? found.dump() : found.type_name();
        throw bad_input("{}: {}: expected {}, found {}", file_, join(key), expected, shown);
    }

    const Json* value_;
    const std::string& file_;
    std::string path_;
};

void read_accuracy(const JsonNode& node, InferenceResult& result) {
    result.accuracy_float = node.fraction("float");
    const JsonNode analog = node.object("analog");
    result.accuracy_analog = analog.fraction("mean");
    result.accuracy_analog_std = analog.at_least_zero("std");
    result.confidence_95 = analog.at_least_zero("confidence_95");
    result.agreement_with_float = analog.fraction("agreement_with_float");
    if (const Json* trials = analog.array("per_trial")) {
        for (std::size_t i = 0; i < trials->size(); ++i) {
            result.accuracy_per_trial.push_back(analog.element((*trials)[i], "per_trial", i));
        }
    }
}

void read_energy(const JsonNode& node, InferenceResult& result) {
    result.energy_joule = node.at_least_zero("per_inference_joule");
    result.operations_per_inference = node.at_least_zero("operations_per_inference");
    result.tops_per_watt = node.at_least_zero("tops_per_watt");
    result.images_evaluated = node.at_least_zero("images_evaluated");
    result.energy_convention = node.text("convention");
    const JsonNode breakdown = node.object("breakdown");
    if (!breakdown.json()) return;
    for (const auto& [block, ignored] : breakdown.json()->items()) {
        if (const auto joule = breakdown.at_least_zero(block.c_str())) {
            result.energy_blocks.push_back({block, *joule});
        }
    }
}

LayerResult read_layer(const JsonNode& node) {
    LayerResult layer;
    layer.name = node.text("name");
    layer.operation = node.text("operator");
    layer.inputs = node.at_least_zero("inputs");
    layer.outputs = node.at_least_zero("outputs");
    layer.macs = node.at_least_zero("macs");
    layer.positions = node.at_least_zero("positions");
    layer.row_blocks = node.at_least_zero("row_blocks");
    layer.column_blocks = node.at_least_zero("column_blocks");
    layer.tiles = node.at_least_zero("tiles");
    layer.utilisation = node.fraction("utilisation");
    layer.weight_max = node.number("weight_max");
    layer.activation_max = node.number("activation_max");
    layer.signal_to_error_db = node.number("signal_to_error_db");
    layer.adc_saturated_fraction = node.fraction("adc_saturated_fraction");
    layer.energy_joule = node.at_least_zero("energy_joule");
    layer.latency_second = node.at_least_zero("latency_second");
    layer.curve_error = node.at_least_zero("curve_error");
    layer.digital = node.flag("digital");
    return layer;
}

AblationResult read_ablation(const JsonNode& node) {
    const JsonNode accuracy = node.object("accuracy");
    return {node.text("name"), node.text("switched_off"), accuracy.fraction("mean"),
            accuracy.at_least_zero("std"), node.number("gain")};
}

std::optional<IrDropData> read_ir_drop(const JsonNode& node) {
    const Json* rows = node.array("ratio");
    if (!rows || rows->empty()) return std::nullopt;
    IrDropData map;
    map.layer = node.text("layer");
    map.tile = node.number("tile");
    map.drive_volt = node.number("drive_volt");
    map.rows_used = node.at_least_zero("rows_used");
    map.columns_used = node.at_least_zero("columns_used");
    map.convention = node.text("convention");
    map.rows = rows->size();
    for (std::size_t r = 0; r < map.rows; ++r) {
        const Json& row = (*rows)[r];
        if (!row.is_array() || row.empty() || (r > 0 && row.size() != map.columns)) {
            throw bad_input("{}: ir_drop.ratio[{}]: expected a row of {} numbers", node.file(), r,
                            r == 0 ? std::string("one or more") : std::to_string(map.columns));
        }
        map.columns = row.size();
        for (std::size_t c = 0; c < map.columns; ++c) {
            map.ratio.push_back(node.element(row[c], "ratio", r));
        }
    }
    const auto check = [&](const char* key, std::size_t found) {
        const std::optional<double> said = node.number(key);
        if (said && *said != static_cast<double>(found)) {
            throw bad_input("{}: ir_drop.{} is {}, but ratio has {}", node.file(), key, *said,
                            found);
        }
    };
    check("rows", map.rows);
    check("columns", map.columns);
    return map;
}

Json parse(std::string_view text, const std::string& name) {
    try {
        return Json::parse(text);
    } catch (const Json::exception& error) {
        throw bad_input("{}: not valid JSON: {}", name, error.what());
    }
}

}  // namespace

InferenceResult read_inference(std::string_view text, const std::string& name) {
    const Json json = parse(text, name);
    if (!json.is_object()) {
        throw bad_input("{}: expected an object of schema '{}', found {}", name, kInferenceSchema,
                        json.type_name());
    }
    const JsonNode root(&json, name, "");
    if (const std::string schema = root.text("schema"); schema != kInferenceSchema) {
        throw bad_input("{}: schema: expected '{}', found '{}'", name, kInferenceSchema, schema);
    }
    InferenceResult result;
    result.name = name;
    result.mho_version = root.text("mho_version");
    const JsonNode model = root.object("model");
    result.model_path = model.text("path");
    result.model_name = model.text("name");
    result.parameters = model.at_least_zero("parameters");
    result.macs_per_inference = model.at_least_zero("macs_per_inference");
    const JsonNode data = root.object("data");
    result.data_path = data.text("path");
    result.data_format = data.text("format");
    result.samples = root.at_least_zero("samples");
    result.trials = root.at_least_zero("trials");
    result.seed = root.number("seed");
    read_accuracy(root.object("accuracy"), result);
    read_energy(root.object("energy"), result);
    const JsonNode latency = root.object("latency");
    result.latency_second = latency.at_least_zero("per_inference_second");
    result.latency_convention = latency.text("convention");
    if (const Json* layers = root.array("layers")) {
        for (std::size_t i = 0; i < layers->size(); ++i) {
            result.layers.push_back(read_layer(root.item((*layers)[i], "layers", i)));
        }
    }
    if (const Json* ablations = root.array("ablations")) {
        for (std::size_t i = 0; i < ablations->size(); ++i) {
            result.ablations.push_back(read_ablation(root.item((*ablations)[i], "ablations", i)));
        }
    }
    result.interrupted = root.flag("interrupted");
    result.system_name = root.object("system").text("name");
    result.system_toml = root.object("system").text("toml");
    result.quality_convention = root.object("layer_quality").text("convention");
    result.ir_drop = read_ir_drop(root.object("ir_drop"));
    if (const JsonNode card = root.object("card"); card.json()) {
        result.card = behavioral::card_from_json(card.json()->dump(), name + ": card");
    }
    if (const Json* notes = root.array("notes")) {
        for (const Json& note : *notes) {
            if (!note.is_string()) throw bad_input("{}: notes: expected texts", name);
            result.notes.push_back(note.get<std::string>());
        }
    }
    return result;
}

}  // namespace mho::flows
