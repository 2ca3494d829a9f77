// SPDX-License-Identifier: Apache-2.0
// Input-referred noise and regeneration of a StrongARM comparator, from one transient of
// netlist::comparator_bench with two decisions.
//
// Noise. While the pair integrates its currents on the latch, the thermal noise of both adds to the
// charge that the input brings (J. Kim et al., IEEE Trans. Circuits Syst. I 56, 2009; Nuzzo et al.,
// ibid. 55, 2008). With single-sided noise currents 4 k T gamma gm of each transistor and
// G = integral of gm over the integration,
//     sigma^2 = 4 k T gamma G / G^2 = 4 k T gamma / G,
// and G is the charge by which the pair's branches differ, per volt at the input. gamma = 2/3, the
// long channel's; ngspice's BSIM4 gives .58 for generic40's PMOS (40 nm, .65 V, noise analysis at
// 10 GHz), short channels of real processes more. Latch and reset transistors and flicker noise are
// not in it.
//
// Regeneration. The latch's outputs part as exp(t / tau); what starts so small that it is not part
// half of the supply when the decision is taken is metastable.
#pragma once

#include "behavioral/card.h"
#include "netlist/bench_converter.h"
#include "spice/job.h"

namespace mho::calibrate {

struct ComparatorDynamics {
    double noise_volt_rms = 0;
    double integration_second = 0;    // from the clock to where one output reaches half the supply
    double pair_charge_per_volt = 0;  // G, coulomb per volt
    double regeneration_second = 0;   // tau
    double decision_volt_at(double second) const;  // margin that is just resolved so long after
                                                   // the clock
    double start_ratio = 0;  // difference of the outputs over the margin, extrapolated to the clock
    double resolved_volt = 0;  // half of the supply
};

// A bench with one decision on either side of zero, 5 mV off, at the converter's common mode.
netlist::DecisionStairs noise_stairs(const netlist::AdcSpec& spec, double vdd_volt);
netlist::Deck noise_bench(const netlist::Design& design, const netlist::DecisionStairs& stairs);

// Throws Error(simulator) when the comparator does not decide.
ComparatorDynamics read_dynamics(const spice::Waveforms& waves,
                                 const netlist::DecisionStairs& stairs, double vdd_volt,
                                 double kelvin);

}  // namespace mho::calibrate
