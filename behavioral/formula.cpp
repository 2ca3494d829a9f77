// SPDX-License-Identifier: Apache-2.0
#include "behavioral/formula.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"

namespace mho::behavioral {
namespace {

using Kind = FormulaStep::Kind;

constexpr std::size_t kMostSteps = 4096;
constexpr int kDeepest = 64;
constexpr Eigen::Index kBlock = 1024;  // states evaluated at once, so that a stack stays in cache

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

std::string folded(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (!is_space(c)) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    if (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
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
            if (take('+')) {
                product(depth);
                push(Kind::add);
            } else if (take('-')) {
                product(depth);
                push(Kind::subtract);
            } else {
                return;
            }
        }
    }

    void product(int depth) {
        sign(depth);
        while (true) {
            if (take('*')) {
                sign(depth);
                push(Kind::multiply);
            } else if (take('/')) {
                sign(depth);
                push(Kind::divide);
            } else {
                return;
            }
        }
    }

    void sign(int depth) {
        bool minus = false;
        while (true) {
            if (take('-')) {
                minus = !minus;
            } else if (!take('+')) {
                break;
            }
        }
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
            double sign = 1;
            while (true) {
                if (take('-')) {
                    sign = -sign;
                } else if (!take('+')) {
                    break;
                }
            }
            const std::optional<double> value = number();
            if (!value) fail("a number");
            numbers.push_back(sign * *value);
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

double straight(const std::vector<double>& points, double x) {
    const std::size_t count = points.size() / 2;
    std::size_t k = 1;  // the end of the piece
    while (k + 1 < count && x > points[2 * k]) ++k;
    const double x0 = points[2 * k - 2];
    const double y0 = points[2 * k - 1];
    const double slope = (points[2 * k + 1] - y0) / (points[2 * k] - x0);
    return y0 + slope * (x - x0);
}

double horner(const std::vector<double>& coefficients, double x) {
    double sum = 0;
    for (std::size_t k = coefficients.size(); k-- > 0;) sum = sum * x + coefficients[k];
    return sum;
}

double unary(const FormulaStep& step, double x) {
    switch (step.kind) {
        case Kind::negate:
            return -x;
        case Kind::exp:
            return std::exp(x);
        case Kind::ln:
            return std::log(x);
        case Kind::log10:
            return std::log10(x);
        case Kind::sqrt:
            return std::sqrt(x);
        case Kind::abs:
            return std::abs(x);
        case Kind::poly:
            return horner(step.numbers, x);
        default:
            return straight(step.numbers, x);
    }
}

double binary(Kind kind, double x, double y) {
    switch (kind) {
        case Kind::add:
            return x + y;
        case Kind::subtract:
            return x - y;
        case Kind::multiply:
            return x * y;
        case Kind::divide:
            return x / y;
        case Kind::power:
            return std::pow(x, y);
        case Kind::min:
            return std::min(x, y);
        default:
            return std::max(x, y);
    }
}

// The values of one block while a formula runs: arrays that are used again.
struct Stack {
    std::vector<Eigen::ArrayXd> values;
    std::size_t size = 0;

    Eigen::ArrayXd& push() {
        if (size == values.size()) values.emplace_back();
        return values[size++];
    }
    Eigen::ArrayXd& top(std::size_t below = 0) { return values[size - 1 - below]; }
};

bool push_value(const FormulaStep& step, const FormulaInputs& inputs, Eigen::Index at,
                Eigen::Index count, Stack& stack) {
    switch (step.kind) {
        case Kind::number:
            stack.push().setConstant(count, step.number);
            return true;
        case Kind::time:
            stack.push().setConstant(count, inputs.time_second);
            return true;
        case Kind::state:
            stack.push() = inputs.state.segment(at, count);
            return true;
        case Kind::programmed:
            stack.push() = inputs.programmed.segment(at, count);
            return true;
        case Kind::share:
            stack.push() = inputs.state.segment(at, count) / inputs.highest_state;
            return true;
        case Kind::programmed_share:
            stack.push() = inputs.programmed.segment(at, count) / inputs.highest_state;
            return true;
        default:
            return false;
    }
}

void run_step(const FormulaStep& step, Stack& stack) {
    switch (step.kind) {
        case Kind::add:
        case Kind::subtract:
        case Kind::multiply:
        case Kind::divide:
        case Kind::power:
        case Kind::min:
        case Kind::max: {
            const Eigen::ArrayXd& right = stack.top();
            Eigen::ArrayXd& left = stack.top(1);
            for (Eigen::Index i = 0; i < left.size(); ++i) {
                left(i) = binary(step.kind, left(i), right(i));
            }
            --stack.size;
            return;
        }
        case Kind::clip:
            stack.top(2) = stack.top(2).max(stack.top(1)).min(stack.top());
            stack.size -= 2;
            return;
        default:
            for (double& value : stack.top()) value = unary(step, value);
    }
}

}  // namespace

Formula::Formula(double constant) : text_(fmt::format("{}", constant)) {
    steps_.push_back({Kind::number, constant, {}});
}

Formula::Formula(std::string_view text) : text_(folded(text)) {
    steps_ = Parser(text_).parse();
}

Eigen::ArrayXd Formula::operator()(const FormulaInputs& inputs) const {
    const Eigen::Index size = inputs.state.size();
    if (inputs.programmed.size() != size) {
        throw bad_input("formula '{}': {} states for {} programmed ones", text_, size,
                        inputs.programmed.size());
    }
    Eigen::ArrayXd result(size);
    Stack stack;
    for (Eigen::Index at = 0; at < size; at += kBlock) {
        const Eigen::Index count = std::min(kBlock, size - at);
        stack.size = 0;
        for (const FormulaStep& step : steps_) {
            if (!push_value(step, inputs, at, count, stack)) run_step(step, stack);
        }
        result.segment(at, count) = stack.top();
    }
    return result;
}

double Formula::at(double state, double highest_state, double time_second) const {
    const Eigen::ArrayXd one = Eigen::ArrayXd::Constant(1, state);
    return (*this)({one, one, highest_state, time_second})(0);
}

bool Formula::is_constant(double value) const {
    return steps_.size() == 1 && steps_[0].kind == Kind::number && steps_[0].number == value;
}

}  // namespace mho::behavioral
