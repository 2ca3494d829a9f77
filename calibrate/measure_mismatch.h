// SPDX-License-Identifier: Apache-2.0
// Spread of read-outs and row drivers by transistor mismatch, from Monte Carlo runs at dc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

struct MismatchExperiment {
    std::vector<Campaign::Ticket> readouts;  // one instance each
    std::vector<Campaign::Ticket> drivers;   // several
};

// [calibration] mismatch_draws instances of each block, none by default. Fitted: draws that are the
// same for every seed.
MismatchExperiment plan_mismatch(const netlist::Design& design, Campaign& campaign);
std::size_t mismatch_runs(const netlist::Spec& spec);
behavioral::MismatchModel fit_mismatch(const MismatchExperiment& experiment,
                                       const Campaign& campaign);

// As many other draws, from the seed: their standard deviations against the card's.
MismatchExperiment plan_mismatch_check(const netlist::Design& design, std::uint64_t seed,
                                       Campaign& campaign);
void check_mismatch(const MismatchExperiment& experiment, const netlist::Design& design,
                    const behavioral::MismatchModel& model, const Campaign& campaign,
                    Evidence& evidence);

}  // namespace mho::calibrate
