// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Runs circuits drawn from `seed` in SPICE, in one round, and compares them with the card's models.
Evidence judge_card(const behavioral::ModelCard& card, const netlist::Design& design,
                    std::uint64_t seed, Campaign& campaign);

// The same of the cells, and of the read-out where the card has one: two runs, of single blocks.
Evidence judge_blocks(const behavioral::ModelCard& card, const netlist::Design& design,
                      std::uint64_t seed, Campaign& campaign);

std::size_t judging_runs(const netlist::Spec& spec);

}  // namespace mho::calibrate
