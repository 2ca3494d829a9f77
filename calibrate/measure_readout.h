// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Dc sweeps of the read-out's input current, one to fit and one at other currents, and its noise.
struct ReadoutExperiment {
    Campaign::Ticket fit = 0, held_out = 0, noise = 0;
};
ReadoutExperiment plan_readout(const netlist::Design& design, Campaign& campaign);

struct ReadoutFit {
    behavioral::ReadoutModel model;
    double sense_ohm = 0;      // slope of the virtual ground
    double static_watt = 0;    // supply power at zero current
    double sourced_volt = 0;   // its rise per ampere out of the read-out
    double sunk_volt = 0;      // and per ampere into it
};
ReadoutFit fit_readout(const ReadoutExperiment& experiment, const netlist::Design& design,
                       const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
