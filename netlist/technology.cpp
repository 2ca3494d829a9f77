// SPDX-License-Identifier: Apache-2.0
#include "netlist/technology.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "base/data_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "netlist/deck_card.h"
#include "netlist/toml_fields.h"

namespace mho::netlist {
namespace {

namespace fs = std::filesystem;

constexpr double kUmPerM = 1e6;
// Limits are decimals read by strtod and widths are often computed: allow for rounding.
constexpr double kSlack = 1e-9;
constexpr std::string_view kLowerCaseName = "a name in lower case, as ngspice reads it";

Supply read_supply(const TomlFields& fields, const std::string& at, const std::string& name) {
    return {name, fields.positive(at, "volt"), fields.text(at, "source")};
}

// "model" alone renames; "subcircuit" wraps, and the other keys are for that only.
DeviceCall read_call(const TomlFields& fields, const std::string& at, const std::string& name) {
    DeviceCall call{.device = name, .model = name, .threshold_shift = "delvto"};
    const auto take = [&](std::string_view key, std::string& value) {
        if (fields.has(at, key)) value = fields.text(at, key);
    };
    take("model", call.model);
    call.wrapped = fields.has(at, "subcircuit");
    if (call.wrapped) {
        if (fields.has(at, "model"))
            fields.fail(fields.need(at, "subcircuit"), "no model beside it");
        call.model = fields.text(at, "subcircuit");
        call.threshold_shift.clear();
        if (fields.has(at, "unit_m")) call.unit_m = fields.positive(at, "unit_m");
    }
    const std::array<std::pair<const char*, std::string*>, 5> names{
        {{"width_parameter", &call.width},
         {"length_parameter", &call.length},
         {"fingers_parameter", &call.fingers},
         {"multiplier_parameter", &call.multiplier},
         {"threshold_shift_parameter", &call.threshold_shift}}};
    for (const auto& [key, parameter] : names) {
        if (!fields.has(at, key)) continue;
        if (!call.wrapped) fields.fail(fields.need(at, key), "it beside subcircuit only");
        take(key, *parameter);
        if (!is_spice_name(*parameter)) fields.fail(fields.need(at, key), kLowerCaseName);
        if (*parameter == "none") parameter->clear();
    }
    if (call.model != name && !is_spice_name(call.model)) {
        fields.fail(fields.need(at, call.wrapped ? "subcircuit" : "model"), kLowerCaseName);
    }
    return call;
}

DeviceLimits read_device(const TomlFields& fields, const std::string& at, const std::string& name) {
    DeviceLimits device;
    device.name = name;
    const std::string polarity = fields.text(at, "polarity");
    if (polarity != "n" && polarity != "p") {
        fields.fail(fields.need(at, "polarity"), "\"n\" or \"p\"");
    }
    device.is_p = polarity == "p";
    device.supply = fields.text(at, "supply");
    device.min_length_m = fields.positive(at, "min_l_m");
    device.max_length_m = fields.positive(at, "max_l_m");
    device.min_width_m = fields.positive(at, "min_w_m");
    device.max_width_m = fields.positive(at, "max_w_m");
    if (device.max_length_m < device.min_length_m) {
        fields.fail(fields.need(at, "max_l_m"), "at least min_l_m");
    }
    if (device.max_width_m < device.min_width_m) {
        fields.fail(fields.need(at, "max_w_m"), "at least min_w_m");
    }
    device.max_volt = fields.positive(at, "max_volt");
    device.call = read_call(fields, at, name);
    device.source = fields.text(at, "source");
    return device;
}

Mismatch read_mismatch(const TomlFields& fields, const std::string& at, const std::string& name) {
    return {name, fields.not_negative(at, "a_vt_v_m"), fields.not_negative(at, "a_beta_m"),
            fields.text(at, "source")};
}

MetalLayer read_metal(const TomlFields& fields, const std::string& at, const std::string& name) {
    MetalLayer metal;
    metal.name = name;
    metal.width_m = fields.positive(at, "width_m");
    metal.pitch_m = fields.positive(at, "pitch_m");
    metal.thickness_m = fields.positive(at, "thickness_m");
    metal.ohm_per_um = fields.positive(at, "r_ohm_per_um");
    metal.farad_per_um = fields.not_negative(at, "c_farad_per_um");
    metal.coupling_fraction = fields.not_negative(at, "coupling_fraction");
    if (metal.coupling_fraction > 1) {
        fields.fail(fields.need(at, "coupling_fraction"), "a number from 0 to 1");
    }
    metal.source = fields.text(at, "source");
    return metal;
}

Via read_via(const TomlFields& fields, const std::string& at, const std::string& name) {
    return {name, fields.positive(at, "r_ohm"), fields.text(at, "source")};
}

CapacitorKind read_capacitor(const TomlFields& fields, const std::string& at,
                             const std::string& name) {
    return {name, fields.positive(at, "density_farad_per_um2"), fields.not_negative(at, "a_c_m"),
            fields.text(at, "source")};
}

ResistorKind read_resistor(const TomlFields& fields, const std::string& at,
                           const std::string& name) {
    return {name, fields.positive(at, "sheet_ohm"), fields.positive(at, "min_w_m"),
            fields.text(at, "source")};
}

CellLayout read_cell(const TomlFields& fields, const std::string& at, const std::string& name) {
    return {name, fields.positive(at, "pitch_x_m"), fields.positive(at, "pitch_y_m"),
            fields.text(at, "source")};
}

void read_models(const TomlFields& fields, const fs::path& folder, Technology& technology) {
    constexpr std::string_view kSection = "models";
    technology.model_file = folder / fields.text(kSection, "file");
    std::error_code ignored;
    if (!fs::is_regular_file(technology.model_file, ignored)) {
        fields.fail(fields.need(kSection, "file"), fmt::format("a file in {}", folder.string()));
    }
    if (fields.has(kSection, "osdi")) {
        for (const std::string& name : fields.texts(kSection, "osdi")) {
            technology.osdi_models.push_back(folder / name);
            if (!fs::is_regular_file(technology.osdi_models.back(), ignored)) {
                fields.fail(fields.need(kSection, "osdi"),
                            fmt::format("files in {}; there is no {}", folder.string(), name));
            }
        }
    }
    technology.corners = fields.texts(kSection, "corners");
    technology.default_corner = fields.text(kSection, "default_corner");
    if (std::find(technology.corners.begin(), technology.corners.end(),
                  technology.default_corner) == technology.corners.end()) {
        fields.fail(fields.need(kSection, "default_corner"), "one of the corners");
    }
    technology.min_celsius = fields.number(kSection, "min_temp_c");
    technology.max_celsius = fields.number(kSection, "max_temp_c");
    if (technology.max_celsius < technology.min_celsius) {
        fields.fail(fields.need(kSection, "max_temp_c"), "at least min_temp_c");
    }
    technology.model_source = fields.text(kSection, "source");
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
    const std::string key = lower_case(name);
    std::vector<std::string> names;
    for (const Item& item : items) {
        if (lower_case(item.name) == key) return item;
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
const Mismatch& Technology::mismatch(std::string_view wanted) const {
    return find_item(*this, mismatches, "mismatch", wanted);
}
const CapacitorKind& Technology::capacitor(std::string_view wanted) const {
    return find_item(*this, capacitors, "capacitor", wanted);
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
    const TomlFields fields(entries, file.string());
    Technology technology;
    technology.folder = folder;
    technology.name = fields.text("", "name");
    technology.description = fields.optional_text("", "description");
    read_models(fields, folder, technology);
    technology.supplies = fields.each("supply", read_supply);
    technology.devices = fields.each("device", read_device);
    technology.mismatches = fields.each("mismatch", read_mismatch);
    technology.metals = fields.each("metal", read_metal);
    technology.vias = fields.each("via", read_via);
    technology.capacitors = fields.each("capacitor", read_capacitor);
    technology.resistors = fields.each("resistor", read_resistor);
    technology.cells = fields.each("cell", read_cell);
    for (const DeviceLimits& device : technology.devices) (void)technology.supply(device.supply);
    return technology;
}

Library model_library(const Technology& technology, std::string_view corner) {
    const std::string key = lower_case(corner);
    for (const std::string& known : technology.corners) {
        if (lower_case(known) == key) return {technology.model_file, known, {}};
    }
    throw bad_input("technology '{}' has no corner '{}'; it has {}", technology.name, corner,
                    fmt::join(technology.corners, ", "));
}

std::vector<DeviceCall> device_calls(const Technology& technology) {
    std::vector<DeviceCall> calls;
    for (const DeviceLimits& device : technology.devices) {
        if (device.call.wrapped || device.call.model != device.name) calls.push_back(device.call);
    }
    return calls;
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
