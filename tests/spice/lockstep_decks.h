// SPDX-License-Identifier: Apache-2.0
// What tests of lockstep runs share.
#pragma once

#include <string>
#include <utility>

#include "spice/decks.h"
#include "spice/lockstep.h"

namespace mho::spice::test {

// 1 kohm and 1 pF behind the external source v1; observes v(out).
inline LockstepJob driven_low_pass(std::string analysis) {
    LockstepJob job;
    job.job = make_job("low pass\nV1 in 0 external\nR1 in out 1k\nC1 out 0 1p\n.end\n",
                       std::move(analysis), {"v(in)", "v(out)"});
    job.job.label = "low pass";
    job.sources = {{"v1", 0}};
    job.observed = {"v(out)"};
    return job;
}

inline JobResult run_lockstep(const LockstepJob& job) {
    Pool pool(with_workers(1));
    return pool.run_lockstep({&job, 1}).front();
}

}  // namespace mho::spice::test
