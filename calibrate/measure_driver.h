// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Output resistance over the levels and load currents of an array, and the gate charge.
struct DriverExperiment {
    Campaign::Ticket load = 0, switching = 0;
    int levels = 0;
};
DriverExperiment plan_driver(const netlist::Design& design, Campaign& campaign);

// Mean output resistance in ohm.
double fit_driver_ohm(const DriverExperiment& experiment, const netlist::Design& design,
                      const Campaign& campaign);

// Energy in joule that the gate signals of one row deliver over one on and off.
double row_switch_joule(const DriverExperiment& experiment, const Campaign& campaign);

}  // namespace mho::calibrate
