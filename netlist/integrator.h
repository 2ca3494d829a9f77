// SPDX-License-Identifier: Apache-2.0
// Integrator of a column's current over one input bit.
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// Ports: in bit v_start integrate reset vcm ibias vdd; inside, the conveyor of
// netlist/current_conveyor.h. While `reset` is high the capacitor on `bit` is joined to v_start.
// While `integrate` is high the conveyor's current flows into it, otherwise into v_start: the
// column settles before, and what it does afterwards does not count. With C = integrate_farad
//     V(bit) = V(v_start) + I t / (m C).
// The two ways never conduct at once (gates of NOR, one opens before the other closes), or the bit
// would leak into v_start. The drawn capacitor is smaller than C by its parasitics, those of what
// stands behind included: an accumulator (drawn_farad in netlist/accumulator.h), or with `alone` a
// buffer.
Definition integrator(const ReadoutSpec& spec, bool alone = false);

// Volt per ampere of the column: integrate_second / (mirror_ratio integrate_farad).
double integrator_ohm(const ReadoutSpec& spec);

}  // namespace mho::netlist
