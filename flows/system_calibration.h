// SPDX-License-Identifier: Apache-2.0
// Ranges of the converters of a described system from the sums that they would see. Private to
// flows/system_engine.cpp.
#pragma once

#include "flows/system_engine.h"

namespace mho::flows {

// Limits for each weight slice of each layer of `instance`, whose multiplies have no converters:
// the percentile of the sums that lies in the middle, to 1/4096 of what was seen.
std::vector<std::vector<behavioral::AdcLimits>> calibrated_limits(const Network& network,
                                                                  const Dataset& data,
                                                                  const SystemPlan& plan,
                                                                  const SystemInstance& instance,
                                                                  const PlanOptions& options);

}  // namespace mho::flows
