// SPDX-License-Identifier: Apache-2.0
// The files that a netlist's .include and .lib lines reach.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mho::spice {

// A line ".include FILE" or ".lib FILE SECTION", in any case; FILE may stand in quotes.
struct IncludeLine {
    std::filesystem::path path;
    std::size_t start = 0;   // where FILE stands in the line, quotes included
    std::size_t length = 0;  // in bytes
    bool has_section = false;
};

// No value for another line, and for one without a file. ".lib NAME", which opens a section of a
// library, reads as a file without section.
std::optional<IncludeLine> include_line(std::string_view line);

struct IncludedFile {
    std::filesystem::path path;
    std::string text;
};

// Every file reached, once, in the order it is first met. Relative names count from the folder of
// the including file, those of the netlist from `folder`. A file that is missing is left out; one
// that cannot be read throws.
std::vector<IncludedFile> included_files(std::string_view netlist,
                                         const std::filesystem::path& folder = {});

// The netlist followed by the content of those files.
std::string with_included_files(const std::string& netlist);

}  // namespace mho::spice
