// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "netlist/value.h"
#include "netlist/word_text.h"

namespace mho::netlist {
namespace {

// Evaluates arithmetic by recursive descent. Offsets in messages are those of the expression.
class Arithmetic {
  public:
    Arithmetic(const Card& card, const Token& token, const Scope& scope)
        : card_(card), scope_(scope), text_(token.text), start_(token.at + 1) {}

    double value() {
        const double result = sum();
        if (at_ < text_.size()) fail(fmt::format("found '{}', expected an operator", text_[at_]));
        if (!std::isfinite(result)) {
            at_ = 0;
            fail(fmt::format("'{}' is {}, expected a finite number", text_, result));
        }
        return result;
    }

  private:
    static constexpr int kDeepest = 64;  // nested parentheses and signs

    [[noreturn]] void fail(std::string_view message) const {
        card_.fail_at(start_ + std::min(at_, text_.size()), message);
    }

    bool take(std::string_view symbol) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(symbol)) return false;
        at_ += symbol.size();
        skip_blanks();
        return true;
    }
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }

    double sum() {
        double result = product();
        for (;;) {
            if (take("+")) {
                result += product();
            } else if (take("-")) {
                result -= product();
            } else {
                return result;
            }
        }
    }

    double product() {
        double result = signed_power();
        for (;;) {
            if (take("*")) {
                result *= signed_power();
            } else if (take("/")) {
                result /= signed_power();
            } else {
                return result;
            }
        }
    }

    // As ngspice has it: -2^2 is -4, and 2^3^2 is 64, from the left.
    double signed_power() {
        if (++depth_ > kDeepest) fail("found an expression nested too deep");
        double result = 0;
        if (take("-")) {
            result = -signed_power();
        } else if (take("+")) {
            result = signed_power();
        } else {
            result = primary();
            while (take("**") || take("^")) {
                const double sign = take("-") ? -1.0 : 1.0;
                result = std::pow(result, sign * primary());
            }
        }
        --depth_;
        return result;
    }

    double primary() {
        skip_blanks();
        double result = 0;
        if (take("(")) {
            result = sum();
            close();
        } else {
            result = operand();
        }
        skip_blanks();
        return result;
    }

    void close() {
        if (!take(")")) fail("found an expression without ')'");
    }

    double operand() {
        const std::size_t from = at_;
        if (at_ == text_.size()) fail("found the expression's end, expected a number or a name");
        if (is_digit(text_[at_]) || text_[at_] == '.') return number();
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        const std::string name(text_.substr(from, at_ - from));
        if (take("(")) return call(name, from);
        at_ = name.empty() ? at_ : from;
        if (name.empty()) {
            fail(fmt::format("found '{}', expected a number or a name", text_[at_]));
        }
        if (scope_.is_parameter(name)) {
            fail(
                fmt::format("an expression of the subcircuit's parameter '{}' cannot be kept, "
                            "expected {{{}}} alone",
                            name, name));
        }
        const auto known = scope_.numbers.find(name);
        if (known == scope_.numbers.end()) {
            fail(fmt::format("'{}' is no parameter, expected one that is defined before", name));
        }
        at_ = from + name.size();
        return known->second;
    }

    double number() {
        const std::size_t from = at_;
        while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
        if (at_ < text_.size() && text_[at_] == 'e') {
            std::size_t exponent = at_ + 1;
            if (exponent < text_.size() && (text_[exponent] == '-' || text_[exponent] == '+')) {
                ++exponent;
            }
            if (exponent < text_.size() && is_digit(text_[exponent])) at_ = exponent;
        }
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        const std::string_view word = text_.substr(from, at_ - from);
        const std::optional<double> result = spice_number(word);
        if (!result) {
            at_ = from;
            fail(fmt::format("found '{}', expected a number", word));
        }
        return *result;
    }

    double call(const std::string& name, std::size_t from) {
        std::vector<double> arguments{sum()};
        while (take(",")) arguments.push_back(sum());
        close();
        if (arguments.size() == 1) {
            if (name == "sqrt") return std::sqrt(arguments[0]);
            if (name == "exp") return std::exp(arguments[0]);
            if (name == "ln") return std::log(arguments[0]);
            if (name == "abs") return std::abs(arguments[0]);
        } else if (arguments.size() == 2) {
            if (name == "min") return std::min(arguments[0], arguments[1]);
            if (name == "max") return std::max(arguments[0], arguments[1]);
        }
        at_ = from;
        fail(
            fmt::format("'{}' with {} arguments is not supported here, expected sqrt exp ln abs "
                        "of one or min max of two",
                        name, arguments.size()));
    }

    const Card& card_;
    const Scope& scope_;
    std::string_view text_;
    std::size_t start_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool Scope::is_parameter(std::string_view name) const {
    if (circuit == nullptr) return false;
    const auto parameters = circuit->parameters();
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](const ParameterValue& one) { return one.name == name; });
}

double number_of(const Card& card, const Token& token, const Scope& scope) {
    if (token.kind == Token::Kind::quoted) return Arithmetic(card, token, scope).value();
    if (token.kind != Token::Kind::word) card.fail_expected(token, "a number");
    if (const std::optional<double> number = spice_number(token.text)) return *number;
    const auto known = scope.numbers.find(token.text);
    if (known == scope.numbers.end()) card.fail_expected(token, "a number");
    return known->second;
}

Value value_of(const Card& card, const Token& token, const Scope& scope) {
    const std::string_view name = trimmed(token.text);
    if (scope.is_parameter(name) && token.kind != Token::Kind::symbol) {
        return Value::parameter(std::string(name));
    }
    return number_of(card, token, scope);
}

double take_number(Card& card, const Scope& scope, std::string_view what) {
    if (card.done() || card.peek().kind == Token::Kind::symbol) {
        card.fail_expected(card.peek(), what);
    }
    const Token token = card.take();
    return number_of(card, token, scope);
}

Value take_value(Card& card, const Scope& scope, std::string_view what) {
    if (card.done() || card.peek().kind == Token::Kind::symbol) {
        card.fail_expected(card.peek(), what);
    }
    const Token token = card.take();
    return value_of(card, token, scope);
}

void take_parameters(Card& card, Scope& scope) {
    if (card.done()) card.fail_expected(card.peek(), "a parameter");
    while (!card.done()) {
        const Token name = card.take_word("a parameter");
        card.expect_symbol('=', fmt::format("'=' behind '{}'", name.text));
        scope.numbers[name.text] = take_number(card, scope, "a number");
    }
}

}  // namespace mho::netlist
