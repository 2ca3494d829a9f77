// SPDX-License-Identifier: Apache-2.0
// The design behind a card, for measuring it again. Internal to calibrate.
#pragma once

#include "behavioral/card.h"
#include "netlist/benches.h"
#include "spice/pool.h"

namespace mho::calibrate {

// Of a spec, for the solver that the pool's ngspice has.
netlist::Design start_design(const netlist::Spec& spec, const spice::Pool& pool);

// What a card of a spec can hold: whole columns from driver to converter, columns read by
// integrators bit by bit, the array alone, or the converter alone.
enum class CardScope { column, bit_serial, array, converter };
// Columns: plain arrays of topology a, of 1t1r, 1r and subckt cells, with transistor drivers,
// read-out and ramp. Bit-serial: macros of topology b with binary drivers, integrators and a ramp
// (netlist/bench_bit_serial.h). All others: arrays between the ends that [array.terminals] gives.
// The converter where the spec has nothing else, or asks for it ([calibration] scope).
CardScope card_scope(const netlist::Spec& spec);

// Throws bad_input for a spec whose circuits cannot be built or calibrated.
void require_calibratable(const netlist::Spec& spec);

// The spec that the card holds; its technology is there and fits. Throws bad_input.
netlist::Spec spec_of(const behavioral::ModelCard& card);

// Throws bad_input when spec and technology files are not those that the card was measured on.
netlist::Design design_of(const behavioral::ModelCard& card, const spice::Pool& pool);

}  // namespace mho::calibrate
