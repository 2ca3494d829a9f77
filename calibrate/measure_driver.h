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

struct DriverFit {
    double ohm = 0;                  // output resistance at the common mode
    double resistance_per_volt = 0;  // its relative rise per volt of level
    double switch_joule = 0;         // what the gate signals of one row deliver over one on and off
    double row_farad = 0;            // charge of a step up from the common mode, over its height
};
DriverFit fit_driver(const DriverExperiment& experiment, const netlist::Design& design,
                     const Campaign& campaign);

}  // namespace mho::calibrate
