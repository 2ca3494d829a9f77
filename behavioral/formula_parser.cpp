// SPDX-License-Identifier: Apache-2.0
#include "behavioral/formula_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"

namespace mho::behavioral {
namespace {

using Kind = FormulaStep::Kind;

constexpr std::size_t kMostSteps = 4096;
constexpr int kDeepest = 64;

struct Function {
    std::string_view name;
    Kind kind;
    std::size_t least;  // arguments
    std::size_t most;
};

constexpr std::size_t kMany = kMostSteps;
constexpr std::array<Function, 10> kFunctions{{{"exp", Kind::exp, 1, 1},
                                               {"ln", Kind::ln, 1, 1},
                                               {"log10", Kind::log10, 1, 1},
                                               {"sqrt", Kind::sqrt, 1, 1},
                                               {"abs", Kind::abs, 1, 1},
                                               {"min", Kind::min, 2, kMany},
                                               {"max", Kind::max, 2, kMany},
                                               {"clip", Kind::clip, 3, 3},
                                               {"poly", Kind::poly, 2, kMany},
                                               {"lin", Kind::lin, 5, kMany}}};

constexpr std::array<std::pair<std::string_view, Kind>, 5> kVariables{
    {{"G", Kind::state},
     {"P", Kind::programmed},
     {"g", Kind::share},
     {"p", Kind::programmed_share},
     {"t", Kind::time}}};

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Recursive descent: sum, product, sign, power, atom.
class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::vector<FormulaStep> parse() {
        sum(0);
        skip();
        if (at_ < text_.size()) fail("an operator or the end");
        return std::move(steps_);
    }

  private:
    [[noreturn]] void fail(std::string_view expected) const {
        constexpr std::size_t kShown = 24;
        const std::string_view rest = text_.substr(at_, kShown);
        throw bad_input("formula '{}': expected {}, found {}", shortened(), expected,
                        rest.empty() ? "the end" : "'" + std::string(rest) + "'");
    }

    std::string shortened() const {
        constexpr std::size_t kShown = 60;
        return text_.size() <= kShown ? std::string(text_)
                                      : std::string(text_.substr(0, kShown)) + "...";
    }

    void skip() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    bool take(char c) {
        skip();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void push(Kind kind, double number = 0, std::vector<double> numbers = {}) {
        if (steps_.size() == kMostSteps) {
            throw bad_input("formula '{}': more than {} steps", shortened(), kMostSteps);
        }
        steps_.push_back({kind, number, std::move(numbers)});
    }

    void sum(int depth) {
        if (depth > kDeepest) {
            throw bad_input("formula '{}': nested deeper than {}", shortened(), kDeepest);
        }
        product(depth);
        while (true) {
            const bool add = take('+');
            if (!add && !take('-')) return;
            product(depth);
            push(add ? Kind::add : Kind::subtract);
        }
    }

    void product(int depth) {
        sign(depth);
        while (true) {
            const bool times = take('*');
            if (!times && !take('/')) return;
            sign(depth);
            push(times ? Kind::multiply : Kind::divide);
        }
    }

    // Signs before a value; true when they make it negative.
    bool minus_signs() {
        bool minus = false;
        while (true) {
            if (take('-')) {
                minus = !minus;
            } else if (!take('+')) {
                return minus;
            }
        }
    }

    void sign(int depth) {
        const bool minus = minus_signs();
        power(depth);
        if (minus) push(Kind::negate);
    }

    void power(int depth) {
        atom(depth);
        if (!take('^')) return;
        if (depth + 1 > kDeepest) {
            throw bad_input("formula '{}': nested deeper than {}", shortened(), kDeepest);
        }
        sign(depth + 1);
        push(Kind::power);
    }

    void atom(int depth) {
        skip();
        if (take('(')) {
            sum(depth + 1);
            if (!take(')')) fail("')'");
            return;
        }
        if (at_ < text_.size() && is_letter(text_[at_])) {
            name(depth);
            return;
        }
        const std::optional<double> value = number();
        if (!value) fail("a number, a variable (G P g p t) or a function");
        push(Kind::number, *value);
    }

    std::optional<double> number() {
        skip();
        if (at_ >= text_.size() || (!is_digit(text_[at_]) && text_[at_] != '.')) return {};
        double value = 0;
        const char* begin = text_.data() + at_;
        const auto [end, failure] = std::from_chars(begin, text_.data() + text_.size(), value);
        if (failure != std::errc() || !std::isfinite(value)) return {};
        at_ += static_cast<std::size_t>(end - begin);
        return value;
    }

    void name(int depth) {
        const std::size_t start = at_;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
        const std::string_view word = text_.substr(start, at_ - start);
        for (const auto& [variable, kind] : kVariables) {
            if (word != variable) continue;
            push(kind);
            return;
        }
        const auto function = std::find_if(kFunctions.begin(), kFunctions.end(),
                                           [&](const Function& f) { return f.name == word; });
        if (function == kFunctions.end()) {
            at_ = start;
            fail(
                "a variable (G P g p t) or a function (exp ln log10 sqrt abs min max clip poly "
                "lin)");
        }
        call(*function, depth);
    }

    void call(const Function& function, int depth) {
        if (!take('(')) fail("'(' after " + std::string(function.name));
        sum(depth + 1);
        if (function.kind == Kind::poly || function.kind == Kind::lin) {
            push(function.kind, 0, number_arguments(function));
            return;
        }
        std::size_t arguments = 1;
        while (take(',')) {
            sum(depth + 1);
            ++arguments;
            // min and max take them two by two.
            if (function.most == kMany) push(function.kind);
        }
        if (!take(')')) fail("',' or ')'");
        require_arguments(function, arguments);
        if (function.most != kMany) push(function.kind);
    }

    std::vector<double> number_arguments(const Function& function) {
        std::vector<double> numbers;
        while (take(',')) {
            const bool minus = minus_signs();
            const std::optional<double> value = number();
            if (!value) fail("a number");
            numbers.push_back(minus ? -*value : *value);
        }
        if (!take(')')) fail("',' or ')'");
        require_arguments(function, 1 + numbers.size());
        if (function.kind == Kind::lin) require_rising(numbers);
        return numbers;
    }

    void require_rising(const std::vector<double>& numbers) const {
        if (numbers.size() % 2 != 0) {
            throw bad_input("formula '{}': lin needs pairs of numbers, found {} numbers",
                            shortened(), numbers.size());
        }
        for (std::size_t k = 2; k < numbers.size(); k += 2) {
            if (numbers[k] > numbers[k - 2]) continue;
            throw bad_input("formula '{}': lin needs points of rising x, found {} after {}",
                            shortened(), numbers[k], numbers[k - 2]);
        }
    }

    void require_arguments(const Function& function, std::size_t count) const {
        if (count >= function.least && count <= function.most) return;
        throw bad_input("formula '{}': {} takes {}{} arguments, found {}", shortened(),
                        function.name, function.least, function.most == kMany ? " or more" : "",
                        count);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<FormulaStep> steps_;
};

}  // namespace

std::vector<FormulaStep> parse_formula(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace mho::behavioral
