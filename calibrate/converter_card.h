// SPDX-License-Identifier: Apache-2.0
// The card of a converter alone (docs/calibration.md): fitted to the runs of `mho adc`, or to a
// user's converter, and judged on other conversions, transitions and draws.
#pragma once

#include <cstddef>
#include <cstdint>

#include "calibrate/calibrate.h"
#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Its converter and its ConverterModel; the rest of the card is left empty.
behavioral::ModelCard fit_converter_card(const netlist::Design& design, Campaign& campaign);

// CheckDepth::blocks: some conversions only.
Evidence judge_converter(const behavioral::ModelCard& card, const netlist::Design& design,
                         std::uint64_t seed, Campaign& campaign, CheckDepth depth);

// About how many runs each takes, for the progress bar.
std::size_t converter_fit_runs(const netlist::Spec& spec);
std::size_t converter_judging_runs(const netlist::Spec& spec, CheckDepth depth);

// Noise of the ramp converter of a column's card, and its mismatch from adc_draws draws, 0 or at
// least 2.
void measure_ramp_statistics(const netlist::Design& design, Campaign& campaign,
                             behavioral::AdcModel& adc);

}  // namespace mho::calibrate
