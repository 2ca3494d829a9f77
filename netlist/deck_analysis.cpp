// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "netlist/deck_names.h"
#include "netlist/value.h"
#include "netlist/word_text.h"

namespace mho::netlist {
namespace {

DcSweep take_sweep(Card& card, const Scope& scope) {
    DcSweep sweep;
    const Token source = card.take_word("a source");
    sweep.source = source.text;
    sweep.start = take_number(card, scope, "a start");
    sweep.stop = take_number(card, scope, "a stop");
    sweep.step = take_number(card, scope, "a step");
    if (!card.done()) {
        card.fail(card.peek(), "a second sweep is not supported here, expected one");
    }
    return sweep;
}

Transient take_transient(Card& card, const Scope& scope) {
    Transient transient;
    transient.step_second = take_number(card, scope, "a step");
    transient.stop_second = take_number(card, scope, "a stop time");
    const auto is_uic = [&card] { return card.peek().text == "uic"; };
    if (!card.done() && !is_uic()) {
        const Token start = card.take();
        if (number_of(card, start, scope) != 0) {
            card.fail(start, "a start of the output is not supported here, expected 0");
        }
    }
    if (!card.done() && !is_uic()) {
        transient.max_step_second = take_number(card, scope, "a largest step");
    }
    if (is_uic()) {
        (void)card.take();
        transient.use_initial_conditions = true;
    }
    card.expect_end();
    return transient;
}

// "dec 10 1 1e9"
void take_decades(Card& card, const Scope& scope, int& points_per_decade, double& from_hertz,
                  double& to_hertz) {
    const Token spacing = card.take_word("dec");
    if (spacing.text != "dec") card.fail_expected(spacing, "dec");
    const Token points = card.peek();
    const double count = take_number(card, scope, "points per decade");
    if (!(count >= 1 && count <= 1e6 && count == std::floor(count))) {
        card.fail(points, fmt::format("found {} points per decade, expected a whole number from 1 "
                                      "to 1000000",
                                      number_text(count)));
    }
    points_per_decade = static_cast<int>(count);
    from_hertz = take_number(card, scope, "a frequency");
    to_hertz = take_number(card, scope, "a frequency");
}

Noise take_noise(Card& card, const Scope& scope) {
    Noise noise;
    const Token v = card.take_word("v(net)");
    if (v.text != "v") card.fail_expected(v, "v(net)");
    card.expect_symbol('(', "v(net)");
    noise.output = net_name_of(card.take_word("a net").text);
    card.expect_symbol(')', "')'; a difference of nets is not supported here");
    noise.input_source = card.take_word("a source").text;
    take_decades(card, scope, noise.points_per_decade, noise.from_hertz, noise.to_hertz);
    card.expect_end();
    return noise;
}

SmallSignal take_small_signal(Card& card, const Scope& scope) {
    SmallSignal ac;
    take_decades(card, scope, ac.points_per_decade, ac.from_hertz, ac.to_hertz);
    card.expect_end();
    return ac;
}

// "v(1)" as "v(n_1)"; anything but v( ) and i( ) stays.
std::string renamed_vector(std::string_view vector) {
    std::string result;
    for (const char c : vector) {
        if (c != ' ' && c != '\t') result += c;
    }
    return with_renamed_nets(result);
}

}  // namespace

bool is_analysis(std::string_view word) {
    return word == "op" || word == "dc" || word == "tran" || word == "noise" || word == "ac";
}

Analysis take_analysis(Card& card, std::string_view word, const Scope& scope) {
    if (word == "dc") return take_sweep(card, scope);
    if (word == "tran") return take_transient(card, scope);
    if (word == "noise") return take_noise(card, scope);
    if (word == "ac") return take_small_signal(card, scope);
    card.expect_end();
    return OperatingPoint{};
}

Measure take_measure(Card& card, std::string& analysis) {
    const Token kind = card.take_word("op, dc, tran, ac or noise");
    if (!is_analysis(kind.text)) card.fail_expected(kind, "op, dc, tran, ac or noise");
    analysis = kind.text;
    const Token name = card.take_word("a name");
    if (!is_spice_name(name.text)) {
        card.fail_expected(name, "a name of letters, digits and _");
    }
    if (card.done()) card.fail_expected(card.peek(), "what to measure");
    Measure measure{name.text, with_renamed_nets(lower_case(card.rest()))};
    card.skip_rest();
    return measure;
}

std::vector<std::string> vector_list(std::string_view text) {
    std::vector<std::string> vectors;
    std::string one;
    int depth = 0;
    const auto flush = [&] {
        if (!one.empty()) vectors.push_back(renamed_vector(one));
        one.clear();
    };
    for (const char c : lower_case(text)) {
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (depth <= 0 && (c == ' ' || c == '\t' || c == ',')) {
            flush();
        } else {
            one += c;
        }
    }
    flush();
    return vectors;
}

std::vector<std::pair<std::string, double>> take_initial(Card& card, const Scope& scope) {
    std::vector<std::pair<std::string, double>> initial;
    while (!card.done()) {
        const Token v = card.take_word("v(net)=volt");
        if (v.text != "v") card.fail_expected(v, "v(net)=volt");
        card.expect_symbol('(', "v(net)=volt");
        const std::string net = net_path_of(card.take_word("a net").text);
        card.expect_symbol(')', "')'");
        card.expect_symbol('=', "'='");
        initial.emplace_back(net, take_number(card, scope, "a voltage"));
    }
    return initial;
}

std::string with_renamed_nets(std::string_view expression) {
    constexpr std::string_view kNameEnds = " ,()";
    std::string result;
    std::size_t at = 0;
    while (at < expression.size()) {
        const bool starts = at == 0 || !is_word(expression[at - 1]);
        const bool call = starts && (expression.substr(at).starts_with("v(") ||
                                     expression.substr(at).starts_with("i("));
        if (!call) {
            result += expression[at++];
            continue;
        }
        result += expression.substr(at, 2);
        at += 2;
        while (at < expression.size() && expression[at] != ')' && expression[at] != '(') {
            if (expression[at] == ' ' || expression[at] == ',') {
                result += expression[at++];
                continue;
            }
            const std::size_t end =
                std::min(expression.find_first_of(kNameEnds, at), expression.size());
            result += net_path_of(expression.substr(at, end - at));
            at = end;
        }
    }
    return result;
}

}  // namespace mho::netlist
