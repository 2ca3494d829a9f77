// SPDX-License-Identifier: Apache-2.0
#include "flows/report_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mho::flows {
namespace {

struct Prefix {
    double value;
    const char* text;
};

constexpr std::array<Prefix, 10> kPrefixes{{{1e9, "G"},
                                            {1e6, "M"},
                                            {1e3, "k"},
                                            {1, ""},
                                            {1e-3, "m"},
                                            {1e-6, "\u00b5"},
                                            {1e-9, "n"},
                                            {1e-12, "p"},
                                            {1e-15, "f"},
                                            {1e-18, "a"}}};

// The unit as shown, or empty when it takes no prefix.
std::string_view symbol(std::string_view unit) {
    constexpr std::array<std::array<std::string_view, 2>, 9> kUnits{{{"volt", "V"},
                                                                     {"ampere", "A"},
                                                                     {"second", "s"},
                                                                     {"joule", "J"},
                                                                     {"watt", "W"},
                                                                     {"ohm", "\u03a9"},
                                                                     {"siemens", "S"},
                                                                     {"hertz", "Hz"},
                                                                     {"farad", "F"}}};
    for (const auto& [name, sign] : kUnits) {
        if (unit == name || unit == sign) return sign;
    }
    return {};
}

}  // namespace

Scale engineering_scale(double largest, std::string_view unit) {
    const std::string_view sign = symbol(unit);
    if (sign.empty()) return {1, std::string(unit)};
    const double size = std::abs(largest);
    if (!std::isfinite(size) || size == 0) return {1, std::string(sign)};
    for (const Prefix& prefix : kPrefixes) {
        // What would be shown as 1000 of the smaller prefix takes this one.
        if (size >= prefix.value * 0.9995)
            return {1 / prefix.value, fmt::format("{}{}", prefix.text, sign)};
    }
    return {1 / kPrefixes.back().value, fmt::format("{}{}", kPrefixes.back().text, sign)};
}

Scale engineering_scale(std::span<const double> values, std::string_view unit) {
    double largest = 0;
    for (const double value : values) {
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    }
    return engineering_scale(largest, unit);
}

std::string engineering(double value, std::string_view unit, int digits) {
    if (!std::isfinite(value)) return "\u2013";
    const Scale scale = engineering_scale(value, unit);
    const double shown = value * scale.factor;
    if (symbol(unit).empty()) {  // counts, LSB: as they are
        const std::string number = fmt::format("{:.6g}", value);
        return unit.empty() ? number : fmt::format("{}\u00a0{}", number, unit);
    }
    // As many decimals as the significant digits leave; exponents only beyond the prefixes.
    const double size = std::abs(shown);
    std::string number;
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
        number = fmt::format("{:.{}g}", shown, digits);
    } else {
        // 9.9996 is shown as 10.0, with one decimal less than 9.99.
        const double shown_size = size * (1 + 0.5 * std::pow(10.0, -digits));
        const int before =
            shown_size >= 1 ? 1 + static_cast<int>(std::floor(std::log10(shown_size))) : 1;
        number = fmt::format("{:.{}f}", shown, size == 0 ? 0 : std::max(0, digits - before));
    }
    return fmt::format("{}\u00a0{}", number, scale.unit);
}

std::string count_text(double value) {
    if (!std::isfinite(value)) return "\u2013";
    std::string digits = fmt::format("{:.0f}", value);
    const std::size_t start = digits[0] == '-' ? 1 : 0;
    if (digits.size() - start <= 4) return digits;
    for (std::size_t at = digits.size(); at > start + 3;) {
        at -= 3;
        digits.insert(at, "\u202f");
    }
    return digits;
}

}  // namespace mho::flows
