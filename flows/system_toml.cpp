// SPDX-License-Identifier: Apache-2.0
#include "flows/system_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <system_error>
#include <variant>

#include "base/data_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "behavioral/card_json.h"
#include "flows/device_toml.h"
#include "netlist/toml_entries.h"

namespace mho::flows {
namespace {

namespace fs = std::filesystem;
using netlist::TomlEntries;
using netlist::TomlEntry;

constexpr std::string_view kSystemSchema = "mho.system/1";
constexpr double kMost = 1e12;  // of values without another limit

struct WholeField {
    int& (*at)(SystemSpec&);
    int low, high;
};
struct NumberField {
    double& (*at)(SystemSpec&);
    double low, high;
};
struct OptionalField {
    std::optional<double>& (*at)(SystemSpec&);
    double low, high;
};
struct FlagField {
    bool& (*at)(SystemSpec&);
};
struct TextField {
    std::string& (*at)(SystemSpec&);
};
struct TextsField {
    std::vector<std::string>& (*at)(SystemSpec&);
};
struct ChoiceField {
    std::vector<std::string> names;
    void (*set)(SystemSpec&, int);
    int (*get)(const SystemSpec&);
};

struct Key {
    std::string section, key;
    std::variant<WholeField, NumberField, OptionalField, FlagField, TextField, TextsField,
                 ChoiceField>
        field;

