// SPDX-License-Identifier: Apache-2.0
// StrongARM latch: a clocked comparator without static current (Montanaro et al., JSSC 31, 1996;
// Razavi, "The StrongARM latch", IEEE Solid-State Circuits Magazine 7, 2015).
#pragma once

#include "netlist/circuit.h"

namespace mho::netlist {

// The pair that stays on at the common mode of the inputs: PMOS below half of the supply.
enum class InputPair { n, p };

struct StrongArmSize {
    InputPair pair = InputPair::p;
    double input_width_m = 4e-6;  // of each input transistor; the rest follows it
    double input_length_m = 0.04e-6;
};

// Ports: inp inn clk q vdd. Regenerates when clk rises, with q = 1 where inp is above inn, and is
// reset while clk is low; a latch of two gates holds q from one decision to the next.
Definition strongarm(const StrongArmSize& size);

// Standard deviation of the input-referred offset that the input pair alone has by Pelgrom's law,
// a_vt / sqrt(W L): the least a draw of the whole comparator can have.
double pair_offset_sigma_volt(const StrongArmSize& size, double a_vt_volt_m);

}  // namespace mho::netlist
