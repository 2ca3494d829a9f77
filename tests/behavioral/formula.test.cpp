// SPDX-License-Identifier: Apache-2.0
#include "behavioral/formula.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>

#include "base/error.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinRel;
using mho::behavioral::Formula;

namespace {

double value(const std::string& text, double state = 3, double highest = 12, double time = 7) {
    return Formula(text).at(state, highest, time);
}

}  // namespace

TEST_CASE("operators bind as in mathematics") {
    CHECK(value("1 + 2*3") == 7);
    CHECK(value("(1 + 2)*3") == 9);
    CHECK(value("10 - 4 - 3") == 3);
    CHECK(value("12/3/2") == 2);
    CHECK(value("2^3^2") == 512);
    CHECK(value("-2^2") == -4);
    CHECK(value("2^-1") == 0.5);
    CHECK(value("1 - -2") == 3);
    CHECK(value("-(1 - 2)*+3") == 3);
    CHECK(value(".5e1 + 1E-1") == 5.1);
}

TEST_CASE("variables stand for state, share of the highest state and time") {
    CHECK(value("G") == 3);
    CHECK(value("g") == 0.25);
    CHECK(value("t") == 7);
    const Eigen::ArrayXd now = Eigen::ArrayXd::Constant(1, 3.0);
    const Eigen::ArrayXd programmed = Eigen::ArrayXd::Constant(1, 6.0);
    CHECK(Formula("G + 10*P + 100*g + 1000*p")({now, programmed, 12, 0})(0) == 588);
}

TEST_CASE("functions give what the C library gives") {
    CHECK(value("exp(-G/2)") == std::exp(-1.5));
    CHECK(value("ln(G)") == std::log(3.0));
    CHECK(value("log10(G)") == std::log10(3.0));
    CHECK(value("sqrt(G)") == std::sqrt(3.0));
    CHECK(value("abs(-G)") == 3);
    CHECK(value("min(G, 2, 5)") == 2);
    CHECK(value("max(G, 2, 5, 4)") == 5);
    CHECK(value("clip(G, 4, 5)") == 4);
    CHECK(value("clip(G, 1, 2)") == 2);
    CHECK(value("poly(G, 1, -2, 0.5)") == 1 - 6 + 4.5);
}

TEST_CASE("lin is straight between its points and on beyond them") {
    const std::string points = ", 1, 10, 2, 20, 4, 0)";
    for (const auto& [x, y] : {std::pair{1.0, 10.0},
                               {1.5, 15.0},
                               {2.0, 20.0},
                               {3.0, 10.0},
                               {4.0, 0.0},
                               {5.0, -10.0},
                               {0.0, 0.0}}) {
        CHECK_THAT(value("1 + lin(G" + points, x), WithinRel(1 + y, 1e-14));
    }
}

TEST_CASE("an array of any length gets the values of its elements one by one") {
    const Formula formula("19.88665*(1 - exp(-G/176.3115)) + min(g, 0.5)");
    const Eigen::Index size = GENERATE(0, 1, 1023, 1024, 1025, 5000);
    const Eigen::ArrayXd states = Eigen::ArrayXd::LinSpaced(size, 0, 1600);
    const Eigen::ArrayXd values = formula({states, states, 1600, 0});
    REQUIRE(values.size() == size);
    for (Eigen::Index i = 0; i < size; i += 97) CHECK(values(i) == formula.at(states(i), 1600));
}

TEST_CASE("a formula keeps its text on one line") {
    CHECK(Formula("1 +\n   G\t* 2 ").text() == "1 + G * 2");
    CHECK(Formula(0.25).text() == "0.25");
    CHECK(Formula("0").is_constant(0));
    CHECK_FALSE(Formula("0*G").is_constant(0));
}

TEST_CASE("a malformed formula is refused with its text and what was expected") {
    const auto check = [](const std::string& text, const std::string& part) {
        INFO(text);
        CHECK_THROWS_MATCHES(
            Formula(text), mho::Error,
            MessageMatches(ContainsSubstring(part) && ContainsSubstring("formula '")));
    };
    check("", "found the end");
    check("1 +", "found the end");
    check("(1 + G", "expected ')'");
    check("1 G", "expected an operator or the end, found 'G'");
    check("1 + x", "expected a variable (G P g p t) or a function");
    check("exp G", "'(' after exp");
    check("exp(1, 2)", "exp takes 1 arguments, found 2");
    check("min(1)", "min takes 2 or more arguments, found 1");
    check("clip(G, 1)", "clip takes 3 arguments, found 2");
    check("poly(G)", "poly takes 2 or more arguments, found 1");
    check("poly(G, G)", "expected a number, found 'G)'");
    check("lin(G, 1, 2, 3)", "lin takes 5 or more");
    check("lin(G, 1, 2, 3, 4, 5)", "pairs");
    check("lin(G, 1, 2, 1, 4)", "rising x, found 1 after 1");
    check("1e999", "expected a number");
    check("2 $ 3", "found '$ 3'");
    check(std::string(100, '('), "nested deeper than 64");
    std::string towers = "2";
    for (int k = 0; k < 100; ++k) towers += "^2";
    check(towers, "nested deeper than 64");
    std::string sum = "1";
    for (int k = 0; k < 5000; ++k) sum += "+1";
    check(sum, "more than 4096 steps");
}

TEST_CASE("states and programmed states of different lengths are refused") {
    const Eigen::ArrayXd two = Eigen::ArrayXd::Zero(2);
    const Eigen::ArrayXd three = Eigen::ArrayXd::Zero(3);
    CHECK_THROWS_AS(Formula("G")({two, three, 1, 0}), mho::Error);
}
