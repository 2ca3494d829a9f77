// SPDX-License-Identifier: Apache-2.0
#include "netlist/spec_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "netlist/spec_fields.h"
#include "netlist/toml_entries.h"
#include "netlist/value.h"

namespace mho::netlist {
namespace {

constexpr std::string_view kSchema = "mho.spec/1";

// The number of the choice, in the order of the range; nothing when there is no such choice.
std::optional<std::size_t> find_choice(std::string_view choices, std::string_view text) {
    if (text.empty() || text.find(' ') != std::string_view::npos) return std::nullopt;
    for (std::size_t at = 0, k = 0; at < choices.size(); ++k) {
        const std::size_t end = std::min(choices.find(' ', at), choices.size());
        if (choices.substr(at, end - at) == text) return k;
        at = end + 1;
    }
    return std::nullopt;
}

std::string_view choice(std::string_view choices, std::size_t number) {
    for (; number > 0; --number) choices.remove_prefix(choices.find(' ') + 1);
    return choices.substr(0, choices.find(' '));
}

bool fits(const IntegerRange& range, int value) {
    return value >= range.low && value <= range.high && (!range.even || value % 2 == 0);
}

bool fits(const NumberRange& range, double value) {
    return std::isfinite(value) && value <= range.high &&
           (range.above_low ? value > range.low : value >= range.low);
}

bool fits(const NumberListRange& range, const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [&range](double value) {
        return std::isfinite(value) && value >= range.low && value <= range.high;
    });
}

bool all_filled(const std::vector<std::string>& texts) {
    return std::none_of(texts.begin(), texts.end(),
                        [](const std::string& text) { return text.empty(); });
}

bool may_be_empty(const SpecField& field) {
    return field.section.empty() || std::get<TextRange>(field.range).may_be_empty;
}

// Reads one entry into its member; false when type or value do not suit the field.
struct Assign {
    Spec& spec;
    const SpecField& field;
    const TomlEntry::Data& data;

    bool operator()(int& (*member)(Spec&)) const {
        const auto* value = std::get_if<std::int64_t>(&data);
        const auto& range = std::get<IntegerRange>(field.range);
        if (value == nullptr || *value < range.low || *value > range.high) return false;
        member(spec) = static_cast<int>(*value);
        return fits(range, member(spec));
    }
    bool operator()(double& (*member)(Spec&)) const {
        if (const auto* integer = std::get_if<std::int64_t>(&data)) {
            member(spec) = static_cast<double>(*integer);
        } else if (const auto* number = std::get_if<double>(&data)) {
            member(spec) = *number;
        } else {
            return false;
        }
        return fits(std::get<NumberRange>(field.range), member(spec));
    }
    bool operator()(std::string& (*member)(Spec&)) const { return set_text(member(spec)); }
    bool operator()(std::filesystem::path& (*member)(Spec&)) const {
        std::string text;
        if (!set_text(text) || text.find('\0') != std::string::npos) return false;
        member(spec) = text;
        return true;
    }
    bool operator()(std::vector<std::string>& (*member)(Spec&)) const {
        const auto* texts = std::get_if<std::vector<std::string>>(&data);
        if (texts == nullptr || !all_filled(*texts)) return false;
        member(spec) = *texts;
        return true;
    }
    bool operator()(std::vector<double>& (*member)(Spec&)) const {
        // An empty array may have been read as one of texts.
        const auto* texts = std::get_if<std::vector<std::string>>(&data);
        const auto* numbers = std::get_if<std::vector<double>>(&data);
        if (numbers == nullptr && (texts == nullptr || !texts->empty())) return false;
        member(spec) = numbers == nullptr ? std::vector<double>{} : *numbers;
        return fits(std::get<NumberListRange>(field.range), member(spec));
    }
    template <typename Kind>
    bool operator()(Kind& (*member)(Spec&)) const {
        const auto* text = std::get_if<std::string>(&data);
        if (text == nullptr) return false;
        const auto number = find_choice(std::get<TextRange>(field.range).choices, *text);
        if (number) member(spec) = static_cast<Kind>(*number);
        return number.has_value();
    }

    bool set_text(std::string& target) const {
        const auto* text = std::get_if<std::string>(&data);
        if (text == nullptr || (text->empty() && !may_be_empty(field))) return false;
        target = *text;
        return true;
    }
};

// A spec's value as it stands in a file.
struct ValueText {
    Spec& spec;
    const SpecField& field;

