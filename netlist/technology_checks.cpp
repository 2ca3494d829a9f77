// SPDX-License-Identifier: Apache-2.0
#include "netlist/technology_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "netlist/toml_fields.h"

namespace mho::netlist {
namespace {

constexpr std::string_view kGroup = "check";

constexpr std::array kDeviceFigures{
    FigureKind{Figure::vth_linear, "vth_linear_volt", "Vth linear", "mV", 1e-3},
    FigureKind{Figure::vth_saturated, "vth_saturated_volt", "Vth saturated", "mV", 1e-3},
    FigureKind{Figure::i_on, "i_on_ampere_per_um", "Ion", "uA/um", 1e-6},
    FigureKind{Figure::i_off, "i_off_ampere_per_um", "Ioff", "pA/um", 1e-12},
    FigureKind{Figure::dibl, "dibl_volt_per_volt", "DIBL", "mV/V", 1e-3},
    FigureKind{Figure::slope, "slope_volt_per_decade", "slope", "mV/decade", 1e-3},
    FigureKind{Figure::c_gate, "c_gate_farad_per_um", "Cgg on", "fF/um", 1e-15},
};
constexpr std::array kGateFigures{
    FigureKind{Figure::fo4, "fo4_second", "FO4 delay", "ps", 1e-12},
    FigureKind{Figure::ring, "ring_hertz", "ring frequency", "GHz", 1e9},
};
constexpr std::array kInverterKeys{"n_device", "p_device", "n_width_m", "p_width_m"};

// "check.nch.i_on" from after "check.": {"nch", "i_on"}.
std::vector<std::string> parts_below_group(std::string_view section) {
    std::vector<std::string> parts;
    std::string_view rest = section.substr(kGroup.size());
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('.'), rest.size());
        parts.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    return parts;
}

bool in_group(std::string_view section) {
    return section == kGroup || section.starts_with(std::string(kGroup) + ".");
}

class Reader {
  public:
    Reader(const Technology& technology, const TomlEntries& entries, const std::string& where)
        : technology_(technology), entries_(entries), fields_(entries, where), where_(where) {}

    TechnologyChecks read() const {
        TechnologyChecks checks;
        for (const TomlEntry& entry : entries_.entries) require_known(entry);
        if (fields_.has(kGroup, "temperature_celsius")) {
            checks.temperature_celsius = fields_.number(kGroup, "temperature_celsius");
        }
        for (const TomlSection& section : entries_.sections) {
            if (!in_group(section.name)) continue;
            const std::vector<std::string> parts = parts_below_group(section.name);
            if (!parts.empty()) require_subject(section, parts[0]);
            if (parts.size() >= 2) checks.ranges.push_back(read_range(section, parts));
        }
        checks.inverter = read_inverter();
        return checks;
    }

  private:
    [[noreturn]] void refuse(std::size_t line, std::string_view section, const std::string& name,
                             const std::vector<std::string>& known) const {
        throw bad_input("{}:{}: [{}]: unknown '{}'{}; known are {}", where_, line, section, name,
                        did_you_mean(name, known), fmt::join(known, ", "));
    }

    static std::span<const FigureKind> figures_of(std::string_view subject) {
        return subject == kInverter ? gate_figures() : device_figures();
    }

    static std::vector<std::string> keys_of(std::string_view subject) {
        std::vector<std::string> keys;
        for (const FigureKind& kind : figures_of(subject)) keys.emplace_back(kind.key);
        if (subject == kInverter)
            keys.insert(keys.end(), kInverterKeys.begin(), kInverterKeys.end());
        return keys;
    }

    static std::vector<std::string> keys_at(const std::vector<std::string>& parts) {
        if (parts.empty()) return {"temperature_celsius"};
        if (parts.size() == 1) return keys_of(parts[0]);
        return {"low", "high", "source"};
    }

    void require_known(const TomlEntry& entry) const {
        if (!in_group(entry.section)) return;
        const std::vector<std::string> parts = parts_below_group(entry.section);
        const std::vector<std::string> keys = keys_at(parts);
        if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
            refuse(entry.line, entry.section, entry.key, keys);
        }
        // The ranges are tables, so what is left as a value is none.
        const bool is_range =
            parts.size() == 1 && std::none_of(kInverterKeys.begin(), kInverterKeys.end(),
                                              [&](const char* key) { return entry.key == key; });
        if (is_range) fields_.fail(entry, "{ low = .., high = .., source = \"..\" }");
    }

