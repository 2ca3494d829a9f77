// SPDX-License-Identifier: Apache-2.0
// A TOML file as the flat list of its values, each with section, key and line, so that readers
// need no TOML library and report every slip by line. For the readers of this layer and of flows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mho::netlist {

struct TomlEntry {
    // A value of a kind that no reader here takes: what it is ("a table", "a date").
    struct Other {
        std::string what;
    };
    using Data = std::variant<std::int64_t, double, bool, std::string, std::vector<std::string>,
                              std::vector<double>, Other>;
    std::string section;  // "metal.m1"; empty for keys before the first section
    std::string key;
    std::size_t line = 0;
    Data data;

    std::string found() const;  // the value for messages, shortened: 12, "m4", a date
};

struct TomlSection {
    std::string name;
    std::size_t line = 0;
};

struct TomlEntries {
    std::vector<TomlSection> sections;  // every table, in the order of the file
    std::vector<TomlEntry> entries;     // likewise

    const TomlEntry* find(std::string_view section, std::string_view key) const;
    const TomlSection* find_section(std::string_view name) const;
};

// Throws bad_input "WHERE:LINE: ..." for anything that is not TOML, and never fails otherwise.
TomlEntries read_toml(std::string_view text, std::string_view where);

// Text as a TOML basic string with its quotation marks.
std::string toml_string(std::string_view text);

}  // namespace mho::netlist
