// SPDX-License-Identifier: Apache-2.0
#include "behavioral/conditions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "behavioral/card_numbers.h"
#include "behavioral/settling.h"

namespace mho::behavioral {
namespace {

// Weights with which the values at `nodes` make the polynomial's value at x.
std::vector<double> lagrange(const std::vector<double>& nodes, double x) {
    std::vector<double> weights(nodes.size(), 1);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (std::size_t j = 0; j < nodes.size(); ++j) {
            if (j != i) weights[i] *= (x - nodes[j]) / (nodes[i] - nodes[j]);
        }
    }
    return weights;
}

// What a condition takes of one that was measured.
struct GridWeight {
    std::size_t point;  // in the tables
    double weight;
};

std::vector<GridWeight> grid_weights(const ConditionModel& grid, const Condition& condition) {
    const auto corner = static_cast<std::size_t>(
        std::find(grid.corners.begin(), grid.corners.end(), condition.corner) -
        grid.corners.begin());
    const std::vector<double> by_temperature =
        lagrange(grid.temperature_celsius, condition.temperature_celsius);
    const std::vector<double> by_supply = lagrange(grid.supply, condition.supply);
    std::vector<GridWeight> weights;
    std::size_t point = corner * by_temperature.size() * by_supply.size();
    for (const double temperature : by_temperature) {
        for (const double supply : by_supply) {
            if (temperature * supply != 0) weights.push_back({point, temperature * supply});
            ++point;
        }
    }
    return weights;
}

// Coefficients of dynamics: fits at two conditions may have other poles for the same response, so
// that coefficients between them mean nothing, up to an unstable read-out.
bool is_dynamics(std::string_view quantity) {
    constexpr std::array<std::string_view, 4> kGroups{"timing.sourcing.", "timing.resting.",
                                                      "timing.sinking.", "timing.between["};
    return std::any_of(kGroups.begin(), kGroups.end(),
                       [&](std::string_view group) { return quantity.starts_with(group); });
}

Error no_number(const std::string& quantity) {
    return bad_input("card: conditions.tables has '{}', which is no number of the card", quantity);
}

// The dynamics measured at each condition; without mixing those with the largest weight.
void mix_dynamics(const ModelCard& card, const std::vector<GridWeight>& weights,
                  TimingModel& timing) {
    ModelCard measured = card;
    std::map<std::string, double*> numbers;
    for (const CardNumber& number : card_numbers(measured)) numbers[number.key] = number.value;
    std::vector<std::pair<double*, const ConditionTable*>> varied;
    for (const ConditionTable& table : card.conditions.tables) {
        if (!is_dynamics(table.quantity)) continue;
        const auto number = numbers.find(table.quantity);
        if (number == numbers.end()) throw no_number(table.quantity);
        varied.emplace_back(number->second, &table);
    }
    if (varied.empty()) return;
    double largest = 0;
    for (const GridWeight& one : weights) {
        for (const auto& [number, table] : varied) *number = table->values[one.point];
        if (weights.size() > 1) timing.mixed.push_back({one.weight, by_ampere(measured.timing)});
        if (one.weight <= largest) continue;
        largest = one.weight;
        timing.sourcing = measured.timing.sourcing;
        timing.resting = measured.timing.resting;
        timing.sinking = measured.timing.sinking;
        timing.between = measured.timing.between;
    }
}

std::string covered(const ConditionModel& conditions) {
    if (conditions.corners.empty()) return "its own condition only";
    return fmt::format("corners {}, {:g} to {:g} C, supply {:g} to {:g}",
                       fmt::join(conditions.corners, " "), conditions.temperature_celsius.front(),
                       conditions.temperature_celsius.back(), conditions.supply.front(),
                       conditions.supply.back());
}

bool covers(const ConditionModel& conditions, const Condition& condition) {
    const auto within = [](const std::vector<double>& nodes, double x) {
        return !nodes.empty() && x >= nodes.front() && x <= nodes.back();
    };
    return std::count(conditions.corners.begin(), conditions.corners.end(), condition.corner) > 0 &&
           within(conditions.temperature_celsius, condition.temperature_celsius) &&
           within(conditions.supply, condition.supply);
}

// Where a table of transitions reaches a code with its fraction: as continuous codes go, straight
// between transitions and on with their mean width outside.
double volt_at_code(const std::vector<double>& transitions, double code) {
    const auto last = static_cast<double>(transitions.size());
    if (transitions.size() < 2) return transitions.empty() ? 0 : transitions.front();
    const double width = (transitions.back() - transitions.front()) / (last - 1);
    if (code <= 1) return transitions.front() + (code - 1) * width;
    if (code >= last) return transitions.back() + (code - last) * width;
    const auto below = static_cast<std::size_t>(std::floor(code));
    const double part = code - static_cast<double>(below);
    if (below >= transitions.size()) return transitions.back();
    return transitions[below - 1] + part * (transitions[below] - transitions[below - 1]);
}

// Transitions where the counter, later by the shift, reaches each code.
void shift_transitions(AdcModel& adc, const std::array<double, kShiftTerms>& shift) {
    const std::vector<double> nominal = adc.transition_volt;
    const double middle = 0.5 * (adc.ideal_low_volt + adc.ideal_high_volt);
    const double half = 0.5 * (adc.ideal_high_volt - adc.ideal_low_volt);
    for (std::size_t k = 0; k < nominal.size(); ++k) {
        const double code = static_cast<double>(k + 1);
        // counter(v) + shift(v) = code, by fixed point: the shift is nearly flat in codes.
        double volt = nominal[k];
        for (int step = 0; step < 40; ++step) {
            const double x = (volt - middle) / half;
            double later = 0;
            for (std::size_t n = shift.size(); n-- > 0;) later = later * x + shift[n];
            volt = volt_at_code(nominal, code - later);
        }
        adc.transition_volt[k] = volt;
    }
}

}  // namespace

