// SPDX-License-Identifier: Apache-2.0
#include "spice/deck.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "spice/number_text.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr std::size_t kAllNodesLimit = 64;  // vectors of an op from which on all are saved

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

constexpr std::array<std::string_view, 33> kDotCommands{
    ".subckt",  ".ends", ".model",   ".param",   ".params", ".include", ".inc",
    ".lib",     ".endl", ".option",  ".opt",     ".temp",   ".ic",      ".global",
    ".nodeset", ".func", ".if",      ".elseif",  ".else",   ".endif",   ".save",
    ".probe",   ".meas", ".measure", ".csparam", ".title",  ".width",   ".options",
    ".op",      ".dc",   ".tran",    ".noise",   ".ac"};

// The fewest fields (name, nodes, value or model) that an element can have, by its first letter.
std::size_t fewest_fields(char letter) {
    switch (letter) {
        case 'x':
            return 2;
        case 'a':
        case 'i':
        case 'p':
        case 'v':
            return 3;
        case 'f':
        case 'h':
        case 'j':
        case 'q':
        case 'u':
        case 'y':
        case 'z':
            return 5;
        case 'm':
        case 'o':
        case 's':
        case 't':
        case 'w':
            return 5;
        default:
            return 4;
    }
}

// ngspice reads the value "1,5" as 5.
bool has_decimal_comma(std::string_view line) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    int depth = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '(' || c == '{' || c == '[') ++depth;
        if (c == ')' || c == '}' || c == ']') --depth;
        if (c == '\'' || c == '"') return false;
        if (c == ',' && depth == 0 && i > 0 && i + 1 < line.size() && digit(line[i - 1]) &&
            digit(line[i + 1])) {
            return true;
        }
    }
    return false;
}

void check_source(std::string_view line, std::size_t number, bool external_allowed) {
    const std::string text = lower_case(line);
    const std::vector<std::string_view> fields = split(text, " \t,()=");
    const auto has = [&fields](std::string_view word) {
        return std::find(fields.begin() + 3, fields.end(), word) != fields.end();
    };
    if (fields.size() < 4 || !has("external")) return;
    if (!external_allowed) {
        throw bad_input("netlist line {}: '{}' is external, but nothing drives it here", number,
                        shown(line));
    }
    if (has("dc")) {
        throw bad_input(
            "netlist line {}: '{}' is external and has a dc value, expected one of them", number,
            shown(line));
    }
}

void check_numbers(std::string_view line, std::size_t number) {
    const std::string_view found = overflowing_number(line);
    if (found.empty()) return;
    throw bad_input("netlist line {}: '{}': {} is larger than any number", number, shown(line),
                    shown(found));
}

// Checks one logical line (continuations joined). `number` counts from 1.
void check_line(std::string_view line, std::size_t number, bool external_allowed) {
    if (line.front() == '.') {
        const std::string command = lower_case(split(line, " \t(=").front());
        if (std::find(kDotCommands.begin(), kDotCommands.end(), command) == kDotCommands.end()) {
            throw bad_input("netlist line {}: '{}' is no dot command allowed here", number,
                            shown(line));
        }
        const bool has_text =
            command == ".title" || command == ".lib" || command.starts_with(".inc");
        if (!has_text) check_numbers(line, number);
        return;
    }
    check_numbers(line, number);
    if (!is_letter(line.front())) {
        throw bad_input("netlist line {}: '{}' is no element, dot command or comment", number,
                        shown(line));
    }
    if (has_decimal_comma(line)) {
        throw bad_input("netlist line {}: '{}' has a decimal comma", number, shown(line));
    }
    const char letter = lower_case(line.substr(0, 1)).front();
    const std::size_t fields = split(line, " \t,()=").size();
    if (fields < fewest_fields(letter)) {
        throw bad_input("netlist line {}: '{}' has {} fields, element {} needs at least {}", number,
                        shown(line), fields, letter, fewest_fields(letter));
    }
    if (has_foreign_letter(line)) {
        throw bad_input("netlist line {}: '{}' has letters outside ASCII", number, shown(line));
    }
    if (letter == 'v' || letter == 'i') check_source(line, number, external_allowed);
}