    std::string full() const { return section.empty() ? key : section + "." + key; }
};

// A choice of an enumeration whose values are in the order of the names.
#define MHO_CHOICE(member, ...)                                                          \
    ChoiceField {                                                                        \
        {__VA_ARGS__},                                                                   \
            [](SystemSpec& s, int k) { s.member = static_cast<decltype(s.member)>(k); }, \
            [](const SystemSpec& s) { return static_cast<int>(s.member); }               \
    }
#define MHO_AT(type, member) [](SystemSpec& s) -> type& { return s.member; }

std::vector<Key> top_keys() {
    return {
        {"", "name", TextField{MHO_AT(std::string, name)}},
        {"", "title", TextField{MHO_AT(std::string, title)}},
        {"", "source", TextField{MHO_AT(std::string, source)}},
        {"", "notes", TextsField{MHO_AT(std::vector<std::string>, notes)}},
        {"", "products", MHO_CHOICE(products, "float", "quantised")},
        {"", "digital_layers", TextsField{MHO_AT(std::vector<std::string>, digital_layers)}},
    };
}

std::vector<Key> mapping_keys() {
    return {
        {"weights", "bits", WholeField{MHO_AT(int, weights.bits), 2, 16}},
        {"weights", "slice_bits", WholeField{MHO_AT(int, weights.slice_bits), 0, 16}},
        {"weights", "sign", MHO_CHOICE(weights.sign, "differential", "offset")},
        {"weights", "pairs",
         ChoiceField{{"one_sided", "two_sided"},
                     [](SystemSpec& s, int k) { s.weights.two_sided = k == 1; },
                     [](const SystemSpec& s) { return s.weights.two_sided ? 1 : 0; }}},
        {"weights", "subtraction", MHO_CHOICE(weights.subtraction, "analog", "digital")},
        {"weights", "offset_removal", MHO_CHOICE(weights.offset_removal, "digital", "unit_column")},
        {"weights", "percentile", NumberField{MHO_AT(double, weights.percentile), 1, 100}},
        {"weights", "rounded", FlagField{MHO_AT(bool, weights.rounded)}},
        {"weights", "scale",
         ChoiceField{{"layer", "column"},
                     [](SystemSpec& s, int k) { s.weights.scale_by_column = k == 1; },
                     [](const SystemSpec& s) { return s.weights.scale_by_column ? 1 : 0; }}},
        {"weights", "bias",
         ChoiceField{{"digital", "array"},
                     [](SystemSpec& s, int k) { s.weights.bias_in_array = k == 1; },
                     [](const SystemSpec& s) { return s.weights.bias_in_array ? 1 : 0; }}},
        {"array", "rows", WholeField{MHO_AT(int, array.rows), 0, 65536}},
        {"array", "columns", WholeField{MHO_AT(int, array.columns), 0, 65536}},
        {"array", "split", MHO_CHOICE(array.split, "full", "equal")},
        {"array", "groups", WholeField{MHO_AT(int, array.groups), 0, 65536}},
        {"array", "copies", WholeField{MHO_AT(int, array.copies), 1, 1024}},
        {"inputs", "bits", WholeField{MHO_AT(int, inputs.bits), 0, 16}},
        {"inputs", "slice_bits", WholeField{MHO_AT(int, inputs.slice_bits), 0, 16}},
        {"inputs", "negative",
         ChoiceField{{"magnitude", "twos_complement"},
                     [](SystemSpec& s, int k) {
                         s.inputs.negative = k == 0 ? behavioral::InputSign::magnitude
                                                    : behavioral::InputSign::twos_complement;
                     },
                     [](const SystemSpec& s) {
                         return s.inputs.negative == behavioral::InputSign::magnitude ? 0 : 1;
                     }}},
        {"inputs", "sum", MHO_CHOICE(inputs.sum, "digital", "analog")},
        {"inputs", "percentile", NumberField{MHO_AT(double, inputs.percentile), 1, 100}},
        {"inputs", "images", WholeField{MHO_AT(int, inputs.images), 1, 1000000}},
        {"inputs", "file", TextField{MHO_AT(std::string, inputs.file)}},
    };
}

std::vector<Key> circuit_keys() {
    return {
        {"adc", "range",
         MHO_CHOICE(adc.range, "none", "maximum", "granular", "calibrated", "file")},
        {"adc", "bits", WholeField{MHO_AT(int, adc.bits), 1, 20}},
        {"adc", "percentile", NumberField{MHO_AT(double, adc.percentile), 1, 100}},
        {"adc", "images", WholeField{MHO_AT(int, adc.images), 1, 1000000}},
        {"adc", "exact_zero", FlagField{MHO_AT(bool, adc.exact_zero)}},
        {"adc", "symmetric", FlagField{MHO_AT(bool, adc.symmetric)}},
        {"adc", "file", TextField{MHO_AT(std::string, adc.file)}},
        {"adc", "model",
         MHO_CHOICE(adc.form, "ideal", "ramp", "sar", "pipeline", "cyclic", "card")},
        {"adc", "card", TextField{MHO_AT(std::string, adc.card)}},
        {"adc", "gain_db", NumberField{MHO_AT(double, adc.circuit.gain_db), 0, 400}},
        {"adc", "sigma_capacitor",
         NumberField{MHO_AT(double, adc.circuit.sigma_capacitor), 0, 0.3}},
        {"adc", "sigma_comparator",
         NumberField{MHO_AT(double, adc.circuit.sigma_comparator), 0, 0.3}},
        {"adc", "symmetric_cdac", FlagField{MHO_AT(bool, adc.circuit.symmetric_cdac)}},
        {"adc", "split_cdac", FlagField{MHO_AT(bool, adc.circuit.split_cdac)}},
        {"adc", "sigma_c1", NumberField{MHO_AT(double, adc.circuit.sigma_c1), 0, 0.3}},
        {"adc", "sigma_c2", NumberField{MHO_AT(double, adc.circuit.sigma_c2), 0, 0.3}},
        {"adc", "sigma_cpar", NumberField{MHO_AT(double, adc.circuit.sigma_cpar), 0, 0.3}},
        {"adc", "group_size", WholeField{MHO_AT(int, adc.circuit.group_size), 1, 65536}},
        {"device", "name", TextField{MHO_AT(std::string, device.name)}},
        {"device", "r_min", NumberField{MHO_AT(double, device.r_min), 0, kMost}},
        {"device", "on_off", NumberField{MHO_AT(double, device.on_off), 0, kMost}},
        {"device", "time_second", NumberField{MHO_AT(double, device.time_second), 0, kMost}},
        {"device", "celsius",
         OptionalField{MHO_AT(std::optional<double>, device.celsius), -273, 1000}},
        {"device", "dose_krad", NumberField{MHO_AT(double, device.dose_krad), 0, kMost}},
        {"device", "error_scale", NumberField{MHO_AT(double, device.error_scale), 0, 100}},
        {"device", "read_noise_scale",
         NumberField{MHO_AT(double, device.read_noise_scale), 0, 100}},
        {"device", "compensation", FlagField{MHO_AT(bool, device.compensation)}},
        {"device", "levels", WholeField{MHO_AT(int, device.levels), 0, 65536}},
        {"device", "stuck_low",
         OptionalField{MHO_AT(std::optional<double>, device.stuck_low), 0, 1}},
        {"device", "stuck_high",
         OptionalField{MHO_AT(std::optional<double>, device.stuck_high), 0, 1}},
        {"device", "read_volt", NumberField{MHO_AT(double, device.read_volt), 1e-6, 100}},
        {"device", "ohmic", FlagField{MHO_AT(bool, device.ohmic)}},
        {"wire", "topology", MHO_CHOICE(wire.topology, "a", "b", "c")},
        {"wire", "r_row", NumberField{MHO_AT(double, wire.r_row), 0, kMost}},
        {"wire", "r_col", NumberField{MHO_AT(double, wire.r_col), 0, kMost}},
        {"wire", "r_driver", NumberField{MHO_AT(double, wire.r_driver), 0, kMost}},
        {"wire", "r_sense", NumberField{MHO_AT(double, wire.r_sense), 0, kMost}},
        {"timing", "settle_second", NumberField{MHO_AT(double, timing.settle_second), 0, 1}},
        {"timing", "row_farad", NumberField{MHO_AT(double, timing.row_farad), 0, 1}},
        {"timing", "column_farad", NumberField{MHO_AT(double, timing.column_farad), 0, 1}},
        {"timing", "cell_farad", NumberField{MHO_AT(double, timing.cell_farad), 0, 1}},
        {"timing", "integrates", FlagField{MHO_AT(bool, timing.integrates)}},
        {"noise", "readout_lsb", NumberField{MHO_AT(double, readout_noise_lsb), 0, 1000}},
        {"cost", "conversion_joule",
         OptionalField{MHO_AT(std::optional<double>, cost.conversion_joule), 0, 1}},
        {"cost", "slice_second",
         OptionalField{MHO_AT(std::optional<double>, cost.slice_second), 0, 1}},
        {"cost", "conversion_second",
         OptionalField{MHO_AT(std::optional<double>, cost.conversion_second), 0, 1}},
        {"cost", "source", TextField{MHO_AT(std::string, cost.source)}},
    };
}
#undef MHO_AT
#undef MHO_CHOICE

const std::vector<Key>& keys() {
    static const std::vector<Key> all = [] {
        std::vector<Key> list = top_keys();
        for (auto more : {mapping_keys(), circuit_keys()}) {
            list.insert(list.end(), more.begin(), more.end());
        }
        return list;
    }();
    return all;
}

const Key* find_key(std::string_view section, std::string_view key) {
    const auto found = std::find_if(keys().begin(), keys().end(), [&](const Key& one) {
        return one.section == section && one.key == key;
    });
    return found == keys().end() ? nullptr : &*found;
}

std::vector<std::string> key_names() {
    std::vector<std::string> names{"schema"};
    for (const Key& key : keys()) names.push_back(key.full());
    return names;
}

// One value of a file or of a change; `place` is for messages.
struct GivenValue {
    const TomlEntry& entry;
    std::string place;

