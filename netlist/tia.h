// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Transimpedance amplifier in core devices: V(out) = V(vcm) - rf I(in). Folded cascode with PMOS
// input, class-A NMOS output, Miller compensated. Ports: in out vcm ibias vdd; ibias takes a
// reference current that flows into the port, and the supply current is about 36 times it.
Definition tia(const ReadoutSpec& spec);

}  // namespace mho::netlist
