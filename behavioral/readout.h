// SPDX-License-Identifier: Apache-2.0
// Static transfer of the read-out (ReadoutModel in behavioral/card.h). Outside the fitted range
// |i| <= current_max_ampere it goes on along its tangent, so that it stays strictly falling.
#pragma once

#include "behavioral/card.h"

namespace mho::behavioral {

// Output volt at `ampere` flowing into the read-out.
double readout_volt(const ReadoutModel& model, double ampere);

// d readout_volt / d ampere, ohm; negative.
double readout_slope(const ReadoutModel& model, double ampere);

// The current at which readout_volt is `volt`, by Newton. Expects a model that passed check_card.
double readout_ampere(const ReadoutModel& model, double volt);

}  // namespace mho::behavioral