    [[noreturn]] void fail(const std::string& expected) const {
        throw bad_input("{}: expected {}, found {}", place, expected, entry.found());
    }
    double number(double low, double high) const {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (const auto* real = std::get_if<double>(&entry.data)) value = *real;
        if (const auto* whole = std::get_if<std::int64_t>(&entry.data)) {
            value = static_cast<double>(*whole);
        }
        if (!(value >= low && value <= high)) fail(fmt::format("a number {} to {}", low, high));
        return value;
    }
};

// Writes one value into the specification.
struct Setter {
    SystemSpec& spec;
    const GivenValue& value;

    void operator()(const WholeField& field) const {
        const auto* whole = std::get_if<std::int64_t>(&value.entry.data);
        if (whole == nullptr || *whole < field.low || *whole > field.high) {
            value.fail(fmt::format("a whole number {} to {}", field.low, field.high));
        }
        field.at(spec) = static_cast<int>(*whole);
    }
    void operator()(const NumberField& field) const {
        field.at(spec) = value.number(field.low, field.high);
    }
    void operator()(const OptionalField& field) const {
        field.at(spec) = value.number(field.low, field.high);
    }
    void operator()(const FlagField& field) const {
        const auto* flag = std::get_if<bool>(&value.entry.data);
        if (flag == nullptr) value.fail("true or false");
        field.at(spec) = *flag;
    }
    void operator()(const TextField& field) const {
        const auto* text = std::get_if<std::string>(&value.entry.data);
        if (text == nullptr) value.fail("a text");
        field.at(spec) = *text;
    }
    void operator()(const TextsField& field) const {
        const auto* texts = std::get_if<std::vector<std::string>>(&value.entry.data);
        const auto* numbers = std::get_if<std::vector<double>>(&value.entry.data);
        if (texts == nullptr && !(numbers != nullptr && numbers->empty())) {
            value.fail("an array of texts");
        }
        field.at(spec) = texts == nullptr ? std::vector<std::string>() : *texts;
    }
    void operator()(const ChoiceField& field) const {
        const auto* text = std::get_if<std::string>(&value.entry.data);
        for (std::size_t k = 0; text != nullptr && k < field.names.size(); ++k) {
            if (field.names[k] == *text) return field.set(spec, static_cast<int>(k));
        }
        value.fail(fmt::format("one of {}", fmt::join(field.names, ", ")));
    }
};

// One value as TOML; empty where nothing is given.
struct Writer {
    SystemSpec& spec;

