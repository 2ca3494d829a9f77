// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Dc sweeps of cells at conductances over the whole range, and of others drawn at random.
struct CellExperiment {
    std::vector<double> fit_states;       // siemens
    std::vector<double> held_out_states;  // siemens
    Campaign::Ticket fit = 0, held_out = 0;
};
CellExperiment plan_cell(const netlist::Design& design, std::uint64_t seed, Campaign& campaign);

behavioral::CellLaw fit_cell(const CellExperiment& experiment, const netlist::Design& design,
                             const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
