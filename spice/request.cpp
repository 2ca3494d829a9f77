// SPDX-License-Identifier: Apache-2.0
#include "spice/request.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr std::size_t kLongestCommand = 1023;

bool is_ground(std::string_view node) {
    return node == "0" || node == "gnd";
}

void check_analysis_fields(const std::vector<std::string_view>& fields, std::size_t fewest,
                           std::string_view form) {
    if (fields.size() < fewest) {
        throw bad_input("analysis '{}': expected '{}'", fmt::format("{}", fmt::join(fields, " ")),
                        form);
    }
}

}  // namespace

std::optional<double> spice_number(std::string_view text) {
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    double value = 0;
    const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || !std::isfinite(value)) return std::nullopt;
    const std::string suffix =
        lower_case({rest, static_cast<std::size_t>(text.data() + text.size() - rest)});
    if (!std::all_of(suffix.begin(), suffix.end(), is_letter)) return std::nullopt;
    if (suffix.starts_with("meg")) return value * 1e6;
    if (suffix.starts_with("mil")) return value * 25.4e-6;
    constexpr std::array<std::pair<char, double>, 9> kScales{{{'t', 1e12},
                                                              {'g', 1e9},
                                                              {'k', 1e3},
                                                              {'m', 1e-3},
                                                              {'u', 1e-6},
                                                              {'n', 1e-9},
                                                              {'p', 1e-12},
                                                              {'f', 1e-15},
                                                              {'a', 1e-18}}};
    for (const auto& [letter, scale] : kScales) {
        if (suffix.starts_with(letter)) return value * scale;
    }
    return value;
}

Analysis parse_analysis(std::string_view command) {
    if (command.size() > kLongestCommand) {
        throw bad_input("analysis command has {} characters, ngspice takes {}", command.size(),
                        kLongestCommand);
    }
    // ngspice would read these as further commands, redirections or substitutions.
    if (command.find_first_of(";`$|<>&{}\"'\\!^\n\r") != std::string_view::npos) {
        throw bad_input("analysis '{}': expected one plain ngspice command", shown(command));
    }
    const std::vector<std::string_view> fields = split(command, kBlank);
    const std::string word = fields.empty() ? "" : lower_case(fields.front());
    Analysis analysis;
    analysis.command = std::string(trimmed(command));
    if (word == "op") {
        analysis.kind = AnalysisKind::op;
    } else if (word == "dc") {
        analysis.kind = AnalysisKind::dc;
        check_analysis_fields(fields, 5, "dc SOURCE FROM TO STEP");
    } else if (word == "noise") {
        analysis.kind = AnalysisKind::noise;
        check_analysis_fields(fields, 7, "noise V(OUT) SOURCE dec POINTS FROM TO");
    } else if (word == "tran") {
        analysis.kind = AnalysisKind::tran;
        check_analysis_fields(fields, 3, "tran STEP STOP");
        const std::optional<double> stop = spice_number(fields[2]);
        if (!stop || *stop <= 0) {
            throw bad_input("analysis '{}': stop time '{}' is no positive number", shown(command),
                            shown(fields[2]));
        }
        analysis.stop_second = *stop;
    } else {
        throw bad_input("analysis '{}': expected op, dc, tran or noise", shown(command));
    }
    return analysis;
}

VectorRequest parse_vector(std::string_view name) {
    const std::string text = lower_case(trimmed(name));
    const auto wrong = [&name] {
        return bad_input(
            "vector '{}': expected v(node), v(a,b), i(source), @device[parameter] or "
            "a plain name",
            shown(name));
    };
    // Operators would make ngspice evaluate an expression.
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.#:-+";
    const auto plain = [kAllowed](std::string_view part) {
        return !part.empty() && part.find_first_not_of(kAllowed) == std::string_view::npos;
    };
    VectorRequest request{std::string(name), text, {}};
    if (text.starts_with('@')) {
        const std::size_t open = text.find('[');
        if (open == std::string::npos || text.back() != ']' ||
            !plain(std::string_view(text).substr(1, open - 1)) ||
            !plain(std::string_view(text).substr(open + 1, text.size() - open - 2))) {
            throw wrong();
        }
        return request;
    }
    if (!text.ends_with(')')) {
        if (!plain(text)) throw wrong();
        return request;
    }
    if (!text.starts_with("v(") && !text.starts_with("i(")) throw wrong();
    const std::vector<std::string_view> nodes =
        split(std::string_view(text).substr(2, text.size() - 3), " \t,");
    const bool voltage = text.front() == 'v';
    if (nodes.empty() || nodes.size() > (voltage ? 2U : 1U) ||
        !std::all_of(nodes.begin(), nodes.end(), plain)) {
        throw wrong();
    }
    const auto vector_of = [voltage](std::string_view node) {
        if (voltage && is_ground(node)) return std::string("0");
        return std::string(voltage ? "v(" : "i(").append(node).append(")");
    };
    request.first = vector_of(nodes[0]);
    if (nodes.size() == 2) request.second = vector_of(nodes[1]);
    return request;
}

}  // namespace mho::spice
