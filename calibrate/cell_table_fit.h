// SPDX-License-Identifier: Apache-2.0
// A cell's law as a table, from measured curves: which voltages and states it needs. No SPICE here.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "behavioral/card.h"

namespace mho::calibrate {

// Currents of one state at all voltages of a sweep.
using Curve = std::vector<double>;
// Measures states (siemens), one curve each, in their order: one round.
using MeasureCurves = std::function<std::vector<Curve>(std::span<const double> states)>;

struct TableFit {
    behavioral::CellTable table;
    int rounds = 0;            // calls of the measurement
    std::size_t measured = 0;  // states that were measured
};

// `volt`: the sweep's voltages, rising, with 0 among them. Begins with the ends and the middle of
// [g_min, g_max]; every next round measures the middle of each interval of states that is not known
// to be good. Where the table so far is off by more than a tenth of `tolerance` (of the largest
// current of g_max) the state joins it and both halves are looked at again; so every state was
// judged before it was fitted. Of the voltages as few are kept as hold the measured curves to a
// twentieth of it. Currents that fall by less than a hundredth of it are taken for noise. Throws
// bad_input when currents at 0 V are more than `tolerance`, do not rise with the voltage, or are
// not of larger magnitude for larger states; Error(simulator) when kMaxStates do not suffice.
TableFit fit_cell_table(std::span<const double> volt, double g_min_siemens, double g_max_siemens,
                        double tolerance, const MeasureCurves& measure);

inline constexpr std::size_t kMaxStates = 65;

}  // namespace mho::calibrate
