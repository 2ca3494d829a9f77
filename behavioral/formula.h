// SPDX-License-Identifier: Apache-2.0
// A formula of a device's state, as published fits are given, read from text once and evaluated
// over whole arrays. Numbers and units are the publication's; nothing here knows them.
//
//   variables  G  state (published unit)           g  G over the device's highest state
//              P  state as programmed              p  P over the device's highest state
//              t  seconds since programming
//   operators  + - * / ^ and parentheses; ^ binds tightest, to the right, and a sign before it
//   least functions  exp ln log10 sqrt abs, min and max of two or more, clip(x, low, high),
//              poly(x, c0, c1, ...) = c0 + c1 x + c2 x^2 ..., and
//              lin(x, x0, y0, x1, y1, ...), straight between points of rising x and on beyond them
// The same text gives the same bits on every machine with the same C library: no operation is
// reordered or fused.
#pragma once

#include <Eigen/Core>
#include <string>
#include <string_view>
#include <vector>

namespace mho::behavioral {

// What the variables of a formula stand for. `state` and `programmed` are of one length.
struct FormulaInputs {
    Eigen::Ref<const Eigen::ArrayXd> state;
    Eigen::Ref<const Eigen::ArrayXd> programmed;
    double highest_state = 1;
    double time_second = 0;
};

// One step of a formula in postfix order; private to formula.cpp but for its storage.
struct FormulaStep {
    enum class Kind {
        number,
        state,
        programmed,
        share,
        programmed_share,
        time,
        add,
        subtract,
        multiply,
        divide,
        power,
        negate,
        exp,
        ln,
        log10,
        sqrt,
        abs,
        min,
        max,
        clip,
        poly,
        lin,
    };
    Kind kind = Kind::number;
    double number = 0;
    std::vector<double> numbers;  // of poly and lin
};

class Formula {
  public:
    Formula() : Formula(0.0) {}
    explicit Formula(double constant);

    // Throws bad_input, one line with the text and what is wrong where. The text may have line
    // breaks.
    explicit Formula(std::string_view text);

    // One value for each element of the inputs. May be infinite or not a number where the formula
    // is (1/G at 0).
    Eigen::ArrayXd operator()(const FormulaInputs& inputs) const;

    // At one state, programmed as it is.
    double at(double state, double highest_state, double time_second = 0) const;

    // As it was given, line breaks and spaces folded.
    const std::string& text() const { return text_; }
    bool is_constant(double value) const;

  private:
    std::string text_;
    std::vector<FormulaStep> steps_;
};

}  // namespace mho::behavioral
