// SPDX-License-Identifier: Apache-2.0
// Current of one cell (CellLaw in behavioral/card.h) and its linearisations. All functions expect a
// law that passed check_card. g is the cell's state in siemens (of 1T1R the conductance of the
// programmable resistor alone), g >= 0; g = 0 is an open cell.
#pragma once

#include "behavioral/card.h"

namespace mho::behavioral {

// Ampere from row to column at v = row voltage minus column voltage.
double cell_current(const CellLaw& law, double v_volt, double g_siemens);

// d cell_current / d v, siemens.
double cell_slope(const CellLaw& law, double v_volt, double g_siemens);

// cell_current / v, siemens; at v = 0 its limit g / (1 + g R0).
double chord_conductance(const CellLaw& law, double v_volt, double g_siemens);

// Mean of the chords at +v and -v: the slope of the line through the origin that is closest to the
// cell at both signs. Inputs come with both signs, so this is what a linear array is made of.
double linear_conductance(const CellLaw& law, double v_volt, double g_siemens);

// Part of the current that is even in the voltage, over its square: (I(v) + I(-v)) / (2 v^2),
// ampere per square volt, v > 0.
double even_current_per_square(const CellLaw& law, double v_volt, double g_siemens);

// The state whose linear_conductance at v_ref is `target`, clamped to
// [g_min_siemens, g_max_siemens]. linear_conductance rises with g wherever the law is valid.
double state_for_conductance(const CellLaw& law, double v_ref_volt, double target_siemens);

}  // namespace mho::behavioral
