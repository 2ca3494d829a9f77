// SPDX-License-Identifier: Apache-2.0
#include "netlist/technology.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/data_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "netlist/toml_entries.h"

namespace mho::netlist {
namespace {

namespace fs = std::filesystem;

constexpr double kUmPerM = 1e6;
// Limits are decimals read by strtod and widths are often computed: allow for rounding.
constexpr double kSlack = 1e-9;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

// Typed look-ups in one file that name file, line, section and key when they fail.
class Reader {
  public:
    Reader(const TomlEntries& entries, std::string where)
        : entries_(entries), where_(std::move(where)) {}

    std::string text(std::string_view section, std::string_view key) const {
        const TomlEntry& entry = need(section, key);
        const auto* value = std::get_if<std::string>(&entry.data);
        if (value == nullptr || value->empty()) fail(entry, "a text");
        return *value;
    }
    std::string optional_text(std::string_view section, std::string_view key) const {
        return entries_.find(section, key) == nullptr ? std::string() : text(section, key);
    }
    std::vector<std::string> texts(std::string_view section, std::string_view key) const {
        const TomlEntry& entry = need(section, key);
        const auto* value = std::get_if<std::vector<std::string>>(&entry.data);
        if (value == nullptr || value->empty()) fail(entry, "an array of texts");
        return *value;
    }
    double number(std::string_view section, std::string_view key) const {
        const TomlEntry& entry = need(section, key);
        double value = std::nan("");
        if (const auto* real = std::get_if<double>(&entry.data)) value = *real;
        if (const auto* integer = std::get_if<std::int64_t>(&entry.data)) {
            value = static_cast<double>(*integer);
        }
        if (!std::isfinite(value)) fail(entry, "a finite number");
        return value;
    }
    double positive(std::string_view section, std::string_view key) const {
        const double value = number(section, key);
        if (value <= 0) fail(need(section, key), "a positive number");
        return value;
    }
    double not_negative(std::string_view section, std::string_view key) const {
        const double value = number(section, key);
        if (value < 0) fail(need(section, key), "a number not below 0");
        return value;
    }
    [[noreturn]] void fail(const TomlEntry& entry, std::string_view expected) const {
        throw bad_input("{}:{}: [{}] {}: expected {}, found {}", where_, entry.line, entry.section,
                        entry.key, expected, entry.found());
    }
    const TomlEntry& need(std::string_view section, std::string_view key) const {
        if (const TomlEntry* entry = entries_.find(section, key)) return *entry;
        const TomlSection* found = entries_.find_section(section);
        const std::size_t line = found == nullptr ? 1 : found->line;
        if (section.empty()) throw bad_input("{}:{}: missing key '{}'", where_, line, key);
        throw bad_input("{}:{}: missing key '{}' in [{}]", where_, line, key, section);
    }
    // Calls read(section, name) for every table [group.name].
    template <typename Item>
    std::vector<Item> each(std::string_view group, Item (*read)(const Reader&, const std::string&,
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

Supply read_supply(const Reader& reader, const std::string& at, const std::string& name) {
    return {name, reader.positive(at, "volt"), reader.text(at, "source")};
}

DeviceLimits read_device(const Reader& reader, const std::string& at, const std::string& name) {
    DeviceLimits device;
    device.name = name;
    const std::string polarity = reader.text(at, "polarity");
    if (polarity != "n" && polarity != "p") {
        reader.fail(reader.need(at, "polarity"), "\"n\" or \"p\"");
    }
    device.is_p = polarity == "p";
    device.supply = reader.text(at, "supply");
    device.min_length_m = reader.positive(at, "min_l_m");
    device.max_length_m = reader.positive(at, "max_l_m");
    device.min_width_m = reader.positive(at, "min_w_m");
    device.max_width_m = reader.positive(at, "max_w_m");
    if (device.max_length_m < device.min_length_m) {
        reader.fail(reader.need(at, "max_l_m"), "at least min_l_m");
    }
    if (device.max_width_m < device.min_width_m) {
        reader.fail(reader.need(at, "max_w_m"), "at least min_w_m");
    }
    device.max_volt = reader.positive(at, "max_volt");
    device.source = reader.text(at, "source");
    return device;
}

Mismatch read_mismatch(const Reader& reader, const std::string& at, const std::string& name) {
    return {name, reader.not_negative(at, "a_vt_v_m"), reader.not_negative(at, "a_beta_m"),
            reader.text(at, "source")};
}

MetalLayer read_metal(const Reader& reader, const std::string& at, const std::string& name) {
    MetalLayer metal;
    metal.name = name;
    metal.width_m = reader.positive(at, "width_m");
    metal.pitch_m = reader.positive(at, "pitch_m");
    metal.thickness_m = reader.positive(at, "thickness_m");
    metal.ohm_per_um = reader.positive(at, "r_ohm_per_um");
    metal.farad_per_um = reader.not_negative(at, "c_farad_per_um");
    metal.coupling_fraction = reader.not_negative(at, "coupling_fraction");
    if (metal.coupling_fraction > 1) {
        reader.fail(reader.need(at, "coupling_fraction"), "a number from 0 to 1");
    }
    metal.source = reader.text(at, "source");
    return metal;
}

Via read_via(const Reader& reader, const std::string& at, const std::string& name) {
    return {name, reader.positive(at, "r_ohm"), reader.text(at, "source")};
}

CapacitorKind read_capacitor(const Reader& reader, const std::string& at, const std::string& name) {
    return {name, reader.positive(at, "density_farad_per_um2"), reader.not_negative(at, "a_c_m"),
            reader.text(at, "source")};
}

ResistorKind read_resistor(const Reader& reader, const std::string& at, const std::string& name) {
    return {name, reader.positive(at, "sheet_ohm"), reader.positive(at, "min_w_m"),
            reader.text(at, "source")};
}

CellLayout read_cell(const Reader& reader, const std::string& at, const std::string& name) {
    return {name, reader.positive(at, "pitch_x_m"), reader.positive(at, "pitch_y_m"),
            reader.text(at, "source")};
}

void read_models(const Reader& reader, const fs::path& folder, Technology& technology) {
    constexpr std::string_view kSection = "models";
    technology.model_file = folder / reader.text(kSection, "file");
    std::error_code ignored;
    if (!fs::is_regular_file(technology.model_file, ignored)) {
        reader.fail(reader.need(kSection, "file"), fmt::format("a file in {}", folder.string()));
    }
    technology.corners = reader.texts(kSection, "corners");
    technology.default_corner = reader.text(kSection, "default_corner");
    if (std::find(technology.corners.begin(), technology.corners.end(),
                  technology.default_corner) == technology.corners.end()) {
        reader.fail(reader.need(kSection, "default_corner"), "one of the corners");
    }
    technology.min_celsius = reader.number(kSection, "min_temp_c");
    technology.max_celsius = reader.number(kSection, "max_temp_c");
    if (technology.max_celsius < technology.min_celsius) {
        reader.fail(reader.need(kSection, "max_temp_c"), "at least min_temp_c");
    }
    technology.model_source = reader.text(kSection, "source");
}

fs::path find_folder(const fs::path& name_or_folder) {
    std::error_code ignored;
    if (name_or_folder.empty()) throw bad_input("technology: the name is empty");
    if (!name_or_folder.has_parent_path()) {
        const fs::path shipped = find_data(fs::path("tech") / name_or_folder);
        if (fs::is_regular_file(shipped / "tech.toml", ignored)) return shipped;
    }
    if (!fs::is_regular_file(name_or_folder / "tech.toml", ignored)) {
        throw bad_input(
            "technology '{}': neither a technology that ships with mho nor a folder "
            "with a tech.toml",
            name_or_folder.string());
    }
    return fs::absolute(name_or_folder, ignored).lexically_normal();
}

template <typename Item>
const Item& find_item(const Technology& technology, const std::vector<Item>& items,
                      std::string_view what, std::string_view name) {
    const std::string key = lower(name);
    std::vector<std::string> names;
    for (const Item& item : items) {
        if (lower(item.name) == key) return item;
        names.push_back(item.name);
    }
    throw bad_input("technology '{}' has no {} '{}'; it has {}", technology.name, what, name,
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

void check_mosfet(const Technology& technology, const Circuit& circuit, const Device& device,
                  const Mosfet& mosfet) {
    const DeviceLimits& limits = technology.device(mosfet.model);
    const auto check = [&](std::string_view what, double value, double low, double high) {
        if (value >= low * (1 - kSlack) && value <= high * (1 + kSlack)) return;
        throw bad_input(
            "circuit '{}', device '{}': {} {} m is outside {} .. {} m of '{}' in "
            "technology '{}'",
            circuit.name(), device.name, what, value, low, high, limits.name, technology.name);
    };
    // Sizes given by a parameter are checked where a number stands.
    const MosSize& size = mosfet.size;
    if (!size.length_m.is_parameter()) {
        check("length", size.length_m.number(), limits.min_length_m, limits.max_length_m);
    }
    if (!size.width_m.is_parameter()) {
        check("width per finger", size.width_m.number() / size.fingers, limits.min_width_m,
              limits.max_width_m);
    }
}

}  // namespace

const Supply& Technology::supply(std::string_view wanted) const {
    return find_item(*this, supplies, "supply", wanted);
}
const DeviceLimits& Technology::device(std::string_view model) const {
    return find_item(*this, devices, "device", model);
}
const MetalLayer& Technology::metal(std::string_view wanted) const {
    return find_item(*this, metals, "metal layer", wanted);
}
const CellLayout& Technology::cell(std::string_view wanted) const {
    return find_item(*this, cells, "cell", wanted);
}

Technology read_technology(const fs::path& name_or_folder) {
    const fs::path folder = find_folder(name_or_folder);
    const fs::path file = folder / "tech.toml";
    const TomlEntries entries = read_toml(read_file(file), file.string());
    const Reader reader(entries, file.string());
    Technology technology;
    technology.folder = folder;
    technology.name = reader.text("", "name");
    technology.description = reader.optional_text("", "description");
    read_models(reader, folder, technology);
    technology.supplies = reader.each("supply", read_supply);
    technology.devices = reader.each("device", read_device);
    technology.mismatches = reader.each("mismatch", read_mismatch);
    technology.metals = reader.each("metal", read_metal);
    technology.vias = reader.each("via", read_via);
    technology.capacitors = reader.each("capacitor", read_capacitor);
    technology.resistors = reader.each("resistor", read_resistor);
    technology.cells = reader.each("cell", read_cell);
    for (const DeviceLimits& device : technology.devices) (void)technology.supply(device.supply);
    return technology;
}

Library model_library(const Technology& technology, std::string_view corner) {
    const std::string key = lower(corner);
    for (const std::string& known : technology.corners) {
        if (lower(known) == key) return {technology.model_file, known, {}};
    }
    throw bad_input("technology '{}' has no corner '{}'; it has {}", technology.name, corner,
                    fmt::join(technology.corners, ", "));
}

void require_temperature(const Technology& technology, double celsius) {
    if (celsius >= technology.min_celsius && celsius <= technology.max_celsius) return;
    throw bad_input("technology '{}' is valid from {} to {} degrees Celsius, found {}",
                    technology.name, technology.min_celsius, technology.max_celsius, celsius);
}

void require_in_range(const Technology& technology, const Circuit& circuit) {
    std::unordered_set<const Circuit*> seen;
    std::vector<const Circuit*> open{&circuit};
    while (!open.empty()) {
        const Circuit& current = *open.back();
        open.pop_back();
        for (const Device& device : current.devices()) {
            if (const auto* mosfet = std::get_if<Mosfet>(&device.body)) {
                check_mosfet(technology, current, device, *mosfet);
            } else if (const auto* instance = std::get_if<Instance>(&device.body)) {
                if (seen.insert(instance->definition.get()).second) {
                    open.push_back(instance->definition.get());
                }
            }
        }
    }
}

WireSegment wire_segment(const Technology& technology, std::string_view layer, double length_m) {
    if (!std::isfinite(length_m) || length_m <= 0) {
        throw bad_input("wire on {}: the length must be positive, found {}", layer, length_m);
    }
    const MetalLayer& metal = technology.metal(layer);
    return {metal.ohm_per_um * length_m * kUmPerM, metal.farad_per_um * length_m * kUmPerM};
}

}  // namespace mho::netlist
