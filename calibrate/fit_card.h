// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// SPICE runs in two rounds (`kFitRuns` in all) and every model of a card fitted to them; neither
// errors nor provenance yet. The same for every seed.
inline constexpr std::size_t kFitRuns = 36;
behavioral::ModelCard fit_card(const netlist::Design& design, Campaign& campaign);

}  // namespace mho::calibrate
