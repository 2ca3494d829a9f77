// SPDX-License-Identifier: Apache-2.0
// Bootstrapped NMOS switch (Dessouky and Kaiser, JSSC 36, 2001): a capacitor charged to the supply
// while it is off stands between input and gate while it is on, so that resistance and injected
// charge hardly depend on the input.
#pragma once

#include "netlist/circuit.h"

namespace mho::netlist {

// Ports: in out track trackb vdd. On while track is high and trackb low, after having been off for
// some nanoseconds: the capacitor has to be charged.
Definition bootstrap_switch(double width_m);

// Of the capacitor: ten times what hangs on the gate, taken as 1 fF per um of the switch (gate
// capacitance of generic40) and 2 fF of the other transistors (judgement).
double bootstrap_farad(double width_m);

// Resistance times width with the gate a supply above the input: generic40's at zero source
// voltage, .45e-3, doubled for body effect and lost boost (judgement).
inline constexpr double kBootstrapOhmM = 0.9e-3;

}  // namespace mho::netlist
