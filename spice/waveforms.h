// SPDX-License-Identifier: Apache-2.0
// Measures on columns of Waveforms. Between samples a waveform is a straight line. `x` (or `t`)
// and `y` must be equally long and not empty, and x must not fall; two equal x are a step, and the
// later value holds from there on. Otherwise every function throws Error(simulator).
#pragma once

#include <optional>
#include <span>

namespace mho::spice {

// y at x0. Throws Error(simulator) when x0 is outside [x.front(), x.back()] by more than 1e-9 of
// that range; closer than that the end value is returned.
double value_at(std::span<const double> x, std::span<const double> y, double x0);

enum class Edge { rising, falling };

// The first time >= `from` at which y goes through `level` in the given direction; no value when it
// never does (touching the level is not enough). A waveform that is beyond the level at `from` must
// come back first; one that is exactly at it there and then moves on crosses where it leaves it.
std::optional<double> crossing_time(std::span<const double> t, std::span<const double> y,
                                    double level, Edge edge, double from);

// Integral of y over [from, to] by the trapezoidal rule, exact for the straight-line waveform;
// negative when to < from. Both limits are checked as in value_at.
double integrate(std::span<const double> t, std::span<const double> y, double from, double to);

}  // namespace mho::spice