std::string_view without_comment(std::string_view line) {
    line = line.substr(0, line.find(';'));
    return trimmed(line.substr(0, line.find(" $ ")));
}

void check_characters(std::string_view line, std::size_t number) {
    for (const char c : line) {
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') {
            throw bad_input("netlist line {}: control character {:#04x}", number,
                            static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
}

// The body of the deck: everything between title and ".end".
void check_body(const std::vector<std::string_view>& lines, std::size_t end,
                bool external_allowed) {
    std::string logical;
    std::size_t started = 0;
    const auto flush = [&] {
        if (!logical.empty()) check_line(logical, started, external_allowed);
        logical.clear();
    };
    for (std::size_t i = 1; i < end; ++i) {
        check_characters(lines[i], i + 1);
        const std::string_view line = without_comment(trimmed(lines[i]));
        if (line.empty() || line.front() == '*' || line.front() == '$') continue;
        if (line.front() == '+') {
            if (logical.empty()) {
                throw bad_input("netlist line {}: '{}' continues nothing", i + 1, shown(line));
            }
            logical.append(" ").append(line.substr(1));
            continue;
        }
        flush();
        logical = line;
        started = i + 1;
    }
    flush();
}

bool wants_save(const std::string& vector) {
    return !vector.empty() && vector != "time" && vector != "0";
}

void append_saves(std::vector<std::string>& lines, const Analysis& analysis,
                  const std::vector<VectorRequest>& requests) {
    if (analysis.kind == AnalysisKind::noise) return;  // .save would drop the densities
    const bool all = analysis.kind == AnalysisKind::op && requests.size() > kAllNodesLimit;
    if (all) lines.emplace_back(".save all");
    for (const VectorRequest& request : requests) {
        for (const std::string* vector : {&request.first, &request.second}) {
            if (wants_save(*vector) && !(all && vector->front() != '@')) {
                lines.push_back(".save " + *vector);
            }
        }
    }
}

}  // namespace

std::size_t end_line_offset(std::string_view netlist) {
    std::size_t found = std::string_view::npos;
    for (std::size_t start = 0; start < netlist.size();) {
        const std::size_t end = std::min(netlist.find('\n', start), netlist.size());
        if (lower_case(trimmed(netlist.substr(start, end - start))) == ".end") found = start;
        start = end + 1;
    }
    return found;
}

std::vector<std::string> deck_lines(std::string_view netlist, const Analysis& analysis,
                                    const std::vector<VectorRequest>& requests,
                                    bool external_sources) {
    const std::size_t end_offset = end_line_offset(netlist);
    if (end_offset == std::string_view::npos) throw bad_input("netlist: no line '.end'");
    const std::vector<std::string_view> lines = split_lines(netlist);
    std::size_t end = lines.size();
    while (end > 0 && trimmed(lines[end - 1]).empty()) --end;
    if (lines[end - 1].data() != netlist.data() + end_offset) {
        throw bad_input("netlist line {}: '{}' after '.end'", end, shown(lines[end - 1]));
    }
    --end;
    if (end == 0) throw bad_input("netlist: the first line must be a title, not '.end'");
    check_characters(lines.front(), 1);
    check_body(lines, end, external_sources);

    std::vector<std::string> deck;
    deck.reserve(end + requests.size() + 1);
    // As a comment, since ngspice takes some titles for commands ("@x", "*ng_script").
    deck.push_back("* " + std::string(trimmed(lines.front())));
    for (std::size_t i = 1; i < end; ++i) deck.emplace_back(trimmed(lines[i]));
    if (!analysis.card.empty()) deck.push_back(analysis.card);
    append_saves(deck, analysis, requests);
    deck.emplace_back(".end");
    return deck;
}

}  // namespace mho::spice