ModelCard at_condition(const ModelCard& card, const Condition& condition) {
    const ConditionModel& grid = card.conditions;
    if (!covers(grid, condition)) {
        throw bad_input("condition {}, {:g} C, supply {:g}: the card of {} covers {}",
                        condition.corner, condition.temperature_celsius, condition.supply,
                        card.provenance.spec_name, covered(grid));
    }
    const std::vector<GridWeight> weights = grid_weights(grid, condition);
    std::map<std::string, double> found;
    for (const ConditionTable& table : grid.tables) {
        if (is_dynamics(table.quantity)) continue;
        double value = 0;
        for (const GridWeight& one : weights) value += one.weight * table.values[one.point];
        found[table.quantity] = value;
    }
    ModelCard there = card;
    mix_dynamics(card, weights, there.timing);
    std::array<double, kShiftTerms> shift{};
    for (std::size_t k = 0; k < shift.size(); ++k) {
        const auto term = found.find(fmt::format("adc.shift_{}", k));
        if (term == found.end()) continue;
        shift[k] = term->second;
        found.erase(term);
    }
    shift_transitions(there.adc, shift);
    for (const CardNumber& number : card_numbers(there)) {
        const auto value = found.find(number.key);
        if (value == found.end()) continue;
        *number.value = value->second;
        found.erase(value);
    }
    if (!found.empty()) throw no_number(found.begin()->first);
    there.conditions = {};
    there.provenance.technology =
        fmt::format("{}, modelled at corner {}, supply {:g}", card.provenance.technology,
                    condition.corner, condition.supply);
    there.provenance.temperature_celsius = condition.temperature_celsius;
    for (ValidityRange& range : there.validity) {
        if (range.quantity == "temperature") range.low = range.high = condition.temperature_celsius;
    }
    return there;
}

}  // namespace mho::behavioral
