// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "netlist/circuit_text.h"
#include "netlist/deck_format.h"
#include "netlist/expression.h"
#include "netlist/word_text.h"

namespace mho::netlist {
namespace {

// A value that would end its line could smuggle in another card.
void require_line(std::string_view what, std::string_view text) {
    if (text.empty() || !is_one_line(text)) {
        throw bad_input("deck: {} must be one line of text, found '{}'", what, text);
    }
}

void require_finite(std::string_view what, double value, bool positive) {
    if (!std::isfinite(value) || (positive && value <= 0)) {
        throw bad_input("deck: {} must be {}, found {}", what, positive ? "positive" : "finite",
                        value);
    }
}

void require_source(const Circuit& top, const std::string& name) {
    const auto devices = top.devices();
    const auto is_it = [&](const Device& device) {
        return device.name == name && (std::holds_alternative<VoltageSource>(device.body) ||
                                       std::holds_alternative<CurrentSource>(device.body));
    };
    if (std::none_of(devices.begin(), devices.end(), is_it)) {
        throw bad_input("deck: the top circuit '{}' has no independent source '{}'", top.name(),
                        name);
    }
}

void require_frequencies(std::string_view what, int points, double from_hertz, double to_hertz) {
    require_finite(fmt::format("{} start frequency", what), from_hertz, true);
    require_finite(fmt::format("{} stop frequency", what), to_hertz, true);
    if (points >= 1 && to_hertz >= from_hertz) return;
    throw bad_input(
        "deck: {} needs rising frequencies and at least one point per decade, found {} .. {} with "
        "{}",
        what, from_hertz, to_hertz, points);
}

struct AnalysisCheck {
    const Circuit& top;

