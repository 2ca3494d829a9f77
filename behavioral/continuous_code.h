// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "behavioral/card.h"

namespace mho::behavioral {

// A ramp converter's counter at the trip, with its fraction, as the transition table has it:
// straight lines between transitions, and on with the mean code width outside. Its floor is the
// code.
double continuous_code(const AdcModel& adc, double volt);

}  // namespace mho::behavioral
