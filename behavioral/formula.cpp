// SPDX-License-Identifier: Apache-2.0
#include "behavioral/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/formula_parser.h"

namespace mho::behavioral {
namespace {

using Kind = FormulaStep::Kind;

constexpr Eigen::Index kStatesTogether =
    1024;  // states evaluated at once, so that a stack stays in cache

std::string folded(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\n\r";
    std::string line;
    for (const char c : text) {
        if (kSpaces.find(c) == std::string_view::npos) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    if (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

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
    steps_ = parse_formula(text_);
}

Eigen::ArrayXd Formula::operator()(const FormulaInputs& inputs) const {
    const Eigen::Index size = inputs.state.size();
    if (inputs.programmed.size() != size) {
        throw bad_input("formula '{}': {} states for {} programmed ones", text_, size,
                        inputs.programmed.size());
    }
    Eigen::ArrayXd result(size);
    Stack stack;
    for (Eigen::Index at = 0; at < size; at += kStatesTogether) {
        const Eigen::Index count = std::min(kStatesTogether, size - at);
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