    void require_subject(const TomlSection& section, const std::string& name) const {
        std::vector<std::string> known{std::string(kInverter)};
        for (const DeviceLimits& device : technology_.devices) known.push_back(device.name);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            refuse(section.line, section.name, name, known);
        }
    }

    FigureRange read_range(const TomlSection& section,
                           const std::vector<std::string>& parts) const {
        const std::span<const FigureKind> kinds = figures_of(parts[0]);
        const auto kind =
            std::find_if(kinds.begin(), kinds.end(),
                         [&](const FigureKind& candidate) { return candidate.key == parts[1]; });
        if (kind == kinds.end()) refuse(section.line, section.name, parts[1], keys_of(parts[0]));
        if (parts.size() > 2) {
            refuse(section.line, section.name, parts[2], {"low", "high", "source"});
        }
        FigureRange range{parts[0], kind->figure, fields_.not_negative(section.name, "low"),
                          fields_.not_negative(section.name, "high"),
                          fields_.text(section.name, "source")};
        if (range.high < range.low)
            fields_.fail(fields_.need(section.name, "high"), "at least low");
        return range;
    }

    // The device that `key` names, or the first of this polarity at the core supply.
    const DeviceLimits* inverter_device(const std::string& key, bool is_p) const {
        const std::string section = fmt::format("{}.{}", kGroup, kInverter);
        const std::string name = fields_.optional_text(section, key);
        for (const DeviceLimits& device : technology_.devices) {
            if (device.is_p != is_p) continue;
            if (name.empty() ? device.supply == "core" : device.name == name) return &device;
        }
        if (!name.empty()) {
            fields_.fail(fields_.need(section, key),
                         fmt::format("{} device of the technology", is_p ? "a p" : "an n"));
        }
        return nullptr;
    }

    std::optional<Inverter> read_inverter() const {
        const std::string section = fmt::format("{}.{}", kGroup, kInverter);
        const DeviceLimits* n = inverter_device("n_device", false);
        const DeviceLimits* p = inverter_device("p_device", true);
        if (n == nullptr || p == nullptr) {
            if (const TomlSection* asked = entries_.find_section(section)) {
                throw bad_input(
                    "{}:{}: [{}]: no n and p device at the supply 'core', so it needs "
                    "n_device and p_device",
                    where_, asked->line, section);
            }
            return std::nullopt;
        }
        Inverter inverter{n->name, p->name, n->min_width_m, 2 * n->min_width_m};
        inverter.p_width_m = std::clamp(inverter.p_width_m, p->min_width_m, p->max_width_m);
        if (fields_.has(section, "n_width_m")) {
            inverter.n_width_m = width(section, "n_width_m", *n);
        }
        if (fields_.has(section, "p_width_m")) {
            inverter.p_width_m = width(section, "p_width_m", *p);
        }
        return inverter;
    }

    double width(const std::string& section, const char* key, const DeviceLimits& device) const {
        const double value = fields_.positive(section, key);
        if (value < device.min_width_m || value > device.max_width_m) {
            fields_.fail(fields_.need(section, key),
                         fmt::format("{} .. {} m, the range of '{}'", device.min_width_m,
                                     device.max_width_m, device.name));
        }
        return value;
    }

    const Technology& technology_;
    const TomlEntries& entries_;
    TomlFields fields_;
    std::string where_;
};

}  // namespace

std::span<const FigureKind> device_figures() {
    return kDeviceFigures;
}

std::span<const FigureKind> gate_figures() {
    return kGateFigures;
}

const FigureKind& kind_of(Figure figure) {
    for (const std::span<const FigureKind> kinds : {device_figures(), gate_figures()}) {
        for (const FigureKind& kind : kinds) {
            if (kind.figure == figure) return kind;
        }
    }
    throw bad_input("there is no figure {}", static_cast<int>(figure));
}

const FigureRange* TechnologyChecks::find(std::string_view subject, Figure figure) const {
    const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const FigureRange& range) {
        return range.subject == subject && range.figure == figure;
    });
    return found == ranges.end() ? nullptr : &*found;
}

TechnologyChecks read_checks(const Technology& technology) {
    const std::filesystem::path file = technology.folder / "tech.toml";
    const TomlEntries entries = read_toml(read_file(file), file.string());
    return Reader(technology, entries, file.string()).read();
}

bool ranges_apply(const Technology& technology, const TechnologyChecks& checks,
                  const ProcessPoint& point) {
    return model_library(technology, point.corner).section == technology.default_corner &&
           point.temperature_celsius == checks.temperature_celsius;
}

}  // namespace mho::netlist
