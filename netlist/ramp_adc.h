// SPDX-License-Identifier: Apache-2.0
// Single-slope converter: one ramp generator shared by many columns, one continuous-time
// comparator per column. The code is the number of clock periods from the start of the ramp to
// the comparator's trip, counted by ideal logic outside.
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Cascoded current source into a capacitor, with an NMOS reset switch to v_low. Ports: ramp reset
// ibias v_low vdd; a reference current of ramp_bias_ampere(spec) flows out of ibias.
Definition ramp_generator(const AdcSpec& spec);

// Ports: vin ramp out ibias vdd; a reference current flows into ibias. `out` goes high when the
// ramp passes vin. `together` of them in parallel, for as many times the reference current, load a
// ramp as so many comparators at one input voltage do.
Definition ramp_comparator(int together = 1);
// One with a further port v2, the output of its second stage, which its inverters decide on.
Definition ramp_comparator_probed();

double ramp_second(const AdcSpec& spec);           // 2^bits clock periods
double ramp_capacitor_farad(const AdcSpec& spec);  // in the generator
double ramp_load_farad(const AdcSpec& spec);       // of the shared_by - 1 other comparators
double ramp_total_farad(const AdcSpec& spec);      // on the ramp, with all that loads it
double ramp_ampere(const AdcSpec& spec);           // into it, for the nominal slope
double ramp_bias_ampere(const AdcSpec& spec);      // for that current
double ramp_reset_second(const AdcSpec& spec);     // how long the switch has to be closed before
// The counter starts so much after the ramp, a whole number of clock periods, to take off most of
// the comparator's delay.
double counter_delay_second(const AdcSpec& spec);

}  // namespace mho::netlist