    std::string operator()(int& (*member)(Spec&)) const { return std::to_string(member(spec)); }
    std::string operator()(double& (*member)(Spec&)) const { return number_text(member(spec)); }
    std::string operator()(std::string& (*member)(Spec&)) const {
        return toml_string(member(spec));
    }
    std::string operator()(std::filesystem::path& (*member)(Spec&)) const {
        return toml_string(member(spec).string());
    }
    std::string operator()(std::vector<std::string>& (*member)(Spec&)) const {
        std::string text;
        for (const std::string& one : member(spec)) {
            text += (text.empty() ? "" : ", ") + toml_string(one);
        }
        return "[" + text + "]";
    }
    std::string operator()(std::vector<double>& (*member)(Spec&)) const {
        std::string text;
        for (const double one : member(spec)) {
            text += (text.empty() ? "" : ", ") + number_text(one);
        }
        return "[" + text + "]";
    }
    template <typename Kind>
    std::string operator()(Kind& (*member)(Spec&)) const {
        return toml_string(choice(std::get<TextRange>(field.range).choices,
                                  static_cast<std::size_t>(member(spec))));
    }
};

struct IsValid {
    Spec& spec;
    const SpecField& field;

    bool operator()(int& (*member)(Spec&)) const {
        return fits(std::get<IntegerRange>(field.range), member(spec));
    }
    bool operator()(double& (*member)(Spec&)) const {
        return fits(std::get<NumberRange>(field.range), member(spec));
    }
    bool operator()(std::string& (*member)(Spec&)) const {
        return may_be_empty(field) || !member(spec).empty();
    }
    bool operator()(std::filesystem::path& (*member)(Spec&)) const {
        return may_be_empty(field) || !member(spec).empty();
    }
    bool operator()(std::vector<std::string>& (*member)(Spec&)) const {
        return all_filled(member(spec));
    }
    bool operator()(std::vector<double>& (*member)(Spec&)) const {
        return fits(std::get<NumberListRange>(field.range), member(spec));
    }
    template <typename Kind>
    bool operator()(Kind& (*)(Spec&)) const {
        return true;
    }
};

const SpecField* find_field(std::string_view section, std::string_view key) {
    const auto fields = spec_fields();
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const SpecField& field) {
        return field.section == section && field.key == key;
    });
    return found == fields.end() ? nullptr : &*found;
}

std::vector<std::string> known_keys(std::string_view section) {
    std::vector<std::string> keys;
    if (section.empty()) keys.emplace_back("schema");
    for (const SpecField& field : spec_fields()) {
        if (field.section == section) keys.emplace_back(field.key);
    }
    return keys;
}

std::vector<std::string> known_sections() {
    std::vector<std::string> sections;
    for (const SpecField& field : spec_fields()) {
        if (field.section.empty()) continue;
        if (sections.empty() || sections.back() != field.section) {
            sections.emplace_back(field.section);
        }
    }
    return sections;
}

std::string label(std::string_view section, std::string_view key) {
    return section.empty() ? std::string(key) : fmt::format("[{}] {}", section, key);
}

void check_schema(const TomlEntries& entries, std::string_view where) {
    const TomlEntry* schema = entries.find("", "schema");
    if (schema == nullptr) {
        throw bad_input("{}:1: missing key 'schema', expected schema = \"{}\"", where, kSchema);
    }
    const auto* text = std::get_if<std::string>(&schema->data);
    if (text == nullptr || *text != kSchema) {
        throw bad_input("{}:{}: schema: expected \"{}\", found {}", where, schema->line, kSchema,
                        schema->found());
    }
}

void check_sections(const TomlEntries& entries, std::string_view where) {
    const auto known = known_sections();
    for (const TomlSection& section : entries.sections) {
        if (std::find(known.begin(), known.end(), section.name) != known.end()) continue;
        throw bad_input("{}:{}: unknown section [{}]{}", where, section.line, section.name,
                        did_you_mean(section.name, known));
    }
}

[[noreturn]] void refuse_key(const TomlEntry& entry, std::string_view where) {
    const auto sections = known_sections();
    if (entry.section.empty() &&
        std::find(sections.begin(), sections.end(), entry.key) != sections.end()) {
        throw bad_input("{}:{}: {}: expected a section [{}], found {}", where, entry.line,
                        entry.key, entry.key, entry.found());
    }
    const std::string place =
        entry.section.empty() ? std::string() : fmt::format(" in [{}]", entry.section);
    throw bad_input("{}:{}: unknown key '{}'{}{}", where, entry.line, entry.key, place,
                    did_you_mean(entry.key, known_keys(entry.section)));
}

// The section whose kind a key depends on, and what has that kind.
struct KindOwner {
    std::string_view section, what;
};

KindOwner owner(const SpecField& field) {
    if (std::holds_alternative<DriverKind>(field.only)) return {"driver", "a driver"};
    if (std::holds_alternative<ReadoutKind>(field.only) ||
        std::holds_alternative<NoIntegrator>(field.only)) {
        return {"readout", "a read-out"};
    }
    return {"adc", "a converter"};
}

