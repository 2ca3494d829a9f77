// SPDX-License-Identifier: Apache-2.0
// The card at other corners, temperatures and supplies: measured on a grid, judged between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "behavioral/conditions.h"
#include "calibrate/fit_card.h"

namespace mho::calibrate {

// The same circuits there. All supplies move together, and the wordlines with them; reference
// levels, bias currents and clocks stay.
netlist::Design design_at(const netlist::Design& design, const behavioral::Condition& condition);

// The blocks of a card at every condition of the spec but its own, with few conversions each.
struct ConditionExperiment {
    behavioral::ConditionModel grid;  // no tables yet; empty when the spec asks for none
    struct Point {
        std::size_t index = 0;  // in the tables
        netlist::Design design;
        CardExperiment runs;
    };
    std::vector<Point> points;
};
ConditionExperiment plan_conditions(const netlist::Design& design, Campaign& campaign);
std::size_t condition_runs(const netlist::Spec& spec);

// One table for every number of the card that is not everywhere the same, and the shift of the
// converter. Throws Error(simulator), naming the condition, where the circuits do not work.
behavioral::ConditionModel fit_conditions(const ConditionExperiment& experiment,
                                          const behavioral::ModelCard& card,
                                          const Campaign& campaign);

// Judges the card at conditions drawn from `seed`, [calibration] held_out_conditions of them, on
// smaller circuits than at its own. One error for each quantity, "<quantity>@conditions". Nothing
// for a card without other conditions.
void judge_conditions(const behavioral::ModelCard& card, const netlist::Design& design,
                      std::uint64_t seed, Campaign& campaign, Evidence& evidence);
std::size_t condition_judging_runs(const netlist::Spec& spec);

}  // namespace mho::calibrate
