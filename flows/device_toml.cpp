// SPDX-License-Identifier: Apache-2.0
#include "flows/device_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "base/data_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "flows/device_csv.h"
#include "netlist/toml_entries.h"
#include "netlist/toml_fields.h"

namespace mho::flows {
namespace {

namespace fs = std::filesystem;
using namespace behavioral;
using netlist::TomlEntries;
using netlist::TomlEntry;
using netlist::TomlFields;
using netlist::TomlSection;

constexpr std::string_view kDeviceSchema = "mho.device/1";
constexpr double kSecondPerDay = 86400;

// Keys of each section; tables below [drift] and [radiation] have those of kMapKeys.
struct SectionKeys {
    std::string_view name;
    std::string_view keys;  // separated by spaces
};
constexpr std::array<SectionKeys, 10> kSections{
    {{"", "schema name title source notes"},
     {"state", "unit low high read_volt valid_low valid_high levels source"},
     {"programming", "distribution sigma csv source"},
     {"drift",
      "kind csv reference_second programmed_second offset_second exponent_mean exponent_sigma "
      "exponent_folded second_step_second second_step_sigma tau_second exponent end_state "
      "valid_high source"},
     {"read_noise", "sigma resampled source"},
     {"retention", "activation_ev reference_celsius source"},
     {"current", "quadratic cubic max_volt source"},
     {"stuck", "low_probability high_probability source"},
     {"write_verify",
      "tolerance max_pulses gain pulse_sigma verify_sigma pulse_second pulse_joule read_second "
      "read_joule source"},
     {"radiation", "kind csv neutral_state dose_krad spread spread_is source"}}};
constexpr std::string_view kDriftMapKeys = "day second mean sigma";
constexpr std::string_view kDoseMapKeys = "dose_krad mean sigma";

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> list;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        list.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return list;
}

// The keys that a section of this name may have; nothing for an unknown one.
std::optional<std::string_view> keys_of(std::string_view section) {
    for (const SectionKeys& known : kSections) {
        if (known.name == section) return known.keys;
    }
    const auto below = [&](std::string_view group) {
        return section.starts_with(group) &&
               section.find('.', group.size()) == std::string_view::npos;
    };
    if (below("drift.")) return kDriftMapKeys;
    if (below("radiation.")) return kDoseMapKeys;
    return std::nullopt;
}

// Reads one file; every function throws by line.
class Reader {
  public:
    Reader(const TomlEntries& entries, std::string_view where, fs::path folder)
        : entries_(entries),
          fields_(entries, std::string(where)),
          where_(where),
          folder_(std::move(folder)) {}

    DeviceModel read() {
        check_keys();
        DeviceModel device;
        if (text("", "schema") != kDeviceSchema) {
            fields_.fail(fields_.need("", "schema"), fmt::format("\"{}\"", kDeviceSchema));
        }
        device.name = text("", "name");
        device.title = text("", "title");
        device.source = text("", "source");
        if (fields_.has("", "notes")) device.notes = fields_.texts("", "notes");
        device.state = state();
        device.programming = programming();
        if (has_section("drift")) device.drift = drift();
        if (has_section("read_noise")) device.read_noise = read_noise();
        if (has_section("retention")) device.retention = retention();
        if (has_section("current")) device.current = current();
        if (has_section("stuck")) device.stuck = stuck();
        if (has_section("write_verify")) device.write_verify = write_verify();
        if (has_section("radiation")) device.radiation = radiation();
        check_values(device);
        return device;
    }

  private:
    bool has_section(std::string_view section) const {
        return entries_.find_section(section) != nullptr;
    }
    std::string text(std::string_view section, std::string_view key) const {
        return fields_.text(section, key);
    }
    std::optional<double> optional_number(std::string_view section, std::string_view key) const {
        if (!fields_.has(section, key)) return std::nullopt;
        return fields_.number(section, key);
    }
    double number_or(std::string_view section, std::string_view key, double other) const {
        return optional_number(section, key).value_or(other);
    }

    // The index of the text among the choices.
    std::size_t choice(std::string_view section, std::string_view key,
                       std::string_view choices) const {
        const std::vector<std::string> known = words(choices);
        const TomlEntry& entry = fields_.need(section, key);
        const auto* value = std::get_if<std::string>(&entry.data);
        const auto found =
            value == nullptr ? known.end() : std::find(known.begin(), known.end(), *value);
        if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
        std::string expected;
        for (const std::string& name : known) {
            expected += (expected.empty() ? "" : ", ") + name;
        }
        fields_.fail(entry, "one of " + expected);
    }

    // A text, or a plain number.
    Formula formula(std::string_view section, std::string_view key) const {
        const TomlEntry& entry = fields_.need(section, key);
        const auto* value = std::get_if<std::string>(&entry.data);
        if (value == nullptr) return Formula(fields_.number(section, key));
        try {
            return Formula(*value);
        } catch (const Error& error) {
            throw bad_input("{}:{}: [{}] {}: {}", where_, entry.line, section, key, error.what());
        }
    }