std::size_t wanted_kind(const SpecField& field) {
    struct Number {
        std::size_t operator()(std::monostate) const { return 0; }
        std::size_t operator()(DriverKind kind) const { return static_cast<std::size_t>(kind); }
        std::size_t operator()(ReadoutKind kind) const { return static_cast<std::size_t>(kind); }
        std::size_t operator()(NoIntegrator) const {
            return static_cast<std::size_t>(ReadoutKind::transimpedance);
        }
        std::size_t operator()(AdcKind kind) const { return static_cast<std::size_t>(kind); }
    };
    return std::visit(Number{}, field.only);
}

// A file that describes a converter and nothing before it asks for a card of the converter.
bool has_converter_only(const TomlEntries& entries) {
    const auto has = [&](std::string_view section) {
        return std::any_of(
            entries.sections.begin(), entries.sections.end(), [&](const TomlSection& found) {
                return found.name == section || found.name.starts_with(std::string(section) + ".");
            });
    };
    return has("adc") && !has("cell") && !has("array") && !has("driver") && !has("readout") &&
           !has("programming") && entries.find("calibration", "scope") == nullptr;
}

// A key of another kind of driver, read-out or converter would be ignored.
void require_own_keys(const TomlEntries& entries, Spec spec, std::string_view where) {
    for (const TomlEntry& entry : entries.entries) {
        const SpecField* field = find_field(entry.section, entry.key);
        if (field == nullptr || field->applies(spec)) continue;
        const auto [section, what] = owner(*field);
        const SpecField& kind = *find_field(section, "kind");
        throw bad_input("{}:{}: {}: {} of kind {} has no such key, only \"{}\"", where, entry.line,
                        label(entry.section, entry.key), what,
                        std::visit(ValueText{spec, kind}, kind.member),
                        choice(std::get<TextRange>(kind.range).choices, wanted_kind(*field)));
    }
}

}  // namespace

Spec parse_spec(std::string_view text, std::string_view where) {
    const TomlEntries entries = read_toml(text, where);
    check_schema(entries, where);
    check_sections(entries, where);
    Spec spec;
    for (const TomlEntry& entry : entries.entries) {
        if (entry.section.empty() && entry.key == "schema") continue;
        const SpecField* field = find_field(entry.section, entry.key);
        if (field == nullptr) refuse_key(entry, where);
        if (!std::visit(Assign{spec, *field, entry.data}, field->member)) {
            throw bad_input("{}:{}: {}: expected {}, found {}", where, entry.line,
                            label(entry.section, entry.key), field->expected(), entry.found());
        }
    }
    require_own_keys(entries, spec, where);
    if (has_converter_only(entries)) spec.calibration.scope = CalibrationScope::converter;
    const SpecConflict conflict = find_conflict(spec);
    if (!conflict.message.empty()) {
        const TomlEntry* entry = entries.find(conflict.section, conflict.key);
        const TomlSection* section = entries.find_section(conflict.section);
        const std::size_t line = entry != nullptr     ? entry->line
                                 : section != nullptr ? section->line
                                                      : 1;
        throw bad_input("{}:{}: {}: {}", where, line, label(conflict.section, conflict.key),
                        conflict.message);
    }
    return spec;
}

Spec read_spec(const std::filesystem::path& path) {
    Spec spec = parse_spec(read_file(path), path.string());
    if (spec.name.empty()) spec.name = path.stem().string();
    if (spec.technology.is_relative() && spec.technology.has_parent_path()) {
        spec.technology = (path.parent_path() / spec.technology).lexically_normal();
    }
    for (std::filesystem::path* file :
         {&spec.cell.user.file, &spec.readout.user.file, &spec.adc.user.file}) {
        if (file->is_absolute() || file->empty()) continue;
        *file = (path.parent_path() / *file).lexically_normal();
    }
    return spec;
}

void require_valid(const Spec& spec) {
    Spec copy = spec;  // members are reached through references to a mutable spec
    for (const SpecField& field : spec_fields()) {
        if (std::visit(IsValid{copy, field}, field.member)) continue;
        throw bad_input("spec '{}': {}: expected {}, found {}", spec.name,
                        label(field.section, field.key), field.expected(),
                        std::visit(ValueText{copy, field}, field.member));
    }
    const SpecConflict conflict = find_conflict(spec);
    if (!conflict.message.empty()) {
        throw bad_input("spec '{}': {}: {}", spec.name, label(conflict.section, conflict.key),
                        conflict.message);
    }
}

std::string spec_to_toml(const Spec& spec) {
    Spec copy = spec;
    Spec defaults;
    std::string text = fmt::format("schema = \"{}\"\n", kSchema);
    std::string_view section;
    for (const SpecField& field : spec_fields()) {
        if (!field.applies(spec)) continue;
        const std::string value = std::visit(ValueText{copy, field}, field.member);
        if (!field.is_written_always &&
            value == std::visit(ValueText{defaults, field}, field.member)) {
            continue;
        }
        if (field.section != section) {
            section = field.section;
            text += fmt::format("\n[{}]\n", section);
        }
        text += fmt::format("{} = {}\n", field.key, value);
    }
    return text;
}

}  // namespace mho::netlist