    std::string operator()(const WholeField& field) const {
        return fmt::format("{}", field.at(spec));
    }
    std::string operator()(const NumberField& field) const {
        return fmt::format("{}", field.at(spec));
    }
    std::string operator()(const OptionalField& field) const {
        return field.at(spec) ? fmt::format("{}", *field.at(spec)) : "";
    }
    std::string operator()(const FlagField& field) const {
        return field.at(spec) ? "true" : "false";
    }
    std::string operator()(const TextField& field) const {
        const std::string& text = field.at(spec);
        return text.empty() ? "" : netlist::toml_string(text);
    }
    std::string operator()(const TextsField& field) const {
        std::vector<std::string> quoted;
        for (const std::string& text : field.at(spec)) {
            quoted.push_back(netlist::toml_string(text));
        }
        return quoted.empty() ? "" : fmt::format("[{}]", fmt::join(quoted, ", "));
    }
    std::string operator()(const ChoiceField& field) const {
        return netlist::toml_string(field.names[static_cast<std::size_t>(field.get(spec))]);
    }
};

void set_value(SystemSpec& spec, const TomlEntry& entry, const std::string& place) {
    const Key* key = find_key(entry.section, entry.key);
    const std::string full =
        entry.section.empty() ? entry.key : fmt::format("{}.{}", entry.section, entry.key);
    if (key == nullptr) {
        throw bad_input("{}: unknown key '{}'{}", place, full, did_you_mean(full, key_names()));
    }
    const GivenValue value{entry, fmt::format("{}: {}", place, full)};
    std::visit(Setter{spec, value}, key->field);
}

// A change as one line of TOML. A value that is none stands for itself as a text.
TomlEntries read_change(const std::string& change) {
    const std::string place = fmt::format("--set {}", change);
    const std::size_t equals = change.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == change.size()) {
        throw bad_input("{}: expected key=value, for example array.rows=256", place);
    }
    const std::string key = change.substr(0, equals), value = change.substr(equals + 1);
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    if (!std::all_of(key.begin(), key.end(), letter)) {
        throw bad_input("{}: unknown key '{}'{}", place, key, did_you_mean(key, key_names()));
    }
    const std::size_t dot = key.find('.');
    TomlEntries made;
    try {
        made = netlist::read_toml("value = " + value + "\n", place);
    } catch (const Error&) {
        made = netlist::read_toml("value = " + netlist::toml_string(value) + "\n", place);
    }
    if (made.entries.size() != 1) throw bad_input("{}: expected one value", place);
    made.entries[0].section = dot == std::string::npos ? "" : key.substr(0, dot);
    made.entries[0].key = dot == std::string::npos ? key : key.substr(dot + 1);
    return made;
}

void check_sections(const TomlEntries& entries, std::string_view where) {
    std::vector<std::string> known;
    for (const Key& key : keys()) known.push_back(key.section);
    for (const netlist::TomlSection& section : entries.sections) {
        if (std::find(known.begin(), known.end(), section.name) != known.end()) continue;
        throw bad_input("{}:{}: unknown section [{}]{}", where, section.line, section.name,
                        did_you_mean(section.name, known));
    }
}

// Not a shipped device by its name.
bool is_file(const fs::path& name) {
    return name.has_parent_path() || name.extension() == ".toml";
}

fs::path inside(const fs::path& folder, const std::string& name) {
    const fs::path path = name;
    return path.is_relative() ? folder / path : path;
}

// Files that the system names, relative ones in `folder`.
void load_files(SystemSpec& spec, const fs::path& folder) {
    AdcSpec& adc = spec.adc;
    if (!adc.file.empty()) adc.ranges = read_layer_ranges(inside(folder, adc.file));
    if (!spec.inputs.file.empty()) {
        spec.inputs.ranges = read_layer_ranges(inside(folder, spec.inputs.file));
    }
    if (!adc.card.empty()) {
        const fs::path path = inside(folder, adc.card);
        adc.measured = behavioral::card_from_json(read_file(path), path.string()).adc;
    }
    if (adc.is_circuit()) {
        const int kind = static_cast<int>(adc.form) - static_cast<int>(AdcForm::ramp);
        adc.circuit.architecture = static_cast<behavioral::AdcArchitecture>(kind);
    }
}

// Levels of equal steps and stuck cells that the system asks for.
void change_states(CellSpec& device) {
    behavioral::DeviceModel& model = *device.model;
    if (device.levels == 1) throw bad_input("device.levels: expected 0 or at least 2, found 1");
    if (device.levels > 0) {
        model.state.levels.clear();
        const double step = (model.state.high - model.state.low) / (device.levels - 1);
        for (int k = 0; k < device.levels - 1; ++k) {
            model.state.levels.push_back(model.state.low + k * step);
        }
        model.state.levels.push_back(model.state.high);
    }
    if (!device.stuck_low && !device.stuck_high) return;
    const behavioral::StuckCells own = model.stuck.value_or(behavioral::StuckCells{});
    model.stuck = {device.stuck_low.value_or(own.low_probability),
                   device.stuck_high.value_or(own.high_probability), "the system's"};
}

void load_device(CellSpec& device, const fs::path& folder) {
    if (device.name.empty()) return;
    device.model =
        read_device(is_file(device.name) ? inside(folder, device.name) : fs::path(device.name));
    if (device.on_off > 0) {
        if (device.on_off <= 1) {
            throw bad_input("device.on_off: expected more than 1, found {}", device.on_off);
        }
        device.model->state.low = device.model->state.high / device.on_off;
    }
    change_states(device);
    behavioral::require_valid(*device.model);
}

// The file that a change names, which stands in the current folder.
std::string* named_file(SystemSpec& spec, const TomlEntry& entry) {
    const std::string full = entry.section + "." + entry.key;
    std::string* file = full == "device.name"   ? &spec.device.name
                        : full == "adc.file"    ? &spec.adc.file
                        : full == "adc.card"    ? &spec.adc.card
                        : full == "inputs.file" ? &spec.inputs.file
                                                : nullptr;
    const bool shipped = file == &spec.device.name && !is_file(spec.device.name);
    return shipped || file == nullptr || file->empty() ? nullptr : file;
}

}  // namespace

