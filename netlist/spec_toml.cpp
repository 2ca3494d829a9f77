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

// How a file names the values of each enumeration, in their order.
constexpr std::array<std::string_view, 1> names_of(CellKind) {
    return {"1t1r"};
}
constexpr std::array<std::string_view, 1> names_of(ReadoutKind) {
    return {"transimpedance"};
}
constexpr std::array<std::string_view, 2> names_of(AdcKind) {
    return {"ramp", "sar"};
}
constexpr std::array<std::string_view, 2> names_of(SarSampling) {
    return {"top_plate", "bottom_plate"};
}
constexpr std::array<std::string_view, 2> names_of(CdacKind) {
    return {"binary", "split"};
}

template <typename Kind>
bool is_named(Kind value) {
    return static_cast<std::size_t>(value) < names_of(value).size();
}

bool fits(const IntegerRange& range, int value) {
    return value >= range.low && value <= range.high && (!range.even || value % 2 == 0);
}

bool fits(const NumberRange& range, double value) {
    return std::isfinite(value) && value <= range.high &&
           (range.above_low ? value > range.low : value >= range.low);
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
    template <typename Kind>
    bool operator()(Kind& (*member)(Spec&)) const {
        const auto* text = std::get_if<std::string>(&data);
        if (text == nullptr) return false;
        const auto names = names_of(Kind{});
        const auto found = std::find(names.begin(), names.end(), *text);
        if (found == names.end()) return false;
        member(spec) = static_cast<Kind>(found - names.begin());
        return true;
    }

    bool set_text(std::string& target) const {
        const auto* text = std::get_if<std::string>(&data);
        if (text == nullptr || (text->empty() && field.section != "")) return false;
        target = *text;
        return true;
    }
};

// A spec's value as it stands in a file.
struct ValueText {
    Spec& spec;

    std::string operator()(int& (*member)(Spec&)) const { return std::to_string(member(spec)); }
    std::string operator()(double& (*member)(Spec&)) const { return number_text(member(spec)); }
    std::string operator()(std::string& (*member)(Spec&)) const {
        return toml_string(member(spec));
    }
    std::string operator()(std::filesystem::path& (*member)(Spec&)) const {
        return toml_string(member(spec).string());
    }
    template <typename Kind>
    std::string operator()(Kind& (*member)(Spec&)) const {
        const Kind kind = member(spec);
        return is_named(kind) ? toml_string(names_of(kind).at(static_cast<std::size_t>(kind)))
                              : std::to_string(static_cast<int>(kind));
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
        return field.section == "" || !member(spec).empty();
    }
    bool operator()(std::filesystem::path& (*member)(Spec&)) const { return !member(spec).empty(); }
    template <typename Kind>
    bool operator()(Kind& (*member)(Spec&)) const {
        return is_named(member(spec));
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

// A key of the other kind of converter would be ignored.
void require_own_keys(const TomlEntries& entries, const Spec& spec, std::string_view where) {
    for (const TomlEntry& entry : entries.entries) {
        const SpecField* field = find_field(entry.section, entry.key);
        if (field == nullptr || field->applies(spec)) continue;
        const auto names = names_of(AdcKind{});
        throw bad_input("{}:{}: {}: a converter of kind \"{}\" has no such key, only \"{}\"", where,
                        entry.line, label(entry.section, entry.key),
                        names.at(static_cast<std::size_t>(spec.adc.kind)),
                        names.at(static_cast<std::size_t>(*field->only)));
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
    return spec;
}

void require_valid(const Spec& spec) {
    Spec copy = spec;  // members are reached through references to a mutable spec
    for (const SpecField& field : spec_fields()) {
        if (std::visit(IsValid{copy, field}, field.member)) continue;
        throw bad_input("spec '{}': {}: expected {}, found {}", spec.name,
                        label(field.section, field.key), field.expected(),
                        std::visit(ValueText{copy}, field.member));
    }
    const SpecConflict conflict = find_conflict(spec);
    if (!conflict.message.empty()) {
        throw bad_input("spec '{}': {}: {}", spec.name, label(conflict.section, conflict.key),
                        conflict.message);
    }
}

std::string spec_to_toml(const Spec& spec) {
    Spec copy = spec;
    std::string text = fmt::format("schema = \"{}\"\n", kSchema);
    std::string_view section;
    for (const SpecField& field : spec_fields()) {
        if (!field.applies(spec)) continue;
        if (field.section != section) {
            section = field.section;
            text += fmt::format("\n[{}]\n", section);
        }
        text += fmt::format("{} = {}\n", field.key, std::visit(ValueText{copy}, field.member));
    }
    return text;
}

}  // namespace mho::netlist
