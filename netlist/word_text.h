// SPDX-License-Identifier: Apache-2.0
// Characters of words and numbers in SPICE text in lower case. Internal to netlist.
#pragma once

#include <cstddef>
#include <string_view>

namespace mho::netlist {

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}
inline bool is_word_start(char c) {
    return is_letter(c) || c == '_';
}
inline bool is_word(char c) {
    return is_word_start(c) || is_digit(c);
}

// The end of the number that starts at `at`: digits, point, exponent and unit letters (1.5meg).
inline std::size_t number_end(std::string_view text, std::size_t at) {
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
    if (at < text.size() && text[at] == 'e') {
        std::size_t exponent = at + 1;
        if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
        if (exponent < text.size() && is_digit(text[exponent])) at = exponent;
    }
    while (at < text.size() && is_word(text[at])) ++at;
    return at;
}

// Whether text has no control characters, such as the end of a line.
inline bool is_one_line(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == 127) return false;
    }
    return true;
}

}  // namespace mho::netlist
