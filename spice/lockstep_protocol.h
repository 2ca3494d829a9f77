// SPDX-License-Identifier: Apache-2.0
// The messages of a lockstep run, beyond those of any job.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spice/lockstep.h"
#include "spice/protocol.h"

namespace mho::spice {

// What a worker reports at an event.
struct ObservedPoint {
    double time_second = 0;
    std::vector<double> observed;
};

// What the worker needs of a lockstep job; its clock edges and its block stay with the pool.
struct LockstepOrder {
    Job job;
    std::vector<ExternalSource> sources;
    std::vector<std::string> observed;
    double resolution_second = 0;
};

std::string encode(const LockstepOrder& order);
std::string encode(const ObservedPoint& point);
std::string encode(const LockstepAction& action);

// Each throws Error(simulator) when malformed.
LockstepOrder decode_order(std::string_view payload);
ObservedPoint decode_point(std::string_view payload);
LockstepAction decode_action(std::string_view payload);

}  // namespace mho::spice
