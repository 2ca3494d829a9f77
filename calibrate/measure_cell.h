// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// One dc sweep over the row voltage of cells at several conductances.
struct CellExperiment {
    std::vector<double> states;  // siemens
    Campaign::Ticket ticket = 0;
};

// Conductances evenly over the whole range.
CellExperiment plan_cell(const netlist::Design& design, Campaign& campaign);
behavioral::CellLaw fit_cell(const CellExperiment& experiment, const netlist::Design& design,
                             const Campaign& campaign);

// Random conductances, at voltages between those of the fit.
CellExperiment plan_cell_check(const netlist::Design& design, std::uint64_t seed,
                               Campaign& campaign);
void check_cell(const CellExperiment& experiment, const netlist::Design& design,
                const behavioral::CellLaw& law, const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
