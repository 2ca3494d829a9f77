// SPDX-License-Identifier: Apache-2.0
#include "spice/number_text.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <system_error>

#include "spice/text.h"

namespace mho::spice {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.';
}

// Of the scale factors of 1e3 and more; smaller ones bring no number out of range.
double scale_of(std::string_view suffix) {
    const std::string lower = lower_case(suffix.substr(0, 3));
    if (lower == "meg") return 1e6;
    if (lower.starts_with('t')) return 1e12;
    if (lower.starts_with('g')) return 1e9;
    if (lower.starts_with('k')) return 1e3;
    return 1;
}

// "1e400", "12", ".5meg": the digits and exponent that a word starts with.
bool overflows(std::string_view word) {
    double number = 0;
    const char* const end = word.data() + word.size();
    const auto [rest, failure] = std::from_chars(word.data(), end, number);
    const std::string_view digits = word.substr(0, static_cast<std::size_t>(rest - word.data()));
    if (failure == std::errc::result_out_of_range) {
        // Of either kind: "1e-400" is 0, and so is "0.00 .. 1" without an exponent.
        const std::size_t exponent = digits.find_first_of("eE");
        return exponent == std::string_view::npos ? digits.front() != '0' && digits.front() != '.'
                                                  : !digits.substr(exponent + 1).starts_with('-');
    }
    return failure == std::errc{} && !std::isfinite(number * scale_of(word.substr(digits.size())));
}

}  // namespace

std::string_view overflowing_number(std::string_view line) {
    line = line.substr(0, line.find(';'));
    if (line.starts_with('*') || line.starts_with('$')) return {};
    for (std::size_t at = 0; at < line.size();) {
        if (!is_word(line[at])) {
            if (line[at] == '$' && at > 0 && !is_word(line[at - 1])) break;  // a comment
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < line.size() &&
               (is_word(line[end]) || ((line[end] == '+' || line[end] == '-') && end > at + 1 &&
                                       (line[end - 1] == 'e' || line[end - 1] == 'E')))) {
            ++end;
        }
        const std::string_view word = line.substr(at, end - at);
        if ((is_digit(word.front()) || word.front() == '.') && overflows(word)) return word;
        at = end;
    }
    return {};
}

}  // namespace mho::spice
