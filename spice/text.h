// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mho::spice {

// ASCII only, whatever the locale, as ngspice does.
inline std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

inline bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

inline constexpr std::string_view kBlank = " \t\r";

inline std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

inline std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return parts;
}

// Not in a comment, which starts with '*', ';', "//" or, behind a blank or a comma, '$'.
inline bool has_foreign_letter(std::string_view line) {
    if (line.starts_with('*') || line.starts_with('$')) return false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool blank =
            i > 0 && (line[i - 1] == ' ' || line[i - 1] == '\t' || line[i - 1] == ',');
        if (line[i] == ';' || line.substr(i, 2) == "//" || (line[i] == '$' && blank)) return false;
        if (static_cast<unsigned char>(line[i]) > 0x7f) return true;
    }
    return false;
}

// What fits in a message.
inline std::string shown(std::string_view line) {
    constexpr std::size_t kLongest = 80;
    return line.size() <= kLongest ? std::string(line)
                                   : std::string(line.substr(0, kLongest)) + " ...";
}

}  // namespace mho::spice
