// SPDX-License-Identifier: Apache-2.0
// Currents of cells whose law is a table (CellTable in behavioral/card.h). All functions expect a
// table that passed check_card.
//
// A state's curve: between two voltages of the table the rise of the current is interpolated over
// the state, by a cubic that stays between its neighbours; the points found by adding the rises up
// from 0 V are joined over the voltage by another such cubic. So the current rises with the voltage
// for every state, and has a continuous slope. Outside the voltages the curve goes on straight,
// outside the states it is proportional to the state; state 0 is an open cell. (Limits on the
// slopes: Fritsch and Carlson, SIAM J. Numer. Anal. 17, 1980.)
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// Points and slopes of one state's curve at the table's voltages; both spans as long as these.
void cell_curve(const CellTable& table, double g_siemens, std::span<double> ampere,
                std::span<double> slope_siemens);

struct CurvePoint {
    double ampere = 0;
    double slope_siemens = 0;
};

// On a curve with points and slopes at the rising voltages `volt`.
CurvePoint on_curve(std::span<const double> volt, const double* ampere, const double* slope_siemens,
                    double v_volt);

// The same for one state at one voltage.
CurvePoint on_table(const CellTable& table, double v_volt, double g_siemens);

// Slopes of a cubic through (x, y) that stays between neighbouring points: of the parabola through
// three points, limited. x rises strictly, at least 2 points.
std::vector<double> shape_preserving_slopes(std::span<const double> x, std::span<const double> y);

}  // namespace mho::behavioral
