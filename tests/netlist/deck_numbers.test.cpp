// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "netlist/deck_read.h"
#include "netlist/value.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

// The value of an expression where a=3, b=-2.
double value(const std::string& expression) {
    return read_deck(fmt::format("t\n.param a=3 b=-2\n.temp {{{}}}\n.end\n", expression), "deck")
        .temperature_celsius;
}

std::string number_refusal(const std::string& expression) {
    try {
        return fmt::format("{}", value(expression));
    } catch (const mho::Error& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("numbers with a scale factor are rounded once") {
    // The same literals in C++ are the nearest doubles.
    const std::vector<std::pair<std::string, double>> known{
        {"2.3f", 2.3e-15}, {"0.7p", 0.7e-12}, {"1.1n", 1.1e-9},     {"33u", 33e-6},
        {"47m", 47e-3},    {"1.7k", 1.7e3},   {"4.7MEG", 4.7e6},    {"2.2g", 2.2e9},
        {"9.9T", 9.9e12},  {"3a", 3e-18},     {"-5.6pF", -5.6e-12}, {"+1kohm", 1e3},
        {"1e-9", 1e-9},    {"1E3k", 1e6},     {".5", 0.5},          {"5.", 5},
        {"10Volt", 10},    {"1e-06", 1e-6},
    };
    for (const auto& [text, expected] : known) {
        CAPTURE(text);
        REQUIRE(spice_number(text).has_value());
        CHECK(*spice_number(text) == expected);
    }
    CHECK_THAT(spice_number("2mil").value(), WithinRel(50.8e-6, 1e-15));
    for (const char* text : {"", "k", "abc", "1k5", "1.2.3", "inf", "nan", "1e999", "--1", "1 k",
                             "1e308k", "+", "-", "1_"}) {
        CAPTURE(text);
        CHECK_FALSE(spice_number(text).has_value());
    }
}

TEST_CASE("arithmetic is that of ngspice") {
    // Each measured in ngspice 46.
    CHECK(value("2**3**2") == 64);
    CHECK(value("-2^2") == -4);
    CHECK(value("2-3-4") == -5);
    CHECK(value("8/2/2") == 2);
    CHECK(value("2*3^2") == 18);

    CHECK(value("1 + 2 * 3") == 7);
    CHECK(value("(1+2)*3") == 9);
    CHECK(value("a*b") == -6);
    CHECK(value("2^-1") == 0.5);
    CHECK(value("- - 2") == 2);
    CHECK(value("+a--b") == 1);
    CHECK(value("1.5k+0.5meg/1e3") == 2000);
    CHECK(value("sqrt(16)*abs(b)+min(a,b)-max(a, 7)") == -1);
    CHECK(value("exp(ln(2))") == std::exp(std::log(2.0)));
}

TEST_CASE("arithmetic that makes no sense is refused at its place") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "deck:3:8: found the expression's end"},
        {"1+", "deck:3:10: found the expression's end"},
        {"1 2", "found '2', expected an operator"},
        {"c", "deck:3:8: 'c' is no parameter"},
        {"1+c", "deck:3:10: 'c' is no parameter"},
        {"(1", "without ')'"},
        {"1)", "found ')', expected an operator"},
        {"1k5", "deck:3:8: found '1k5', expected a number"},
        {"cos(1)", "deck:3:8: 'cos' with 1 arguments is not supported"},
        {"min(1)", "'min' with 1 arguments"},
        {"1/0", "expected a finite number"},
        {"sqrt(-1)", "expected a finite number"},
        {"a=1", "found '=', expected an operator"},
        {"#", "found '#', expected a number or a name"},
        {std::string(100, '('), "nested too deep"},
        {std::string(100000, '-') + "1", "nested too deep"},
    };
    for (const auto& [expression, expected] : cases) {
        CAPTURE(expression.substr(0, 100));
        CHECK_THAT(number_refusal(expression), ContainsSubstring(expected));
    }
}
