// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Small signals of the read-out about several currents, and of a short column at its port. No
// transient is fitted.
struct DynamicsExperiment {
    struct Current {
        double ampere = 0;
        Campaign::Ticket readout = 0;
    };
    std::vector<Current> currents;  // rising: out of the read-out, zero in the middle, into it
    Campaign::Ticket port = 0;
    std::vector<double> states;  // of the short column
};

std::size_t dynamics_runs(const netlist::Spec& spec);
DynamicsExperiment plan_dynamics(const netlist::Design& design, Campaign& campaign);

// All of TimingModel but conversion_second; `card` has cell, array, adc and
// energy.row_farad. settle_second is for
// steps of nine tenths of full scale, of either sign, in columns whose pairs hold up to the largest
// difference, to half an LSB, and at least the ramp's reset; for a SAR to a sixteenth of one, in
// whole periods of its clock.
behavioral::TimingModel fit_dynamics(const DynamicsExperiment& experiment,
                                     const netlist::Design& design,
                                     const behavioral::ModelCard& card, const Campaign& campaign);

// Transients of columns of several lengths and random states whose inputs step to nine tenths of
// full scale, or as far as they can, while the ramp is held.
struct SettlingExperiment {
    struct Run {
        double modelled_second = 0;
        netlist::ColumnTiming when;
        Campaign::Ticket ticket = 0;
    };
    std::vector<Run> runs;
};

SettlingExperiment plan_settling_check(const netlist::Design& design,
                                       const behavioral::ModelCard& card, std::uint64_t seed,
                                       Campaign& campaign);
void check_settling(const SettlingExperiment& experiment, const netlist::Design& design,
                    const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
