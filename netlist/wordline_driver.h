// SPDX-License-Identifier: Apache-2.0
// Drivers of gate lines (topologies B and C): one bit a row, or a pulse whose width is the code.
// The multi-level driver of rows is netlist/row_driver.h.
#pragma once

#include <vector>

#include "netlist/circuit.h"

namespace mho::netlist {

// Widths of the NMOS of a chain of I/O inverters that drives load_farad: F = load / capacitance of
// the smallest inverter, N = round(ln F / ln 4) stages (at least one), each F^(1/N) times the one
// before. A fan-out near four is the usual optimum of delay. load_farad > 0.
std::vector<double> buffer_widths(double load_farad);

// One-bit driver: level shifter and buffer chain sized for load_farad. Ports: in wl vdd vddh; `wl`
// follows `in` between ground and vddh.
Definition wordline_driver(double load_farad);

// Time-coded driver: a latch of two core NOR gates in front of the same driver. Ports: set reset wl
// vdd vddh. `wl` rises with `set` and falls with `reset`, which wins; while a counter holds `set`
// at its start and `reset` from its code-th period on, the pulse is code periods long.
Definition pulse_width_driver(double load_farad);

}  // namespace mho::netlist
