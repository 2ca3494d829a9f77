// SPDX-License-Identifier: Apache-2.0
// Typed look-ups in one TOML file. Each throws bad_input, one line with file, line, section and
// key, when what it looks for is missing or of another kind. For the readers of this layer and of
// flows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "netlist/toml_entries.h"

namespace mho::netlist {

class TomlFields {
  public:
    // Refers to the entries. `where` is the file, for messages.
    TomlFields(const TomlEntries& entries, std::string where);

    // Not empty.
    std::string text(std::string_view section, std::string_view key) const;
    std::string optional_text(std::string_view section, std::string_view key) const;  // or ""
    std::vector<std::string> texts(std::string_view section, std::string_view key) const;
    double number(std::string_view section, std::string_view key) const;                // finite
    std::vector<double> numbers(std::string_view section, std::string_view key) const;  // finite
    double positive(std::string_view section, std::string_view key) const;
    double not_negative(std::string_view section, std::string_view key) const;
    bool has(std::string_view section, std::string_view key) const;

    const TomlEntry& need(std::string_view section, std::string_view key) const;
    [[noreturn]] void fail(const TomlEntry& entry, std::string_view expected) const;

    // Calls read(fields, section, name) for every table [group.name].
    template <typename Item>
    std::vector<Item> each(std::string_view group,
                           Item (*read)(const TomlFields&, const std::string&,
                                        const std::string&)) const {
        std::vector<Item> items;
        const std::string prefix = std::string(group) + ".";
        for (const TomlSection& section : entries_.sections) {
            if (!section.name.starts_with(prefix)) continue;
            const std::string name = section.name.substr(prefix.size());
            if (name.find('.') != std::string::npos) continue;
            items.push_back(read(*this, section.name, name));
        }
        return items;
    }

  private:
    const TomlEntries& entries_;
    std::string where_;
};

}  // namespace mho::netlist