    // The text of a CSV file beside this one, and its name for messages.
    std::pair<std::string, std::string> csv(std::string_view section) const {
        const TomlEntry& entry = fields_.need(section, "csv");
        const fs::path path = folder_ / text(section, "csv");
        try {
            return {read_file(path), path.string()};
        } catch (const Error& error) {
            throw bad_input("{}:{}: [{}] csv: {}", where_, entry.line, section, error.what());
        }
    }

    void check_keys() const {
        for (const TomlSection& section : entries_.sections) {
            if (keys_of(section.name)) continue;
            std::vector<std::string> known;
            for (const SectionKeys& one : kSections) known.emplace_back(one.name);
            throw bad_input("{}:{}: unknown section [{}]{}", where_, section.line, section.name,
                            did_you_mean(section.name, known));
        }
        for (const TomlEntry& entry : entries_.entries) {
            const std::vector<std::string> known = words(keys_of(entry.section).value_or(""));
            if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
            const std::string place =
                entry.section.empty() ? "" : fmt::format(" in [{}]", entry.section);
            throw bad_input("{}:{}: unknown key '{}'{}{}", where_, entry.line, entry.key, place,
                            did_you_mean(entry.key, known));
        }
    }

    StateRange state() const {
        StateRange range;
        range.unit =
            choice("state", "unit", "uS nA") == 0 ? StateUnit::microsiemens : StateUnit::nanoampere;
        range.low = fields_.number("state", "low");
        range.high = fields_.number("state", "high");
        if (range.unit == StateUnit::nanoampere) {
            range.read_volt = fields_.number("state", "read_volt");
        } else if (fields_.has("state", "read_volt")) {
            fields_.fail(fields_.need("state", "read_volt"), "no read_volt beside unit = \"uS\"");
        }
        range.valid_low = optional_number("state", "valid_low");
        range.valid_high = optional_number("state", "valid_high");
        range.source = text("state", "source");
        if (fields_.has("state", "levels")) range.levels = levels(range);
        return range;
    }

    // A number of levels from low to high, or the levels themselves.
    std::vector<double> levels(const StateRange& range) const {
        constexpr std::int64_t kMostLevels = 65536;
        const TomlEntry& entry = fields_.need("state", "levels");
        const auto* count = std::get_if<std::int64_t>(&entry.data);
        if (count == nullptr) return fields_.numbers("state", "levels");
        if (*count < 2 || *count > kMostLevels) {
            fields_.fail(entry, fmt::format("2 to {} levels, or an array of states", kMostLevels));
        }
        std::vector<double> states;
        for (std::int64_t k = 0; k < *count; ++k) {
            const double part = static_cast<double>(k) / static_cast<double>(*count - 1);
            states.push_back(k + 1 == *count ? range.high
                                             : range.low + (range.high - range.low) * part);
        }
        return states;
    }

    ProgrammingError programming() const {
        ProgrammingError error;
        if (fields_.has("programming", "distribution")) {
            error.distribution = choice("programming", "distribution", "normal uniform") == 0
                                     ? Distribution::normal
                                     : Distribution::uniform;
        }
        if (fields_.has("programming", "csv")) {
            refuse_beside_csv("programming", "sigma");
            const auto [rows, file] = csv("programming");
            error.sigma = read_sigma_table(rows, file);
        } else {
            error.sigma = formula("programming", "sigma");
        }
        error.source = text("programming", "source");
        return error;
    }

    void refuse_beside_csv(std::string_view section, std::string_view key) const {
        if (!fields_.has(section, key)) return;
        fields_.fail(fields_.need(section, key), fmt::format("no {} beside csv", key));
    }

    // Means and spreads from a CSV file, or from the tables below a section.
    std::vector<StateMap> maps(std::string_view section, std::string_view header, double unit,
                               double (Reader::*at)(const std::string&) const) const {
        if (fields_.has(section, "csv")) {
            const auto [rows, file] = csv(section);
            return read_state_maps(rows, file, header, unit);
        }
        std::vector<StateMap> list;
        const std::string prefix = std::string(section) + ".";
        for (const TomlSection& table : entries_.sections) {
            if (!table.name.starts_with(prefix)) continue;
            list.push_back({(this->*at)(table.name), formula(table.name, "mean"),
                            formula(table.name, "sigma")});
        }
        std::stable_sort(list.begin(), list.end(),
                         [](const StateMap& a, const StateMap& b) { return a.at < b.at; });
        return list;
    }

    double second_of(const std::string& table) const {
        if (!fields_.has(table, "day")) return fields_.positive(table, "second");
        if (fields_.has(table, "second")) {
            fields_.fail(fields_.need(table, "second"), "no second beside day");
        }
        return fields_.positive(table, "day") * kSecondPerDay;
    }

    double gray_of(const std::string& table) const {
        return fields_.positive(table, "dose_krad") * kGrayPerKrad;
    }

    Drift drift() const {
        Drift result;
        switch (choice("drift", "kind", "measured power_law relaxation")) {
            case 0:
                result.law = MeasuredDrift{maps("drift", "second", 1, &Reader::second_of)};
                break;
            case 1:
                result.law = power_law();
                break;
            default:
                result.law = RelaxationDrift{fields_.number("drift", "tau_second"),
                                             number_or("drift", "exponent", 1),
                                             fields_.number("drift", "end_state")};
        }
        result.valid_high = optional_number("drift", "valid_high");
        result.source = text("drift", "source");
        return result;
    }

