// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_stimulus.h"

#include <fmt/format.h>

#include <vector>

#include "netlist/deck_format.h"

namespace mho::netlist {
namespace {

// The numbers of "( 1 2 3 )" or, as SPICE allows, of the rest of the card or up to a word.
std::vector<double> take_numbers(Card& card, const Scope& scope) {
    const bool parentheses = card.take_symbol('(');
    std::vector<double> numbers;
    while (!card.done() && !card.peek().is(')')) {
        const Token& next = card.peek();
        const bool word = next.kind == Token::Kind::word && next.text != "" &&
                          (next.text == "dc" || next.text == "ac");
        if (!parentheses && word) break;
        numbers.push_back(take_number(card, scope, "a number"));
    }
    if (parentheses) card.expect_symbol(')', "a number or ')'");
    return numbers;
}

void require_count(const Card& card, const Token& shape, std::size_t count, std::size_t fewest,
                   std::size_t most) {
    if (count >= fewest && count <= most) return;
    card.fail(shape,
              fmt::format("{} has {} numbers, expected {} to {}", shape.text, count, fewest, most));
}

Pulse pulse_of(const Card& card, const Token& shape, const std::vector<double>& n) {
    require_count(card, shape, n.size(), 6, 7);
    const bool once = n.size() == 6 || n[6] >= kNeverSecond;
    return {n[0], n[1], n[2], n[3], n[4], n[5], once ? 0.0 : n[6]};
}

Pwl pwl_of(const Card& card, const Token& shape, const std::vector<double>& numbers) {
    if (numbers.empty() || numbers.size() % 2 != 0) {
        card.fail(shape, fmt::format("pwl has {} numbers, expected pairs of time and value",
                                     numbers.size()));
    }
    Pwl pwl;
    for (std::size_t k = 0; k < numbers.size(); k += 2) {
        pwl.points.emplace_back(numbers[k], numbers[k + 1]);
    }
    return pwl;
}

Sine sine_of(const Card& card, const Token& shape, std::vector<double> n) {
    require_count(card, shape, n.size(), 3, 6);
    n.resize(6, 0.0);
    if (n[4] != 0 || n[5] != 0) {
        card.fail(shape, "a damping or phase of sin is not supported here, expected none");
    }
    return {n[0], n[1], n[2], n[3]};
}

Waveform take_waveform(Card& card, const Token& shape, const Scope& scope) {
    if (shape.text == "pulse") return pulse_of(card, shape, take_numbers(card, scope));
    if (shape.text == "pwl") return pwl_of(card, shape, take_numbers(card, scope));
    return sine_of(card, shape, take_numbers(card, scope));
}

double take_ac(Card& card, const Scope& scope) {
    const Token& next = card.peek();
    const bool number = next.kind == Token::Kind::quoted ||
                        (next.kind == Token::Kind::word && spice_number(next.text).has_value());
    if (!number) return 1.0;
    const double magnitude = take_number(card, scope, "a magnitude");
    if (card.peek().kind == Token::Kind::word && spice_number(card.peek().text)) {
        const Token phase = card.take();
        if (number_of(card, phase, scope) != 0) {
            card.fail(phase, "a phase of ac is not supported here, expected none");
        }
    }
    return magnitude;
}

}  // namespace

Stimulus take_stimulus(Card& card, const Scope& scope) {
    constexpr std::string_view kExpected = "a value, dc, ac, pulse, pwl or sin";
    Stimulus stimulus;
    if (card.done()) card.fail_expected(card.peek(), kExpected);
    bool first = true;
    while (!card.done()) {
        const Token& next = card.peek();
        const bool word = next.kind == Token::Kind::word;
        if (word && (next.text == "pulse" || next.text == "pwl" || next.text == "sin")) {
            const Token shape = card.take();
            if (!std::holds_alternative<std::monostate>(stimulus.waveform)) {
                card.fail(shape, fmt::format("found a second waveform, '{}'", shape.text));
            }
            stimulus.waveform = take_waveform(card, shape, scope);
        } else if (word && next.text == "ac") {
            (void)card.take();
            stimulus.ac = take_ac(card, scope);
        } else if (word && next.text == "dc") {
            (void)card.take();
            (void)card.take_symbol('=');
            stimulus.dc = take_value(card, scope, "a value");
        } else if (first && (next.kind == Token::Kind::quoted || spice_number(next.text) ||
                             scope.is_parameter(next.text) || scope.numbers.contains(next.text))) {
            stimulus.dc = take_value(card, scope, "a value");
        } else {
            card.fail_expected(next, kExpected);
        }
        first = false;
    }
    return stimulus;
}

}  // namespace mho::netlist
