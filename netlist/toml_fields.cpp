// SPDX-License-Identifier: Apache-2.0
#include "netlist/toml_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"

namespace mho::netlist {

TomlFields::TomlFields(const TomlEntries& entries, std::string where)
    : entries_(entries), where_(std::move(where)) {}

std::string TomlFields::text(std::string_view section, std::string_view key) const {
    const TomlEntry& entry = need(section, key);
    const auto* value = std::get_if<std::string>(&entry.data);
    if (value == nullptr || value->empty()) fail(entry, "a text");
    return *value;
}

std::string TomlFields::optional_text(std::string_view section, std::string_view key) const {
    return has(section, key) ? text(section, key) : std::string();
}

std::vector<std::string> TomlFields::texts(std::string_view section, std::string_view key) const {
    const TomlEntry& entry = need(section, key);
    const auto* value = std::get_if<std::vector<std::string>>(&entry.data);
    if (value == nullptr || value->empty()) fail(entry, "an array of texts");
    return *value;
}

double TomlFields::number(std::string_view section, std::string_view key) const {
    const TomlEntry& entry = need(section, key);
    double value = std::numeric_limits<double>::quiet_NaN();
    if (const auto* real = std::get_if<double>(&entry.data)) value = *real;
    if (const auto* integer = std::get_if<std::int64_t>(&entry.data)) {
        value = static_cast<double>(*integer);
    }
    if (!std::isfinite(value)) fail(entry, "a finite number");
    return value;
}

std::vector<double> TomlFields::numbers(std::string_view section, std::string_view key) const {
    const TomlEntry& entry = need(section, key);
    const auto* value = std::get_if<std::vector<double>>(&entry.data);
    if (value == nullptr || !std::all_of(value->begin(), value->end(),
                                         [](double number) { return std::isfinite(number); })) {
        fail(entry, "an array of finite numbers");
    }
    return *value;
}

double TomlFields::positive(std::string_view section, std::string_view key) const {
    const double value = number(section, key);
    if (value <= 0) fail(need(section, key), "a positive number");
    return value;
}

double TomlFields::not_negative(std::string_view section, std::string_view key) const {
    const double value = number(section, key);
    if (value < 0) fail(need(section, key), "a number not below 0");
    return value;
}

bool TomlFields::has(std::string_view section, std::string_view key) const {
    return entries_.find(section, key) != nullptr;
}

const TomlEntry& TomlFields::need(std::string_view section, std::string_view key) const {
    if (const TomlEntry* entry = entries_.find(section, key)) return *entry;
    const TomlSection* found = entries_.find_section(section);
    const std::size_t line = found == nullptr ? 1 : found->line;
    if (section.empty()) throw bad_input("{}:{}: missing key '{}'", where_, line, key);
    throw bad_input("{}:{}: missing key '{}' in [{}]", where_, line, key, section);
}

void TomlFields::fail(const TomlEntry& entry, std::string_view expected) const {
    const std::string place = entry.section.empty() ? "" : "[" + entry.section + "] ";
    throw bad_input("{}:{}: {}{}: expected {}, found {}", where_, entry.line, place, entry.key,
                    expected, entry.found());
}

}  // namespace mho::netlist
