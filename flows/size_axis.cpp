// SPDX-License-Identifier: Apache-2.0
#include "flows/size_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/nearest.h"

namespace mho::flows {
namespace {

enum class Spacing { even, decades, octaves, whole };

struct KnownAxis {
    const char* name;
    const char* key;
    const char* label;
    bool chosen;
    bool more;
    Spacing spacing;
    double per_unit;  // points per decade or octave
    bool whole_numbers;
};

constexpr std::array kAxes{
    KnownAxis{"rows", "array.rows", "rows of an array", true, true, Spacing::octaves, 1, true},
    KnownAxis{"columns", "array.columns", "columns of an array", true, true, Spacing::octaves, 1,
              true},
    KnownAxis{"bits", "adc.bits", "bits of the converters", true, false, Spacing::whole, 1, true},
    KnownAxis{"weight_bits", "weights.bits", "bits of the weights", true, false, Spacing::whole, 1,
              true},
    KnownAxis{"input_bits", "inputs.bits", "bits of the inputs", true, false, Spacing::whole, 1,
              true},
    KnownAxis{"wire", "", "wire segment x highest conductance", false, true, Spacing::decades, 2,
              false},
    KnownAxis{"on_off", "device.on_off", "on/off ratio", false, false, Spacing::decades, 3, false},
    KnownAxis{"error", "device.error_scale", "error of states / the device's", false, true,
              Spacing::octaves, 1, false},
    KnownAxis{"read_noise", "device.read_noise_scale", "read noise / the device's", false, true,
              Spacing::octaves, 1, false},
    KnownAxis{"readout_noise", "noise.readout_lsb", "read-out noise, steps of the converter", false,
              true, Spacing::even, 6, false},
    KnownAxis{"dose", "device.dose_krad", "dose, krad(Si)", false, true, Spacing::even, 6, false},
    KnownAxis{"time", "device.time_second", "time since programming, s", false, true,
              Spacing::decades, 1, false},
};

KnownAxis known_axis(const std::string& name) {
    std::vector<std::string> names;
    for (const KnownAxis& axis : kAxes) {
        if (name == axis.name) return axis;
        names.emplace_back(axis.name);
    }
    if (name.find('.') != std::string::npos) {
        return {"", "", "", false, true, Spacing::even, 6, false};
    }
    throw bad_input("axis {}: unknown{}; expected {}, or a key of the system file", name,
                    did_you_mean(name, names), fmt::join(names, ", "));
}

double number(const std::string& axis, std::string_view text) {
    double value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || stop != text.data() + text.size() || !std::isfinite(value)) {
        throw bad_input("axis {}: '{}' is not a number", axis, text);
    }
    return value;
}

std::vector<std::string_view> pieces(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t first = 0;;) {
        const std::size_t end = text.find(separator, first);
        parts.push_back(text.substr(first, end - first));
        if (end == std::string_view::npos) return parts;
        first = end + 1;
    }
}

std::vector<double> spread(double low, double high, std::size_t count, bool geometric) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(count - 1);
        const double value =
            geometric ? low * std::pow(high / low, share) : low + (high - low) * share;
        // Four digits are enough, and make shorter tables.
        values.push_back(i == 0           ? low
                         : i + 1 == count ? high
                                          : std::stod(fmt::format("{:.4g}", value)));
    }
    return values;
}

// Powers of two between the ends, and the ends.
std::vector<double> octaves(double low, double high) {
    std::vector<double> values{low};
    for (double value = std::exp2(std::floor(std::log2(low)) + 1); value < high; value *= 2) {
        values.push_back(value);
    }
    values.push_back(high);
    return values;
}

std::vector<double> default_points(const KnownAxis& axis, double low, double high) {
    const bool positive = low > 0;
    switch (axis.spacing) {
        case Spacing::octaves:
            if (positive) return octaves(low, high);
            break;
        case Spacing::decades:
            if (positive) {
                const double steps = std::round(std::log10(high / low) * axis.per_unit);
                return spread(low, high, static_cast<std::size_t>(std::max(steps, 1.0)) + 1, true);
            }
            break;
        case Spacing::whole:
            return spread(low, high, static_cast<std::size_t>(high - low) + 1, false);
        case Spacing::even:
            break;
    }
    return spread(low, high, 6, false);
}

constexpr double kMostPoints = 1000;

std::vector<double> range(const std::string& name, const KnownAxis& axis, std::string_view text) {
    const auto parts = pieces(text, ':');
    if (parts.size() > 3) throw bad_input("axis {}: expected LOW:HIGH or LOW:HIGH:POINTS", name);
    const double low = number(name, parts[0]), high = number(name, parts[1]);
    if (!(low < high))
        throw bad_input("axis {}: {} to {}, expected a rising range", name, low, high);
    if (axis.spacing == Spacing::whole && high - low > kMostPoints) {
        throw bad_input("axis {}: {} to {}, expected at most {} values", name, low, high,
                        kMostPoints);
    }
    if (parts.size() == 2) return default_points(axis, low, high);
    const double count = number(name, parts[2]);
    if (count < 2 || count > kMostPoints || count != std::floor(count)) {
        throw bad_input("axis {}: {} points, expected 2 to {}", name, parts[2], kMostPoints);
    }
    const bool geometric =
        low > 0 && (axis.spacing == Spacing::decades || axis.spacing == Spacing::octaves);
    return spread(low, high, static_cast<std::size_t>(count), geometric);
}

}  // namespace

SizeAxis parse_axis(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
        throw bad_input("axis '{}': expected NAME=LOW:HIGH or NAME=VALUE,VALUE", text);
    }
    const KnownAxis known = known_axis(name);
    const bool by_key = known.name[0] == '\0';
    SizeAxis axis{name,
                  by_key ? name : known.key,
                  by_key ? name : known.label,
                  known.chosen,
                  known.more,
                  false,
                  {}};
    const std::string_view values = text.substr(equals + 1);
    if (values.find(':') != std::string_view::npos) {
        axis.values = range(name, known, values);
    } else {
        for (const std::string_view value : pieces(values, ',')) {
            axis.values.push_back(number(name, value));
        }
    }
    if (known.whole_numbers) {
        for (double& value : axis.values) value = std::round(value);
    }
    std::sort(axis.values.begin(), axis.values.end());
    axis.values.erase(std::unique(axis.values.begin(), axis.values.end()), axis.values.end());
    axis.logarithmic = axis.values.front() > 0 &&
                       (known.spacing == Spacing::decades || known.spacing == Spacing::octaves);
    return axis;
}

std::vector<std::string> axis_changes(const SizeAxis& axis, double value, const SystemSpec& base) {
    if (!axis.key.empty()) return {fmt::format("{}={}", axis.key, value)};
    const CellSpec& device = base.device;
    if (!device.model && device.r_min == 0) {
        throw bad_input(
            "axis wire: the cells have no conductance; device.name or device.r_min "
            "expected");
    }
    const double highest =
        device.model ? behavioral::highest_siemens(*device.model) : 1 / device.r_min;
    const double ohm = value / highest;
    std::vector<std::string> changes{fmt::format("wire.r_col={}", ohm)};
    if (base.wire.topology == behavioral::Topology::a) {
        changes.push_back(fmt::format("wire.r_row={}", ohm));
    }
    return changes;
}

}  // namespace mho::flows
