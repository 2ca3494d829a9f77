// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_difference.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>

#include "behavioral/cards.h"

using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using mho::test::some_card;

TEST_CASE("a card has no difference from itself, and the last bit of a number is one") {
    const ModelCard card = some_card(4, 3);
    ModelCard other = card;
    CHECK(card_differences(card, other).empty());
    other.readout.noise_volt_rms = std::nextafter(card.readout.noise_volt_rms, 1.0);
    const auto differences = card_differences(card, other);
    REQUIRE(differences.size() == 1);
    CHECK(differences[0].path == "readout.noise_volt_rms");
    CHECK(differences[0].first != differences[0].second);
    CHECK(differences[0].relative < std::numeric_limits<double>::epsilon());
    CHECK(card_differences(card, other, 1e-12).empty());
    other = card;
    other.provenance.seed -= 1;  // equal as double
    REQUIRE(card_differences(card, other).size() == 1);
    CHECK(card_differences(card, other)[0].path == "provenance.seed");
}

TEST_CASE("a list of numbers is told by the entry that differs most") {
    const ModelCard card = some_card(4, 3);
    ModelCard other = card;
    other.adc.transition_volt[10] *= 1.01;
    other.adc.transition_volt[20] *= 1.02;
    const auto differences = card_differences(card, other);
    REQUIRE(differences.size() == 1);
    CHECK(differences[0].path == "adc.transition_volt[20]");
    CHECK_THAT(differences[0].relative, WithinRel(1 - 1 / 1.02, 1e-12));
    other.adc.transition_volt.pop_back();
    const auto shorter = card_differences(card, other);
    REQUIRE(shorter.size() == 1);
    CHECK(shorter[0].first == "255 values");
    CHECK(shorter[0].second == "254 values");
    CHECK(std::isinf(shorter[0].relative));
}

TEST_CASE("objects in lists are matched by their quantity, in any order") {
    const ModelCard card = some_card(4, 3);
    ModelCard other = card;
    std::swap(other.errors[0], other.errors[1]);
    CHECK(card_differences(card, other).empty());
    other.errors[0].worst *= 2;
    other.errors[1].quantity = "settling";
    const auto differences = card_differences(card, other);
    REQUIRE(differences.size() == 1 + 7 + 7 + 2);  // both have keys of their own, eight each
    CHECK(differences[0].path == "errors.readout.quantity");
    CHECK(differences[0].second == "-");
    CHECK(differences.back().path == "errors.settling.held_out");
    CHECK(differences.back().first == "-");
}

TEST_CASE("a text of many lines is told by the first line that differs") {
    ModelCard card = some_card(4, 3);
    ModelCard other = card;
    card.provenance.spec_toml = "a = 1\nb = 20\nc = 3\n";
    other.provenance.spec_toml = "a = 1\nb = 21\nc = 4\n";
    const auto differences = card_differences(card, other, 0.5);
    REQUIRE(differences.size() == 1);
    CHECK(differences[0].path == "provenance.spec_toml");
    CHECK(differences[0].first == "b = 20");
    CHECK(differences[0].second == "b = 21");
}
