// SPDX-License-Identifier: Apache-2.0
// When a column's output has settled after a step of its rows: the array as conductance and
// capacitance at the read-out's input, the read-out as a linear two-port about the current that it
// ends with (ReadoutDynamics in behavioral/card.h).
//
// With Y = G + s C the column's admittance, Z the read-out's input impedance, T its transfer and I
// the current of the column into a short, V = T I / (1 + Z Y): a sum of exponentials whose rates
// are the roots of a polynomial. Rows delay it all by their time constant (row_delay_second); the
// delay of the column's wire, a few picoseconds, is left out.
#pragma once

#include <span>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// All dynamics of a card's own condition, by rising current.
std::vector<ReadoutDynamics> by_ampere(const TimingModel& timing);

// What a read-out sees of a column whose rows are held.
struct ColumnPort {
    double siemens = 0;
    double farad = 0;
};

// Cells of linear conductance `g_siemens` (>= 0) in series with their drivers, along a wire that is
// sensed at its end. To first order in s: the conductance at dc, and each node's capacitance times
// the square of its voltage per volt at the port (exact for capacitances to fixed voltages, by
// Tellegen's theorem).
ColumnPort column_port(const ArrayModel& array, const TimingModel& timing,
                       std::span<const double> g_siemens);

// From a step of the rows (of TimingModel::edge_second) that makes `ampere` flow into a short at
// the column's end, to the last time that the output is further than `band_volt` > 0 from where it
// ends; 0 if it never is. The time is that of the two-ports at the card's currents next to
// `ampere`, on a monotone cubic between them; between conditions the logarithms of the times that
// those measured about it give are mixed. Throws bad_input for a card without dynamics and when the
// read-out is unstable with such a column.
double settling_second(const TimingModel& timing, const ColumnPort& port, double ampere,
                       double band_volt);

// What the way there adds, which is linear above: before the current is `ampere` the read-out is
// faster or slower than with it. With one dominant time constant tau(i),
//   integral over y from 0 to ln(total / band) of  tau(I (1 - exp(-y))) - tau(I),
// since y grows by 1 in each time constant. To be added where the slowest pole is that of column
// and read-out; a pole behind them (a SAR's sampling) lags by what it is at the end.
double settling_path_second(const TimingModel& timing, const ColumnPort& port, double ampere,
                            double band_volt);

// A driver with the charge that its row takes: what a step of the rows comes late by.
double row_delay_second(const ModelCard& card);

// Half of the converter's nominal code width.
double half_lsb_volt(const AdcModel& adc);

}  // namespace mho::behavioral
