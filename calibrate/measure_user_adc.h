// SPDX-License-Identifier: Apache-2.0
// A user's converter as its outputs show it: every transition found by halving the input between
// two codes, energy from the supply and the references. Nothing is known of what is inside.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "behavioral/card.h"
#include "calibrate/adc_study.h"
#include "calibrate/campaign.h"
#include "calibrate/transition_search.h"
#include "netlist/benches.h"

namespace mho::calibrate {

// Codes and energies of so many inputs, one conversion each. An output above half of the supply
// counts as 1; a thermometer code is the number of its ones.
std::vector<CodeEnergy> convert_user(std::span<const double> volts, const netlist::Design& design,
                                     Campaign& campaign);

// Throws Error(simulator) for a transition that is not found, and for a code that is missing.
struct UserAdcFit {
    behavioral::AdcModel model;
    std::vector<double> code_joule;
};
UserAdcFit fit_user_adc(const netlist::Design& design, Campaign& campaign);

// Transitions to some codes, looked for anew around the model's.
std::vector<FoundTransition> find_user_transitions(const behavioral::AdcModel& model,
                                                   std::span<const std::uint32_t> codes,
                                                   const netlist::Design& design,
                                                   Campaign& campaign);

std::size_t user_adc_runs(const netlist::AdcSpec& spec);  // of the fit, about

}  // namespace mho::calibrate