    void operator()(const OperatingPoint&) const {}
    void operator()(const DcSweep& sweep) const {
        require_source(top, sweep.source);
        require_finite("sweep start", sweep.start, false);
        require_finite("sweep stop", sweep.stop, false);
        require_finite("sweep step", sweep.step, false);
        const bool forward = sweep.step > 0 && sweep.stop >= sweep.start;
        const bool backward = sweep.step < 0 && sweep.stop <= sweep.start;
        if (!forward && !backward) {
            throw bad_input("deck: a sweep from {} to {} does not end with steps of {}",
                            sweep.start, sweep.stop, sweep.step);
        }
    }
    void operator()(const Transient& transient) const {
        require_finite("transient step", transient.step_second, true);
        require_finite("transient stop", transient.stop_second, true);
        require_finite("transient largest step", transient.max_step_second, false);
        if (transient.max_step_second < 0) {
            throw bad_input("deck: transient largest step must not be negative, found {}",
                            transient.max_step_second);
        }
    }
    void operator()(const Noise& noise) const {
        require_source(top, noise.input_source);
        (void)top.find_net(noise.output);
        require_frequencies("noise", noise.points_per_decade, noise.from_hertz, noise.to_hertz);
    }
    void operator()(const SmallSignal& ac) const {
        require_frequencies("ac", ac.points_per_decade, ac.from_hertz, ac.to_hertz);
    }
};

void check_deck(const Deck& deck) {
    require_line("the title", deck.title);
    for (const std::string& comment : deck.comments) {
        if (!comment.empty()) require_line("a comment", comment);
        if (("* " + comment).starts_with(kHeadingStart)) {
            throw bad_input("deck: the comment '{}' would read as a heading", comment);
        }
    }
    for (const std::string& option : deck.options) {
        require_line("an option", option);
        if (option == "klu") throw bad_input("deck: the option 'klu' is asked for by Deck::klu");
    }
    for (const std::string& vector : deck.saved) require_line("a saved vector", vector);
    for (const Measure& measure : deck.measures) {
        require_line("a measure", measure.expression);
        if (!is_spice_name(measure.name)) {
            throw bad_input("deck: '{}' cannot name a measure", measure.name);
        }
    }
    for (const auto& model : deck.osdi_models) {
        const std::string file = model.string();
        if (file.empty() || file.find_first_of(" \t\r\n;'\"`$&|<>*?") != std::string::npos) {
            throw bad_input("deck: ngspice cannot load an OSDI model named '{}'", file);
        }
    }
    require_finite("the temperature", deck.temperature_celsius, false);
    for (const auto& [net, volt] : deck.initial_volt) {
        require_line("a net", net);
        require_finite("an initial voltage", volt, false);
    }
    for (const auto& [net, volt] : deck.guessed_volt) {
        require_line("a net", net);
        require_finite("a guessed voltage", volt, false);
    }
    if (!deck.circuit.ports().empty()) {
        throw bad_input("deck: circuit '{}' has ports and cannot be the top", deck.circuit.name());
    }
    std::visit(AnalysisCheck{deck.circuit}, deck.analysis);
}

void heading(std::string& text, std::string_view title) {
    text += fmt::format("\n{}{} {}\n", kHeadingStart, title, std::string(70 - title.size(), '-'));
}

void append_library(std::string& text, const Library& library) {
    if (!library.text.empty()) {
        const std::string file = library.file.filename().string();
        if (library.text.find(kLibraryEnd) != std::string::npos) {
            throw bad_input("deck: the text of library '{}' has the line '{}'", file, kLibraryEnd);
        }
        text += fmt::format("{}{}{}{}{}\n", kLibraryStart, file.empty() ? "" : " ", file,
                            library.section.empty() ? "" : ", section ", library.section);
        text += library.text;
        if (text.back() != '\n') text += '\n';
        text.append(kLibraryEnd).append("\n");
        return;
    }
    const std::string file = library.file.string();
    require_line("a library's path", file);
    if (file.find('\'') != std::string::npos) {
        throw bad_input("deck: the library path {} has a quotation mark", file);
    }
    if (library.section.empty()) {
        text += fmt::format(".include '{}'\n", file);
    } else {
        require_line("a library section", library.section);
        text += fmt::format(".lib '{}' {}\n", file, library.section);
    }
}

// A vector that `.save` takes: v(..), i(..) or @device[parameter]. Results such as onoise_total
// are made by their analysis.
bool is_savable(std::string_view vector) {
    return vector.starts_with("v(") || vector.starts_with("i(") || vector.starts_with("@");
}

// The saved vectors and those that measures read, which ngspice would drop otherwise.
std::vector<std::string> vectors_to_save(const Deck& deck) {
    std::vector<std::string> vectors;
    std::set<std::string> seen;
    const auto add = [&](const std::string& vector) {
        if (is_savable(vector) && seen.insert(vector).second) vectors.push_back(vector);
    };
    if (deck.saved.empty() || std::holds_alternative<Noise>(deck.analysis)) return vectors;
    for (const std::string& vector : deck.saved) add(vector);
    for (const Measure& measure : deck.measures) {
        const std::string& text = measure.expression;
        for (std::size_t at = 0; (at = text.find_first_of("vi", at)) != std::string::npos; ++at) {
            const bool starts = at == 0 || std::string_view(" =-+*/(',").find(text[at - 1]) !=
                                               std::string_view::npos;
            if (!starts || at + 1 >= text.size() || text[at + 1] != '(') continue;
            const std::size_t close = text.find(')', at);
            if (close != std::string::npos) add(text.substr(at, close + 1 - at));
        }
    }
    return vectors;
}

std::string head_text(const Deck& deck) {
    std::string text = deck.title + "\n";
    for (const std::string& comment : deck.comments) {
        text += comment.empty() ? "*\n" : "* " + comment + "\n";
    }
    heading(text, "options");
    if (deck.klu) text += ".option klu\n";
    for (const std::string& option : deck.options) append_line(text, ".option " + option);
    text += fmt::format(".temp {}\n", deck.temperature_celsius);
    if (!deck.libraries.empty()) {
        heading(text, "models");
        for (const Library& library : deck.libraries) append_library(text, library);
    }
    return text;
}

// Says what was asked for where the .save card cannot: lines of comments, since a "+" behind a
// comment continues the card before it.
void append_wanted(std::string& text, const std::vector<std::string>& vectors) {
    std::string line;
    for (const std::string& vector : vectors) {
        if (!line.empty() && line.size() + 1 + vector.size() > kLineWidth) {
            text += line + "\n";
            line.clear();
        }
        line.append(line.empty() ? kWantedStart : " ").append(vector);
    }
    text += line + "\n";
}

void append_saved(std::string& text, const Deck& deck) {
    const auto vectors = vectors_to_save(deck);
    if (vectors.empty() && deck.saved.empty()) return;
    heading(text, "saved vectors");
    if (vectors != deck.saved) append_wanted(text, deck.saved);
    if (vectors.empty()) return;
    std::string line = ".save";
    for (const std::string& vector : vectors) line += " " + vector;
    append_line(text, line);
}

// "* bench: what it is for"
void append_top_name(std::string& text, const Circuit& top) {
    if (top.name() == kTopName && top.description().empty()) return;
    text += "* " + top.name();
    if (!top.description().empty()) text += ": " + top.description();
    text += "\n";
}

std::string body_text(const Deck& deck) {
    std::string text;
    const auto definitions = definitions_of(deck.circuit);
    if (!definitions.empty()) {
        heading(text, "subcircuits");
        for (const Circuit* definition : definitions)
            append_definition(text, *definition, deck.device_calls);
    }
    heading(text, kCircuitHeading);
    append_top_name(text, deck.circuit);
    append_devices(text, deck.circuit, deck.device_calls);
    if (!deck.initial_volt.empty()) {
        heading(text, "initial conditions");
        for (const auto& [net, volt] : deck.initial_volt) {
            text += fmt::format(".ic v({})={}\n", net, volt);
        }
    }
    if (!deck.guessed_volt.empty()) {
        heading(text, "where the operating point is looked for");
        for (const auto& [net, volt] : deck.guessed_volt) {
            text += fmt::format(".nodeset v({})={}\n", net, volt);
        }
    }
    append_saved(text, deck);
    return text;
}

// A control block, since a card cannot print with more than six digits.
std::string control_text(const Deck& deck) {
    // Commands are cut silently at 1023 characters, and tables get wide.
    constexpr std::size_t kPerTable = 4;
    std::string text;
    heading(text, "analysis");
    text += ".control\n";
    for (const auto& model : deck.osdi_models) text += fmt::format("pre_osdi {}\n", model.string());
    text += "set numdgt=14\nset nobreak\nset width=120\n";
    text += analysis_command(deck.analysis) + "\n";
    for (const Measure& measure : deck.measures) {
        text += measure_command(deck.analysis, measure) + "\n";
    }
    const bool is_noise = std::holds_alternative<Noise>(deck.analysis);
    if (!deck.measures.empty()) return text + ".endc\n";
    if (is_noise) {
        text += "print onoise_total inoise_total\n";
    } else if (deck.saved.empty()) {
        text += "print all\n";
    }
    for (std::size_t k = 0; !is_noise && k < deck.saved.size(); k += kPerTable) {
        text += "print";
        for (std::size_t j = k; j < std::min(k + kPerTable, deck.saved.size()); ++j) {
            text += " " + deck.saved[j];
        }
        text += "\n";
    }
    return text + ".endc\n";
}

struct CommandText {
    std::string operator()(const OperatingPoint&) const { return "op"; }
    std::string operator()(const DcSweep& sweep) const {
        return fmt::format("dc {} {} {} {}", sweep.source, sweep.start, sweep.stop, sweep.step);
    }
    std::string operator()(const Transient& transient) const {
        std::string text = fmt::format("tran {} {}", transient.step_second, transient.stop_second);
        if (transient.max_step_second > 0) {
            text += fmt::format(" 0 {}", transient.max_step_second);
        }
        return transient.use_initial_conditions ? text + " uic" : text;
    }
    std::string operator()(const Noise& noise) const {
        return fmt::format("noise v({}) {} dec {} {} {}", noise.output, noise.input_source,
                           noise.points_per_decade, noise.from_hertz, noise.to_hertz);
    }
    std::string operator()(const SmallSignal& ac) const {
        return fmt::format("ac dec {} {} {}", ac.points_per_decade, ac.from_hertz, ac.to_hertz);
    }
};

struct CommandWord {
    const char* operator()(const OperatingPoint&) const { return "op"; }
    const char* operator()(const DcSweep&) const { return "dc"; }
    const char* operator()(const Transient&) const { return "tran"; }
    const char* operator()(const Noise&) const { return "noise"; }
    const char* operator()(const SmallSignal&) const { return "ac"; }
};

}  // namespace

std::string write_deck(const Deck& deck) {
    check_deck(deck);
    return head_text(deck) + body_text(deck) + control_text(deck) + "\n.end\n";
}

std::string netlist_text(const Deck& deck) {
    check_deck(deck);
    return head_text(deck) + body_text(deck) + "\n.end\n";
}

std::string analysis_command(const Analysis& analysis) {
    return std::visit(CommandText{}, analysis);
}

std::string measure_command(const Analysis& analysis, const Measure& measure) {
    return fmt::format("meas {} {} {}", std::visit(CommandWord{}, analysis), measure.name,
                       measure.expression);
}

std::string voltage_vector(std::string_view path, std::string_view net) {
    return path.empty() ? fmt::format("v({})", net) : fmt::format("v({}.{})", path, net);
}

std::string current_vector(std::string_view path, std::string_view source) {
    return path.empty() ? fmt::format("i({})", source) : fmt::format("i(v.{}.{})", path, source);
}

}  // namespace mho::netlist
