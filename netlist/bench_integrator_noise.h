// SPDX-License-Identifier: Apache-2.0
// Benches of what is random in a column with integrator, for calibrate/integrator_noise.h. Both
// throw bad_input for another read-out.
#pragma once

#include "netlist/benches.h"

namespace mho::netlist {

// Noise of the current that charges the bit's capacitor, inoise_spectrum (A/sqrt(Hz)) from 1 kHz to
// 100 GHz, with half of the cells on at the middle of their range. The capacitor is held behind a
// resistor of kBitHoldOhm.
Deck integrator_noise_bench(const Design& design);
inline constexpr double kBitHoldOhm = 50e3;

// Noise of the held voltage while the sample switch is on, onoise_total (V rms): that of the
// buffer, and k T / C of the hold capacitor.
Deck hold_noise_bench(const Design& design);

}  // namespace mho::netlist