    PowerLawDrift power_law() const {
        PowerLawDrift law;
        law.reference_second = fields_.number("drift", "reference_second");
        law.programmed_second = number_or("drift", "programmed_second", law.reference_second);
        law.offset_second = number_or("drift", "offset_second", 0);
        law.exponent_mean = formula("drift", "exponent_mean");
        law.exponent_sigma = formula("drift", "exponent_sigma");
        if (fields_.has("drift", "exponent_folded")) {
            const TomlEntry& entry = fields_.need("drift", "exponent_folded");
            const auto* flag = std::get_if<bool>(&entry.data);
            if (flag == nullptr) fields_.fail(entry, "true or false");
            law.exponent_folded = *flag;
        }
        if (fields_.has("drift", "second_step_second")) {
            law.second_step = SecondStep{fields_.number("drift", "second_step_second"),
                                         formula("drift", "second_step_sigma")};
        }
        return law;
    }

    ReadNoise read_noise() const {
        const bool each_read = !fields_.has("read_noise", "resampled") ||
                               choice("read_noise", "resampled", "each_read each_time") == 0;
        return {formula("read_noise", "sigma"),
                each_read ? Resampling::each_read : Resampling::each_time,
                text("read_noise", "source")};
    }

    Retention retention() const {
        return {fields_.number("retention", "activation_ev"),
                fields_.number("retention", "reference_celsius"), text("retention", "source")};
    }

    NonlinearCurrent current() const {
        return {formula("current", "quadratic"), formula("current", "cubic"),
                fields_.number("current", "max_volt"), text("current", "source")};
    }

    StuckCells stuck() const {
        return {number_or("stuck", "low_probability", 0), number_or("stuck", "high_probability", 0),
                text("stuck", "source")};
    }

    WriteVerify write_verify() const {
        const TomlEntry& pulses = fields_.need("write_verify", "max_pulses");
        const auto* most = std::get_if<std::int64_t>(&pulses.data);
        if (most == nullptr || *most < 1 || *most > 100000) {
            fields_.fail(pulses, "a whole number from 1 to 100000");
        }
        WriteVerify write;
        write.tolerance = fields_.number("write_verify", "tolerance");
        write.max_pulses = static_cast<int>(*most);
        write.gain = number_or("write_verify", "gain", 1);
        write.pulse_sigma = formula("write_verify", "pulse_sigma");
        write.verify_sigma = number_or("write_verify", "verify_sigma", 0);
        write.pulse_second = number_or("write_verify", "pulse_second", 0);
        write.pulse_joule = number_or("write_verify", "pulse_joule", 0);
        write.read_second = number_or("write_verify", "read_second", 0);
        write.read_joule = number_or("write_verify", "read_joule", 0);
        write.source = text("write_verify", "source");
        return write;
    }

    Radiation radiation() const {
        const std::string source = text("radiation", "source");
        if (choice("radiation", "kind", "threshold measured") == 0) {
            return {ThresholdRelaxation{fields_.number("radiation", "neutral_state"),
                                        fields_.number("radiation", "dose_krad") * kGrayPerKrad,
                                        number_or("radiation", "spread", 0)},
                    source};
        }
        const bool total = fields_.has("radiation", "spread_is") &&
                           choice("radiation", "spread_is", "added total") == 1;
        return {DoseMaps{maps("radiation", "dose_krad", kGrayPerKrad, &Reader::gray_of), total},
                source};
    }

    void check_values(const DeviceModel& device) const {
        const DeviceProblem problem = find_problem(device);
        if (problem.message.empty()) return;
        const TomlEntry* entry = entries_.find(problem.section, problem.key);
        const TomlSection* section = entries_.find_section(problem.section);
        const std::size_t line = entry != nullptr     ? entry->line
                                 : section != nullptr ? section->line
                                                      : 1;
        throw bad_input("{}:{}: [{}] {}: {}", where_, line, problem.section, problem.key,
                        problem.message);
    }

    const TomlEntries& entries_;
    TomlFields fields_;
    std::string where_;
    fs::path folder_;
};

}  // namespace

DeviceModel parse_device(std::string_view text, std::string_view where, const fs::path& folder) {
    const TomlEntries entries = netlist::read_toml(text, where);
    return Reader(entries, where, folder).read();
}

DeviceModel read_device(const fs::path& name_or_file) {
    fs::path path = name_or_file;
    if (!path.has_parent_path() && path.extension() != ".toml") {
        path = find_data(fs::path("devices") / (name_or_file.string() + ".toml"));
        if (path.empty()) {
            throw bad_input("no device '{}' is shipped{}; 'mho device list' lists them",
                            name_or_file.string(),
                            did_you_mean(name_or_file.string(), shipped_devices()));
        }
    }
    return parse_device(read_file(path), path.string(), path.parent_path());
}

std::vector<std::string> shipped_devices() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(find_data("devices"), ignored)) {
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace mho::flows
