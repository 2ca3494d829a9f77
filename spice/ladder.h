// SPDX-License-Identifier: Apache-2.0
// What changes when a job is repeated. A rung changes only how ngspice seeks the solution
// (iteration limits, integration method), never the equations: gmin, reltol and the other
// tolerances stay the deck's own.
#pragma once

#include <string>

namespace mho::spice {

inline constexpr int kRungs = 2;

// Why the last rung failed. KLU takes some matrices for singular that Sparse factors (it reorders
// before it gives up), so a deck that asks for KLU is tried with Sparse then.
enum class Trouble { other, singular_matrix };

// The option line of a rung in 0 .. kRungs-1; empty for rung 0, the deck as it is.
// Rung 1: more Newton iterations for the operating point (itl1), for each sweep point (itl2) and
// for each time step (itl4), and the Gear method, which damps the ringing that stops the
// trapezoidal rule (ngspice manual, sections "DC Solution Options" and "Transient Analysis
// Options"). ngspice 46 allows 100 iterations where an option says less (measured), so smaller
// numbers would change nothing.
std::string rung_options(int rung, Trouble last = Trouble::other);

// `netlist` with the rung's options before ".end"; of two equal options ngspice takes the later
// one. A netlist without ".end" comes back as it is.
std::string on_rung(const std::string& netlist, int rung, Trouble last = Trouble::other);

}  // namespace mho::spice
