// SPDX-License-Identifier: Apache-2.0
#include "netlist/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace mho::netlist {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// No value when there is something else than digits, a point, a sign and an exponent.
std::optional<double> plain_number(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc{} || rest != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

// The power of ten of the scale factor that the lower case letters `suffix` start with.
int scale_exponent(std::string_view suffix) {
    if (suffix.starts_with("meg")) return 6;
    constexpr std::array<std::pair<char, int>, 9> kScales{{{'t', 12},
                                                           {'g', 9},
                                                           {'k', 3},
                                                           {'m', -3},
                                                           {'u', -6},
                                                           {'n', -9},
                                                           {'p', -12},
                                                           {'f', -15},
                                                           {'a', -18}}};
    for (const auto& [letter, exponent] : kScales) {
        if (suffix.starts_with(letter)) return exponent;
    }
    return 0;
}

}  // namespace

Value Value::parameter(std::string name) {
    Value value(0.0);
    value.parameter_ = std::move(name);
    return value;
}

std::string Value::text() const {
    return is_parameter() ? "{" + parameter_ + "}" : number_text(number_);
}

std::string number_text(double number) {
    return fmt::format("{}", number);
}

std::optional<double> spice_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double mantissa = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] =
        std::from_chars(text.data(), end, mantissa, std::chars_format::general);
    if (failure != std::errc{} || !std::isfinite(mantissa)) return std::nullopt;
    std::string suffix(rest, end);
    std::transform(suffix.begin(), suffix.end(), suffix.begin(), lower);
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    if (!std::all_of(suffix.begin(), suffix.end(), is_letter)) return std::nullopt;
    if (suffix.starts_with("mil")) return mantissa * 25.4e-6;
    const int exponent = scale_exponent(suffix);
    if (exponent == 0) return mantissa;
    const std::string digits(text.data(), rest);
    if (digits.find_first_not_of("0123456789.-") == std::string::npos) {
        return plain_number(fmt::format("{}e{}", digits, exponent));
    }
    const double value = mantissa * std::pow(10.0, exponent);  // "1e3k"
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool is_spice_name(std::string_view name) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_tail = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), is_tail);
}

}  // namespace mho::netlist
