// SPDX-License-Identifier: Apache-2.0
// The pool's end of one lockstep run.
#pragma once

#include <cstddef>

#include "spice/lockstep.h"
#include "spice/lockstep_protocol.h"

namespace mho::spice {

// Throws Error(bad_input) naming the job's label: no block, a source or edge that makes no sense,
// an analysis that is no plain transient.
void check(const LockstepJob& job);

class LockstepRun {
  public:
    // Makes the block. `job` must outlive this and have passed check().
    explicit LockstepRun(const LockstepJob& job);

    // What the worker needs; the netlist on a rung of the ladder is the caller's to put in.
    LockstepOrder order() const;

    // Calls the block. The action's next time is that of the next edge where that is earlier.
    // Throws Error(bad_input) naming label and time for an action that makes no sense,
    // Error(simulator) for an event that was not agreed, and what the block throws.
    LockstepAction answer(const ObservedPoint& point);

  private:
    void check_action(const LockstepAction& action) const;
    bool take_edge();

    const LockstepJob* job_;
    double resolution_second_;
    LockstepBlock block_;
    double now_second_ = 0;
    double asked_second_ = 0;      // by the block
    std::size_t edges_taken_ = 0;  // of job_->edge_second
};

}  // namespace mho::spice
