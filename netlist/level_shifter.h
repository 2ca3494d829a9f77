// SPDX-License-Identifier: Apache-2.0
// Core logic levels to a higher supply.
#pragma once

#include "netlist/circuit.h"

namespace mho::netlist {

// Cross-coupled PMOS loads over a differential pair of NMOS, all I/O devices, and a core inverter
// for the complement. Ports: in out outb vdd vddh; `in` between ground and vdd, `out` follows it
// between ground and vddh. No static current.
//
// It switches when an NMOS with vdd on its gate overcomes a PMOS with vddh on its: at 1.1 and 2.5 V
// of generic40 an NMOS of equal width carries about half of that, and 2.5 times less in the slow
// corner at -40 C; with NMOS ten times as wide as PMOS a factor of two is left there. Judgement.
Definition level_shifter();

}  // namespace mho::netlist
