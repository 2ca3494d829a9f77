// SPDX-License-Identifier: Apache-2.0
// Noise of a held sum (IntegratorModel::noise_volt_rms).
//
// A bit has the k T / C of its reset and the charge of the conveyor's noise current over the time
// of integration (integrated_current_noise in calibrate/ramp_noise.h). Two equal capacitors that
// share their charge through a switch are left with k T / 2C each, from its k T / (C / 2) between
// them. Later bits halve what came before:
//     var(sum) = 4^-B k T / C + sum over bits k of 4^(k+1-B) (var(bit) / 4 + k T / 2 C).
// Buffer and sample switch come on
// top, as ngspice's noise analysis has them with the switch on.
#pragma once

#include "calibrate/campaign.h"
#include "netlist/benches.h"

namespace mho::calibrate {

struct IntegratorNoiseExperiment {
    Campaign::Ticket current = 0, hold = 0;
};
IntegratorNoiseExperiment plan_integrator_noise(const netlist::Design& design, Campaign& campaign);

struct IntegratorNoise {
    double current_volt = 0;  // on the bit, of the conveyor's current
    double reset_volt = 0;    // root of k T / C
    double hold_volt = 0;     // buffer and switch
    double held_volt = 0;     // all of it, after all bits
};
IntegratorNoise read_integrator_noise(const IntegratorNoiseExperiment& experiment,
                                      const netlist::Design& design, const Campaign& campaign);

}  // namespace mho::calibrate
