// SPDX-License-Identifier: Apache-2.0
// Names and numbers of circuits: what ngspice takes literally, and nothing it would reinterpret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mho::netlist {

// A device value: a finite number, or the name of a parameter of the subcircuit it stands in.
// Converts from double, so that plain numbers read as such: c.resistor("r1", a, b, 10e3).
class Value {
  public:
    Value(double number) : number_(number) {}  // NOLINT(google-explicit-constructor)
    static Value parameter(std::string name);

    bool is_parameter() const { return !parameter_.empty(); }
    double number() const { return number_; }  // meaningful unless is_parameter()
    const std::string& parameter_name() const { return parameter_; }

    // As a netlist shows it: shortest decimal that reads back as the same bits, or "{name}".
    std::string text() const;

    bool operator==(const Value&) const = default;

  private:
    double number_ = 0;
    std::string parameter_;
};

// Shortest decimal text that reads back as the same double, for example 10000 or 2.5e-15.
std::string number_text(double number);

// "1k", "10p", "3meg", "1e-9", "5ns": a number with an optional scale factor (t g meg k m mil u n p
// f a, in either case); letters after it are a unit. Rounded once, as if the factor were an
// exponent. No value when the text is something else or not finite.
std::optional<double> spice_number(std::string_view text);

// True for [a-z][a-z0-9_]*: ngspice folds upper case and parses other characters as expressions.
bool is_spice_name(std::string_view name);

}  // namespace mho::netlist
