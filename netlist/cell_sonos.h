// SPDX-License-Identifier: Apache-2.0
// Two-transistor SONOS cell: select transistor and charge-trap transistor, read below threshold.
#pragma once

#include "netlist/cell_spec.h"
#include "netlist/circuit.h"

namespace mho::netlist {

// Ports: row (source line) col (bitline) wl (select gate) cg (gate of the trap transistor);
// parameter dvt, the shift of the trap transistor's threshold in volt. Both are I/O transistors;
// the trapped charge acts as BSIM4's delvto.
Definition cell_2t_sonos(const CellSpec& spec);

// Where a cell is read: potentials against the bulk.
struct SonosRead {
    double source_line_volt = 0;
    double bitline_volt = 0;
    double celsius = 27;
};

// The law of the trap transistor: I = Is (F(u) - F(u - d / vt)), F(x) = ln(1 + exp(x / 2))^2,
// u = ((control - threshold - dvt) / n - s low) / vt, where low is the lower of both lines, d the
// voltage across the transistor (series_ohm taken off) and Is = square_ampere W / L: the long
// transistor of Enz, Krummenacher and Vittoz (1995), below threshold an exponential of n kT/q.
//
// The threshold shift at which the cell carries `ampere` > 0 in magnitude. Throws bad_input when
// no shift within max_shift_volt does.
double sonos_shift_volt(const SonosSpec& spec, const SonosRead& read, double ampere);
// The inverse.
double sonos_ampere(const SonosSpec& spec, const SonosRead& read, double shift_volt);

}  // namespace mho::netlist
