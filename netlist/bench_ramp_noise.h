// SPDX-License-Identifier: Apache-2.0
// Benches of what is random in a ramp converter, for calibrate/ramp_noise.h. All throw bad_input
// for a converter that is no ramp.
#pragma once

#include "netlist/benches.h"

namespace mho::netlist {

// Sweep of the ramp's voltage past the input, at dc: v(trip) and v(v2) of the comparator over it.
struct TripSweep {
    double input_volt = 0;
    double reach_volt = 0.05;  // on either side of the input
    int points = 1001;         // at least 3
};
Deck ramp_trip_bench(const Design& design, const TripSweep& sweep);

// Noise of the comparator's second stage, onoise_total (V rms), with both inputs held.
Deck ramp_comparator_noise_bench(const Design& design, double input_volt, double ramp_volt);

// A conversion as adc_bench makes it, with v(xcomparator.v2) besides.
Deck ramp_slope_bench(const Design& design, double input_volt, const ColumnTiming& timing);

// Noise of the current into the ramp's capacitor, inoise_spectrum (A/sqrt(Hz)) from 1 kHz to
// 100 GHz, with the ramp in the middle of its range behind a resistor of kRampHoldOhm.
Deck ramp_source_noise_bench(const Design& design);
inline constexpr double kRampHoldOhm = 1e6;

}  // namespace mho::netlist
