// SPDX-License-Identifier: Apache-2.0
#include "behavioral/conditions.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>

#include "base/error.h"
#include "behavioral/card_json.h"
#include "behavioral/card_numbers.h"
#include "behavioral/settling.h"
#include "support/ideal_card.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;

namespace {

// Driver resistance quadratic in temperature and supply; the converter later and steeper.
double ohm_at(double celsius, double supply) {
    return 200 + 0.3 * celsius + 2e-3 * celsius * celsius - 50 * (supply - 1) +
           0.1 * celsius * (supply - 1);
}

ModelCard varied_card() {
    ModelCard card = mho::test::lossy_card(8, 4);
    card.validity = {{"temperature", "C", 27, 27}};
    card.conditions.corners = {"tt", "ss"};
    card.conditions.temperature_celsius = {-40, 27, 125};
    card.conditions.supply = {0.9, 1, 1.1};
    ConditionTable ohm{"array.driver_ohm", {}}, shift0{"adc.shift_0", {}},
        shift1{"adc.shift_1", {}};
    for (const double factor : {1.0, 2.0}) {
        for (const double celsius : card.conditions.temperature_celsius) {
            for (const double supply : card.conditions.supply) {
                ohm.values.push_back(factor * ohm_at(celsius, supply));
                shift0.values.push_back(0.5 * factor);
                shift1.values.push_back(celsius / 100);
            }
        }
    }
    card.conditions.tables = {ohm, shift0, shift1};
    return card;
}

std::string complaint(const ModelCard& card, const Condition& condition) {
    try {
        (void)at_condition(card, condition);
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("parameters between those measured lie on the polynomial through them") {
    const ModelCard card = varied_card();
    for (const double celsius : {-40.0, 3.0, 27.0, 85.0, 125.0}) {
        for (const double supply : {0.9, 0.97, 1.0, 1.1}) {
            const ModelCard there = at_condition(card, {"ss", celsius, supply});
            CHECK_THAT(there.array.driver_ohm, WithinRel(2 * ohm_at(celsius, supply), 1e-12));
            CHECK(there.array.row_segment_ohm == card.array.row_segment_ohm);
            CHECK(there.provenance.temperature_celsius == celsius);
            CHECK(there.validity[0].high == celsius);
            CHECK(card_from_json(card_to_json(there), "card").array.driver_ohm ==
                  there.array.driver_ohm);
        }
    }
}

TEST_CASE("a later counter moves every transition down by as many codes") {
    const ModelCard card = varied_card();
    const ModelCard there = at_condition(card, {"tt", 125, 1});
    const double lsb = 0.5 / 256;
    for (std::size_t k = 0; k < card.adc.transition_volt.size(); ++k) {
        const double x = (there.adc.transition_volt[k] - 0.35) / 0.25;
        const double later = 0.5 + 1.25 * x;
        CHECK_THAT(card.adc.transition_volt[k] - there.adc.transition_volt[k],
                   WithinAbs(later * lsb, 1e-9));
    }
}

TEST_CASE("a condition outside of what was measured is refused in one line") {
    const ModelCard card = varied_card();
    CHECK_THAT(complaint(card, {"ff", 27, 1}),
               ContainsSubstring("covers corners tt ss, -40 to 125 C, supply 0.9 to 1.1"));
    CHECK(complaint(card, {"tt", 126, 1}) != "accepted");
    CHECK(complaint(card, {"tt", 27, 0.89}) != "accepted");
    CHECK_THAT(complaint(mho::test::lossy_card(8, 4), {"tt", 27, 1}),
               ContainsSubstring("its own condition only"));
    ModelCard wrong = card;
    wrong.conditions.tables[0].quantity = "array.colour";
    CHECK_THAT(complaint(wrong, {"tt", 27, 1}), ContainsSubstring("array.colour"));
}

namespace {

// A pole at 1 / tau; with `doublet`, and another one on a zero, which changes nothing but the
// coefficients.
ReadoutDynamics with_doublet(double ampere, double tau, double doublet) {
    return {ampere, {tau + doublet, tau * doublet}, {100, 100 * doublet}, {-1e4, -1e4 * doublet}};
}

struct OneMeasured {
    double tau, doublet;
};

// One corner, two temperatures: settling as at[0] and at[1] say.
ModelCard settling_card(const OneMeasured (&at)[2]) {
    ModelCard card = mho::test::lossy_card(8, 4);
    card.conditions.corners = {"tt"};
    card.conditions.temperature_celsius = {27, 127};
    card.conditions.supply = {1};
    const auto set = [](TimingModel& timing, const OneMeasured& m) {
        timing.sourcing = with_doublet(-1e-5, m.tau, m.doublet);
        timing.resting = with_doublet(0, m.tau, m.doublet);
        timing.sinking = with_doublet(1e-5, m.tau, m.doublet);
    };
    set(card.timing, at[0]);
    ModelCard hot = card;
    set(hot.timing, at[1]);
    const auto cold_numbers = card_numbers(card), hot_numbers = card_numbers(hot);
    for (std::size_t k = 0; k < cold_numbers.size(); ++k) {
        if (*cold_numbers[k].value == *hot_numbers[k].value) continue;
        card.conditions.tables.push_back(
            {cold_numbers[k].key, {*cold_numbers[k].value, *hot_numbers[k].value}});
    }
    return card;
}

double settles(const ModelCard& card, double celsius) {
    const ModelCard there = at_condition(card, {"tt", celsius, 1});
    CHECK_NOTHROW(card_to_json(there));
    return settling_second(there.timing, {1e-9, 1e-18}, 5e-6, 1e-3);
}

}  // namespace

TEST_CASE("what the fits of two conditions call the same response differently does not matter") {
    // Half of both denominators has its poles elsewhere: settling would take 1.2 times as long.
    const ModelCard card = settling_card({{1e-9, 1e-12}, {1e-9, 0.7e-9}});
    const double alone = 1e-9 * std::log(5e-2 / 1e-3);
    for (const double celsius : {27.0, 52.0, 77.0, 127.0}) {
        CHECK_THAT(settles(card, celsius), WithinRel(alone, 2e-3));
    }
}

TEST_CASE("settling between conditions is the geometric mean of that at them") {
    const ModelCard card = settling_card({{1e-9, 1e-12}, {4e-9, 1e-12}});
    const double cold = settles(card, 27), hot = settles(card, 127);
    CHECK_THAT(hot, WithinRel(4 * cold, 2e-3));
    CHECK_THAT(settles(card, 77), WithinRel(2 * cold, 2e-3));
    // At a condition that was measured nothing is mixed.
    CHECK(at_condition(card, {"tt", 127, 1}).timing.mixed.empty());
    ModelCard wrong = card;
    wrong.conditions.tables[0].quantity = "timing.resting.numerator[0]";
    CHECK_THAT(complaint(wrong, {"tt", 77, 1}), ContainsSubstring("timing.resting.numerator[0]"));
}
