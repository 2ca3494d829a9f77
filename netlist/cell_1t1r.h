// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// One-transistor one-resistor cell. Ports: row col wl; parameter `r`, the resistance in ohm of the
// programmable resistor, from `row` to the drain of an I/O access transistor whose source is `col`
// and whose gate is `wl`; its bulk is ground.
Definition cell_1t1r(const CellSpec& spec);

}  // namespace mho::netlist
