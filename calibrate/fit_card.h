// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// SPICE runs in rounds (`kFitRuns` of 1T1R cells, some more of others) and every model of a card
// fitted to them; neither errors nor provenance yet. The same for every seed.
inline constexpr std::size_t kFitRuns = 36;
behavioral::ModelCard fit_card(const netlist::Design& design, Campaign& campaign);

// Of an array alone: its cells' law.
behavioral::ModelCard fit_array_card(const netlist::Design& design, Campaign& campaign);

}  // namespace mho::calibrate
