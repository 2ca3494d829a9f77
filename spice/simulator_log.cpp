// SPDX-License-Identifier: Apache-2.0
#include "spice/simulator_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "spice/request.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr std::size_t kLines = 400;
constexpr std::size_t kLineLength = 300;
constexpr std::size_t kComplaintLines = 3;

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    });
}

constexpr std::array<std::string_view, 12> kNetlistWords{
    "error",     "warning", "can't find", "cannot",  "unrecognized", "ignored",
    "too many ", "set to",  "undefined",  "unknown", "fatal",        "not found"};
constexpr std::array<std::string_view, 7> kNumericalWords{
    "singular matrix", "iteration limit", "convergence",    "timestep too small",
    "stepping failed", "solution failed", "operating point"};
constexpr std::array<std::string_view, 3> kWarningWords{"warning", "ignored", "set to"};
constexpr std::array<std::string_view, 2> kUnsoundWords{"singular matrix", "transient op "};

// As one line: "Error on line 3: r1 a; no value".
std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        if (!text.empty()) text += text.ends_with(':') ? " " : "; ";
        text += line.substr(0, line.find_last_not_of(' ') + 1);
    }
    return text;
}

}  // namespace

VersionText read_version(std::span<const std::string> lines) {
    constexpr std::string_view kName = "ngspice-";
    VersionText text;
    for (const std::string& line : lines) {
        if (const std::size_t at = line.find(kName);
            at != std::string::npos && text.version.empty()) {
            const std::string rest = line.substr(at + kName.size());
            text.version = rest.substr(0, rest.find_first_of(" :\t"));
        }
        text.klu |= line.find("KLU") != std::string::npos;
        text.xspice |= line.find("XSPICE") != std::string::npos;
    }
    return text;
}

void SimulatorLog::clear() {
    *this = SimulatorLog();
}

void SimulatorLog::add(std::string_view line) {
    const bool on_error = line.starts_with("stderr ");
    if (on_error || line.starts_with("stdout ")) line.remove_prefix(7);
    line = line.substr(0, std::min(line.find_last_not_of(" \t\r\n") + 1, kLineLength));
    if (line.empty()) return;
    if (lines_.size() < kLines) lines_.emplace_back(line);
    const std::string text = lower_case(line);
    const bool title = text.starts_with("circuit: ");

    if (!complaint_.empty() ? on_error && complaint_.size() < kComplaintLines
                            : !title && has_any(text, kNetlistWords)) {
        complaint_.emplace_back(line);
    }
    if (!error_.empty() ? on_error && error_.size() < kComplaintLines
                        : !title && has_any(text, kNetlistWords) && !has_any(text, kWarningWords)) {
        error_.emplace_back(line);
    }
    if (title) return;
    if (text.starts_with("measurements for ")) measuring_ = true;
    if (measuring_) {
        add_measured(text);
        add_mistake(text);
    }
    if (unsound_.empty() && has_any(text, kUnsoundWords)) unsound_ = line;
    if (has_any(text, kNumericalWords)) numerical_trouble_ = true;
    nothing_saved_ |= text.find("no data saved") != std::string::npos;
    const bool verdict = text.starts_with("doanalyses:");
    if (verdict) verdict_ = line;
    if (fatal_.empty() ? text.find("fatal") != std::string::npos
                       : on_error && !verdict && fatal_.size() < kComplaintLines) {
        fatal_.emplace_back(line);
    }
    if (on_error && !text.starts_with("note:") && !text.ends_with("simulation(s) aborted")) {
        last_error_ = line;
    }
}

std::string SimulatorLog::netlist_complaint() const {
    return joined(complaint_);
}

// "td   =   6.93e-10 targ= ...", or ".meas tran td when v(out)=7 failed!".
void SimulatorLog::add_measured(const std::string& line) {
    const std::vector<std::string_view> words = split(line, " \t=");
    if (words.size() >= 3 && words.front().starts_with(".meas") && line.ends_with("failed!")) {
        measured_.push_back({std::string(words[2]), std::nullopt});
    } else if (words.size() >= 2 && line.find('=') != std::string::npos) {
        const std::optional<double> value = spice_number(words[1]);
        if (value) measured_.push_back({std::string(words[0]), value});
    }
}

// "bad syntax" or "out of interval" stands before ".meas tran td when v(b) rise=1 failed!".
void SimulatorLog::add_mistake(const std::string& line) {
    constexpr std::string_view kVector = "no such vector as ";
    const std::vector<std::string_view> words = split(line, " \t=");
    const bool failed =
        words.size() >= 3 && words.front().starts_with(".meas") && line.ends_with("failed!");
    if (failed && measure_error_.empty() && before_.find("out of interval") == std::string::npos) {
        measure_error_ = fmt::format("measure {}: {}", words[2], before_);
    }
    const std::size_t at = line.find(kVector);
    if (unknown_vector_.empty() && at != std::string::npos) {
        unknown_vector_ = line.substr(at + kVector.size());
        if (unknown_vector_.ends_with('.')) unknown_vector_.pop_back();
    }
    before_ = line;
}

std::string SimulatorLog::netlist_error() const {
    return joined(error_);
}

std::string SimulatorLog::failure() const {
    if (!fatal_.empty()) return joined(fatal_);
    const std::string& reason = verdict_.empty() ? last_error_ : verdict_;
    if (unsound_.empty() || unsound_ == reason) return reason;
    return reason.empty() ? unsound_ : fmt::format("{}; {}", reason, unsound_);
}

}  // namespace mho::spice
