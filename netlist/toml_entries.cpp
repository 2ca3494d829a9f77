// SPDX-License-Identifier: Apache-2.0
#include "netlist/toml_entries.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "netlist/value.h"

namespace mho::netlist {
namespace {

constexpr std::size_t kLargestFile = std::size_t{4} << 20;
constexpr std::ptrdiff_t kMostDots = 200;  // in one line, strings included: bounds the nesting
constexpr int kDeepestTable = 8;

// Every dot may open a table, and the library frees nested tables by recursion.
void check_extent(std::string_view text, std::string_view where) {
    if (text.size() > kLargestFile) {
        throw bad_input("{}:1: the file has {} bytes, expected at most {}", where, text.size(),
                        kLargestFile);
    }
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view content = text.substr(at, end - at);
        if (std::count(content.begin(), content.end(), '.') > kMostDots) {
            throw bad_input("{}:{}: more than {} dots in one line", where, line, kMostDots);
        }
        at = end + 1;
    }
}

// All texts, or all numbers; an empty array counts as texts.
TomlEntry::Data array_of(const toml::array& array) {
    std::vector<std::string> texts;
    std::vector<double> numbers;
    for (const toml::node& element : array) {
        if (const auto* text = element.as_string()) {
            texts.push_back(text->get());
        } else if (const auto* integer = element.as_integer()) {
            numbers.push_back(static_cast<double>(integer->get()));
        } else if (const auto* number = element.as_floating_point()) {
            numbers.push_back(number->get());
        } else {
            return TomlEntry::Other{"an array"};
        }
    }
    if (numbers.empty()) return texts;
    if (texts.empty()) return numbers;
    return TomlEntry::Other{"an array"};
}

TomlEntry::Data data_of(const toml::node& node) {
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* text = node.as_string()) return text->get();
    const auto* array = node.as_array();
    if (array == nullptr) return TomlEntry::Other{"a date or time"};
    return array_of(*array);
}

void flatten(const toml::table& table, const std::string& section, int depth,
             TomlEntries& entries) {
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const std::size_t line = key.source().begin.line;
        const auto* inner = node.as_table();
        if (inner == nullptr || depth == kDeepestTable) {
            entries.entries.push_back(
                {section, name, line,
                 inner == nullptr ? data_of(node) : TomlEntry::Other{"a table"}});
            continue;
        }
        const std::string path = section.empty() ? name : section + "." + name;
        entries.sections.push_back({path, line});
        flatten(*inner, path, depth + 1, entries);
    }
}

struct FoundText {
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return number_text(value); }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(const std::string& value) const {
        constexpr std::size_t kLongestText = 40;
        return value.size() <= kLongestText ? toml_string(value)
                                            : fmt::format("a text of {} bytes", value.size());
    }
    std::string operator()(const std::vector<std::string>& value) const {
        return fmt::format("an array of {}", value.size());
    }
    std::string operator()(const std::vector<double>&) const { return "an array"; }
    std::string operator()(const TomlEntry::Other& value) const { return value.what; }
};

}  // namespace

std::string TomlEntry::found() const {
    return std::visit(FoundText{}, data);
}

const TomlEntry* TomlEntries::find(std::string_view section, std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const TomlEntry& entry) {
        return entry.section == section && entry.key == key;
    });
    return found == entries.end() ? nullptr : &*found;
}

const TomlSection* TomlEntries::find_section(std::string_view name) const {
    const auto found = std::find_if(sections.begin(), sections.end(),
                                    [&](const TomlSection& s) { return s.name == name; });
    return found == sections.end() ? nullptr : &*found;
}

TomlEntries read_toml(std::string_view text, std::string_view where) {
    check_extent(text, where);
    TomlEntries entries;
    try {
        const toml::table table = toml::parse(text);
        flatten(table, "", 0, entries);
    } catch (const toml::parse_error& error) {
        throw bad_input("{}:{}: not valid TOML: {}", where, error.source().begin.line,
                        std::string(error.description()));
    }
    const auto by_line = [](const auto& a, const auto& b) { return a.line < b.line; };
    std::stable_sort(entries.entries.begin(), entries.entries.end(), by_line);
    std::stable_sort(entries.sections.begin(), entries.sections.end(), by_line);
    return entries;
}

std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\u{:04x}", byte);
        } else {
            result += c;
        }
    }
    return result + "\"";
}

}  // namespace mho::netlist
