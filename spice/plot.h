// SPDX-License-Identifier: Apache-2.0
// The vectors of ngspice's current plot. For the worker only.
#pragma once

#include <vector>

#include "spice/job.h"
#include "spice/request.h"

namespace mho::spice {

// Throws Error(simulator) when the transient of the current plot ended before its stop time.
void check_stop_time(const Analysis& analysis);

// What was asked of the analysis that just ended. An ac vector gives two columns, re(NAME) and
// im(NAME). Throws Error(simulator) when a vector is missing, is too short or is not finite.
Waveforms read_plot(const Analysis& analysis, const std::vector<VectorRequest>& requests);

}  // namespace mho::spice
