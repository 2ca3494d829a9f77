// SPDX-License-Identifier: Apache-2.0
// Static linearity of a converter from its code transitions, after IEEE Std 1241 (terminal-based,
// "end-point" fit). With N bits, transitions T[1] .. T[2^N - 1] (transition_volt[k-1] = T[k]),
// nominal code width Q = (ideal_high - ideal_low) / 2^N and nominal transitions
// T0[k] = ideal_low + k Q:
//   mean code width  q      = (T[2^N - 1] - T[1]) / (2^N - 2)
//   offset           offset = (T[1] - T0[1]) / Q                          in nominal LSB
//   gain error       gain   = q / Q - 1              positive: codes wider than nominal
//   INL[k]                  = (T[k] - T[1]) / q - (k - 1)                 in LSB of width q
//   DNL[k]                  = (T[k+1] - T[k]) / q - 1                     in LSB of width q
// so INL is 0 at the first and last transition and its differences are the DNL. A missing code
// has DNL = -1.
#pragma once

#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

struct AdcMetrics {
    double offset_lsb = 0;
    double gain_error = 0;
    double mean_width_volt = 0;   // q
    std::vector<double> inl_lsb;  // of transitions 1 .. 2^N - 1
    std::vector<double> dnl_lsb;  // of codes 1 .. 2^N - 2
    double worst_inl_lsb = 0;     // largest magnitude
    double worst_dnl_lsb = 0;
};

// Throws bad_input when the table does not have 2^bits - 1 >= 3 finite values, its first and last
// value do not rise, or the nominal range is empty.
AdcMetrics adc_metrics(const AdcModel& model);

}  // namespace mho::behavioral