SystemSpec parse_system(std::string_view text, std::string_view where,
                        const std::vector<std::string>& changes, const fs::path& folder) {
    const TomlEntries entries = netlist::read_toml(text, where);
    check_sections(entries, where);
    const TomlEntry* schema = entries.find("", "schema");
    const auto* given = schema == nullptr ? nullptr : std::get_if<std::string>(&schema->data);
    if (given == nullptr || *given != kSystemSchema) {
        throw bad_input("{}:{}: expected schema = \"{}\"", where,
                        schema == nullptr ? 1 : schema->line, kSystemSchema);
    }
    SystemSpec spec;
    for (const TomlEntry& entry : entries.entries) {
        if (&entry == schema) continue;
        set_value(spec, entry, fmt::format("{}:{}", where, entry.line));
    }
    if (spec.name.empty()) throw bad_input("{}:1: missing key 'name'", where);
    for (const std::string& change : changes) {
        const TomlEntries one = read_change(change);
        set_value(spec, one.entries[0], fmt::format("--set {}", change));
        if (std::string* file = named_file(spec, one.entries[0])) {
            *file = fs::absolute(*file).string();
        }
    }
    load_device(spec.device, folder);
    load_files(spec, folder);
    check_system(spec);
    return spec;
}

SystemSpec read_system(const fs::path& name_or_file, const std::vector<std::string>& changes) {
    fs::path path = name_or_file;
    if (!path.has_parent_path() && path.extension() != ".toml") {
        path = find_data(fs::path("systems") / (name_or_file.string() + ".toml"));
        if (path.empty()) {
            throw bad_input("no system '{}' is shipped{}; there are {}", name_or_file.string(),
                            did_you_mean(name_or_file.string(), shipped_systems()),
                            fmt::join(shipped_systems(), ", "));
        }
    }
    return parse_system(read_file(path), path.string(), changes, path.parent_path());
}

std::string system_to_toml(const SystemSpec& spec) {
    SystemSpec copy = spec;
    std::string text = fmt::format("schema = \"{}\"\n", kSystemSchema), section;
    for (const Key& key : keys()) {
        const std::string value = std::visit(Writer{copy}, key.field);
        if (value.empty()) continue;
        if (key.section != section) text += fmt::format("\n[{}]\n", key.section);
        section = key.section;
        text += fmt::format("{} = {}\n", key.key, value);
    }
    return text;
}

std::vector<std::string> shipped_systems() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(find_data("systems"), ignored)) {
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace mho::flows
