// SPDX-License-Identifier: Apache-2.0
// Cells without transistors, ports row col, and wl where they have a gate; plain values of circuits
// for netlist/cell.h. `gate_volt` > 0 gives an ideal select gate: nothing flows below half of it.
#pragma once

#include <vector>

#include "netlist/cell_spec.h"
#include "netlist/circuit.h"

namespace mho::netlist {

// Resistor r, or current g v with a gate.
Definition cell_ohmic(double gate_volt);
// Current g v + a2 v^2 + a3 v^3, and its parameters at a state.
Definition cell_polynomial(double gate_volt);
std::vector<ParameterValue> polynomial_state(const PolynomialLaw& law, double g_siemens);
// Current g v0 sinh(v / v0); parameter g.
Definition cell_sinh(const SinhLaw& law, double gate_volt);
// Selector from row to the net n, resistor r from there to col.
Definition cell_1s1r(const SelectorSpec& spec, double gate_volt);
// Channel r (current g v with a gate wl) from row to col; ports row col [wl] gate.
Definition cell_ecram(const EcramSpec& spec, double gate_volt);

}  // namespace mho::netlist
