// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "behavioral/card.h"
#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Where cells of a topology are measured: with their rows about the common mode (a), or with their
// source line at its level as the bitline moves (b, c).
bool is_gated(const netlist::Spec& spec);

// As specs name it: "1t1r", "2t_sonos", ..
std::string_view kind_name(netlist::CellKind kind);

// Currents of cells of any kind in dc sweeps; of topology c in one for each sign.
struct CellSweepRun {
    std::vector<double> volt;  // rising, with 0 among them
    std::vector<double> states;
    Campaign::Ticket ticket = 0;           // rows moved, or positive cells
    Campaign::Ticket negative_ticket = 0;  // topology c
};
// `points` voltages on each side of 0 V that the topology has, besides 0 V.
CellSweepRun plan_cell_sweep(const netlist::Design& design, std::vector<double> states, int points,
                             Campaign& campaign);
// states x voltages.
std::vector<std::vector<double>> read_cell_sweep(const CellSweepRun& run,
                                                 const netlist::Design& design,
                                                 const Campaign& campaign);

// Runs as many rounds as the law needs (calibrate/cell_table_fit.h), then, in topologies b and c,
// one that moves source lines, for CellLaw::source_weight.
behavioral::CellLaw measure_cell_law(const netlist::Design& design, Campaign& campaign);

// Random states, at voltages between those of the fit.
CellSweepRun plan_cell_table_check(const netlist::Design& design, std::uint64_t seed,
                                   Campaign& campaign);
void check_cell_table(const CellSweepRun& run, const netlist::Design& design,
                      const behavioral::CellLaw& law, const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
