// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

struct ReadoutExperiment {
    Campaign::Ticket sweep = 0;  // dc, over the input current
    Campaign::Ticket noise = 0;  // of the experiment to fit
};

ReadoutExperiment plan_readout(const netlist::Design& design, Campaign& campaign);

struct ReadoutFit {
    behavioral::ReadoutModel model;
    double sense_ohm = 0;     // slope of the virtual ground
    double static_watt = 0;   // supply power at zero current
    double sourced_volt = 0;  // its rise per ampere out of the read-out
    double sunk_volt = 0;     // and per ampere into it
};
ReadoutFit fit_readout(const ReadoutExperiment& experiment, const netlist::Design& design,
                       const Campaign& campaign);

// Other currents.
ReadoutExperiment plan_readout_check(const netlist::Design& design, Campaign& campaign);
void check_readout(const ReadoutExperiment& experiment, const netlist::Design& design,
                   const behavioral::ReadoutModel& model, const Campaign& campaign,
                   Evidence& evidence);

}  // namespace mho::calibrate
