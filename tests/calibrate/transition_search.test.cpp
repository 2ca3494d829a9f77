// SPDX-License-Identifier: Apache-2.0
#include "calibrate/transition_search.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::ContainsSubstring;

namespace {

// Transitions at .1 V times the code's power 1.1.
std::vector<std::uint32_t> convert(std::span<const double> volts) {
    std::vector<std::uint32_t> codes;
    for (const double volt : volts) {
        std::uint32_t code = 0;
        while (volt >= 0.1 * std::pow(code + 1, 1.1)) ++code;
        codes.push_back(code);
    }
    return codes;
}

}  // namespace

TEST_CASE("transitions are bracketed to the resolution, however far off the guesses are") {
    std::size_t conversions = 0;
    const std::vector<TransitionGuess> guesses{{1, 0.1}, {3, 0.3}, {7, 1.1}, {9, 0.9}};
    const auto found = find_transitions(guesses, {0.02, 1e-3}, [&](std::span<const double> volts) {
        conversions += volts.size();
        return convert(volts);
    });
    REQUIRE(found.size() == 4);
    for (std::size_t k = 0; k < found.size(); ++k) {
        const double truth = 0.1 * std::pow(guesses[k].code, 1.1);
        CHECK(found[k].code == guesses[k].code);
        CHECK(found[k].low_volt < truth);
        CHECK(found[k].high_volt >= truth);
        CHECK(found[k].high_volt - found[k].low_volt <= 1e-3);
    }
    CHECK(conversions < 4 * 13);
}

TEST_CASE("a transition that is not there is named") {
    const std::vector<TransitionGuess> guesses{{40, 0.1}};
    CHECK_THROWS_WITH(find_transitions(guesses, {0.001, 1e-4}, convert),
                      ContainsSubstring("transition to code 40"));
    CHECK_THROWS_AS(find_transitions(guesses, {0, 1e-4}, convert), Error);
}
