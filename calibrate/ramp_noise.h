// SPDX-License-Identifier: Apache-2.0
// Noise of a ramp converter, referred to its input, in the middle of its range.
//
// Comparator. Noise v_n on the net whose crossing decides moves the crossing by v_n over the slope
// there (A. A. Abidi and R. G. Meyer, IEEE J. Solid-State Circuits 18, 1983), and the ramp moves by
// its own slope in that time:
//     sigma = sigma(v_n) (dV_ramp/dt) / (dV_2/dt).
// V_2 is the second stage's output, with the inverters' noise not in it; sigma(v_n) is that of
// ngspice's noise analysis at the trip, from 1 kHz on, band-limited by the comparator itself;
// the slopes are those of a conversion. Noise at rest is at least what builds up on the way to the
// trip, so it is not understated.
//
// Ramp. Noise current of density S into the capacitor C for a time t leaves
//     sigma^2 = integral of S(f) (sin(pi f t) / (pi f C))^2 df     (S t / 2 C^2 where S is white),
// and the reset k T / C. It is the same for all columns of a ramp.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "calibrate/adc_study.h"
#include "netlist/benches.h"

namespace mho::calibrate {

struct RampNoise {
    double comparator_volt = 0;
    double source_volt = 0;      // of the ramp's current, half of the range after the start
    double reset_volt = 0;       // root of k T / C
    double comparator_gain = 0;  // slope of the second stage over that of the ramp

    double total_volt() const { return std::hypot(comparator_volt, source_volt, reset_volt); }
};

// Rms volt on `farad` after `second` of a current with these densities (A/sqrt(Hz)) at rising
// frequencies; between two of them the square is a power of the frequency, and outside of them
// there is none.
double integrated_current_noise(std::span<const double> hertz, std::span<const double> density,
                                double farad, double second);

// Densities of a current (A/sqrt(Hz)) without those of the resistor that held its node.
std::vector<double> without_resistor(std::vector<double> density, double ohm, double kelvin);

inline constexpr std::size_t kRampNoiseRuns = 4;

// One sweep, two noise analyses and one conversion. Throws Error(simulator) when the comparator
// does not trip.
RampNoise measure_ramp_noise(const netlist::Design& design, Campaign& campaign);

}  // namespace mho::calibrate
