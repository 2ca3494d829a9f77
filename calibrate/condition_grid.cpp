// SPDX-License-Identifier: Apache-2.0
#include "calibrate/condition_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/card_numbers.h"
#include "behavioral/continuous_code.h"
#include "calibrate/conversion.h"
#include "calibrate/fit.h"
#include "calibrate/judge_card.h"

namespace mho::calibrate {
namespace {

using behavioral::Condition;
using behavioral::ConditionModel;

// Enough for the shift against the nominal transition table, which is what is wanted.
constexpr AdcEffort kEffort{.conversions = 13, .degree = 7};
constexpr int kJudgedRows = 16;
constexpr int kJudgedColumns = 2;

template <typename Value>
void insert_once(std::vector<Value>& values, const Value& value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

bool asks_for_conditions(const netlist::Spec& spec) {
    const netlist::CalibrationSpec& asked = spec.calibration;
    return !asked.corners.empty() || !asked.temperatures.empty() || asked.supply_spread > 0;
}

ConditionModel grid_of(const netlist::Spec& spec) {
    const netlist::CalibrationSpec& asked = spec.calibration;
    if (!asks_for_conditions(spec)) return {};
    ConditionModel grid;
    grid.corners = {spec.corner};
    for (const std::string& corner : asked.corners) insert_once(grid.corners, corner);
    grid.temperature_celsius = {spec.temperature_celsius};
    for (const double celsius : asked.temperatures) insert_once(grid.temperature_celsius, celsius);
    std::sort(grid.temperature_celsius.begin(), grid.temperature_celsius.end());
    grid.supply = {1};
    if (asked.supply_spread > 0) {
        grid.supply = {1 - asked.supply_spread, 1, 1 + asked.supply_spread};
    }
    return grid;
}

std::size_t size_of(const ConditionModel& grid) {
    return grid.corners.size() * grid.temperature_celsius.size() * grid.supply.size();
}

Condition condition_of(const ConditionModel& grid, std::size_t index) {
    const std::size_t supplies = grid.supply.size();
    const std::size_t temperatures = grid.temperature_celsius.size();
    return {grid.corners[index / (supplies * temperatures)],
            grid.temperature_celsius[index / supplies % temperatures],
            grid.supply[index % supplies]};
}

std::string text_of(const Condition& condition) {
    return fmt::format("{} {:.3g} C {:.3f}", condition.corner, condition.temperature_celsius,
                       condition.supply);
}

// How much later the counter is than the nominal card's, as a cubic over the range.
std::vector<double> shift_terms(const ConditionExperiment::Point& point,
                                const behavioral::AdcModel& nominal, const Campaign& campaign) {
    const AdcExperiment& adc = point.runs.adc;
    const double middle = 0.5 * (nominal.ideal_low_volt + nominal.ideal_high_volt);
    const double half = 0.5 * (nominal.ideal_high_volt - nominal.ideal_low_volt);
    std::vector<double> x, later;
    for (std::size_t k = 0; k < adc.input_volt.size(); ++k) {
        const std::optional<double> counter =
            counter_at_trip(campaign[adc.tickets[k]], point.design, adc.timing);
        if (!counter) {
            throw simulator_error("adc: the comparator does not trip at an input of {:.4f} V",
                                  adc.input_volt[k]);
        }
        x.push_back((adc.input_volt[k] - middle) / half);
        later.push_back(*counter - continuous_code(nominal, adc.input_volt[k]));
    }
    return fit_polynomial(x, later, behavioral::kShiftTerms - 1).parameters;
}

// Keeps the smaller circuits' number of runs small too.
netlist::Design judged_design(const netlist::Design& design, const Condition& condition) {
    netlist::Design there = design_at(design, condition);
    netlist::CalibrationSpec& how = there.spec.calibration;
    how.validation_rows = std::min(how.validation_rows, kJudgedRows);
    how.validation_columns = std::min(how.validation_columns, kJudgedRows);
    how.held_out_columns = std::min(how.held_out_columns, kJudgedColumns);
    return there;
}

// Worst of the worst, and rms over all samples.
void merge(behavioral::QuantityError& into, const behavioral::QuantityError& from) {
    const double samples = into.samples + from.samples;
    into.rms = std::sqrt((into.rms * into.rms * into.samples + from.rms * from.rms * from.samples) /
                         std::max(1.0, samples));
    into.worst = std::max(into.worst, from.worst);
    into.samples += from.samples;
}

}  // namespace

netlist::Design design_at(const netlist::Design& design, const Condition& condition) {
    netlist::Design there = design;
    there.spec.corner = condition.corner;
    there.spec.temperature_celsius = condition.temperature_celsius;
    there.spec.cell.wordline_volt *= condition.supply;
    for (netlist::Supply& supply : there.technology.supplies) supply.volt *= condition.supply;
    netlist::model_library(there.technology, condition.corner);
    netlist::require_temperature(there.technology, condition.temperature_celsius);
    return there;
}

ConditionExperiment plan_conditions(const netlist::Design& design, Campaign& campaign) {
    ConditionExperiment experiment;
    experiment.grid = grid_of(design.spec);
    for (std::size_t k = 0; k < size_of(experiment.grid); ++k) {
        const Condition condition = condition_of(experiment.grid, k);
        if (condition.corner == design.spec.corner &&
            condition.temperature_celsius == design.spec.temperature_celsius &&
            condition.supply == 1) {
            continue;  // the card's own
        }
        netlist::Design there = design_at(design, condition);
        CardExperiment runs = plan_card(there, campaign, kEffort);
        experiment.points.push_back({k, std::move(there), std::move(runs)});
    }
    return experiment;
}

std::size_t condition_runs(const netlist::Spec& spec) {
    const std::size_t points = size_of(grid_of(spec));
    return points == 0
               ? 0
               : (points - 1) * (block_runs(spec) + static_cast<std::size_t>(kEffort.conversions));
}

ConditionModel fit_conditions(const ConditionExperiment& experiment,
                              const behavioral::ModelCard& card, const Campaign& campaign) {
    ConditionModel model = experiment.grid;
    if (experiment.points.empty()) return model;
    behavioral::ModelCard nominal = card;
    std::vector<behavioral::ConditionTable> tables;
    for (const behavioral::CardNumber& number : behavioral::card_numbers(nominal)) {
        tables.push_back({number.key, std::vector<double>(size_of(model), *number.value)});
    }
    std::vector<behavioral::ConditionTable> shifts;
    for (int k = 0; k < behavioral::kShiftTerms; ++k) {
        shifts.push_back(
            {fmt::format("adc.shift_{}", k), std::vector<double>(size_of(model), 0.0)});
    }
    for (const ConditionExperiment::Point& point : experiment.points) {
        try {
            // Cells with a table are refused conditions (card_design.h).
            behavioral::ModelCard there =
                fit_card(point.runs, fit_cell(point.runs.cell.value(), point.design, campaign),
                         point.design, campaign);
            const auto numbers = behavioral::card_numbers(there);
            for (std::size_t n = 0; n < tables.size(); ++n) {
                tables[n].values[point.index] = *numbers.at(n).value;
            }
            const std::vector<double> terms = shift_terms(point, card.adc, campaign);
            for (std::size_t n = 0; n < shifts.size(); ++n) {
                shifts[n].values[point.index] = terms[n];
            }
        } catch (const Error& error) {
            throw Error(
                error.kind(),
                fmt::format("at {}: {}", text_of(condition_of(model, point.index)), error.what()));
        }
    }
    for (auto* list : {&tables, &shifts}) {
        for (behavioral::ConditionTable& table : *list) {
            const double first = table.values.front();
            if (std::all_of(table.values.begin(), table.values.end(),
                            [first](double value) { return value == first; })) {
                continue;
            }
            model.tables.push_back(std::move(table));
        }
    }
    return model;
}

void judge_conditions(const behavioral::ModelCard& card, const netlist::Design& design,
                      std::uint64_t seed, Campaign& campaign, Evidence& evidence) {
    const ConditionModel& grid = card.conditions;
    if (grid.corners.empty()) return;
    RandomStream random(seed, RandomPurpose::operating_points, 4);
    std::vector<behavioral::QuantityError> errors;
    std::string where;
    for (int k = 0; k < design.spec.calibration.held_out_conditions; ++k) {
        const auto corner = random.below(static_cast<std::uint32_t>(grid.corners.size()));
        const Condition condition{
            grid.corners[corner],
            random.uniform(grid.temperature_celsius.front(), grid.temperature_celsius.back()),
            random.uniform(grid.supply.front(), grid.supply.back())};
        where += (where.empty() ? "" : ", ") + text_of(condition);
        const Evidence found = judge_card(behavioral::at_condition(card, condition),
                                          judged_design(design, condition), seed, campaign);
        if (errors.empty()) {
            errors = found.errors;
            continue;
        }
        for (std::size_t n = 0; n < errors.size(); ++n) merge(errors[n], found.errors.at(n));
    }
    for (behavioral::QuantityError& error : errors) {
        error.quantity += "@conditions";
        error.held_out = where;
        evidence.errors.push_back(std::move(error));
    }
}

std::size_t condition_judging_runs(const netlist::Spec& spec) {
    if (!asks_for_conditions(spec)) return 0;
    netlist::Spec small = spec;
    small.calibration.held_out_columns =
        std::min(spec.calibration.held_out_columns, kJudgedColumns);
    return judging_runs(small) * static_cast<std::size_t>(spec.calibration.held_out_conditions);
}

}  // namespace mho::calibrate
