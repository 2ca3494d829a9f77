// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Transients of whole read-out columns whose inputs step to nine tenths of full scale while the
// ramp is held, at several sums of conductance.
struct SettlingExperiment {
    struct Run {
        double column_siemens = 0;  // sum of the cells' linear conductances
        Campaign::Ticket ticket = 0;
    };
    netlist::ColumnTiming timing;
    std::vector<Run> runs;
};

SettlingExperiment plan_settling(const netlist::Design& design, const behavioral::CellLaw& law,
                                 Campaign& campaign);
// Sets settle_base_second, settle_second_per_siemens and settle_second.
behavioral::TimingModel fit_settling(const SettlingExperiment& experiment,
                                     const netlist::Design& design, const behavioral::CellLaw& law,
                                     const Campaign& campaign);

// Columns of random states.
SettlingExperiment plan_settling_check(const netlist::Design& design,
                                       const behavioral::CellLaw& law, std::uint64_t seed,
                                       Campaign& campaign);
void check_settling(const SettlingExperiment& experiment, const netlist::Design& design,
                    const behavioral::TimingModel& timing, const Campaign& campaign,
                    Evidence& evidence);

}  // namespace mho::calibrate
