// SPDX-License-Identifier: Apache-2.0
// The pool that the options of a verb ask for, and what it did. Internal to calibrate.
#pragma once

#include "calibrate/calibrate.h"
#include "spice/pool.h"

namespace mho::calibrate {

spice::Pool start_pool(const CalibrateOptions& options);
RunCount count_runs(std::size_t spice_runs, const spice::Pool& pool,
                    const CalibrateOptions& options);

}  // namespace mho::calibrate
