// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <csignal>

#include "base/error.h"
#include "base/interrupt.h"
#include "spice/children.h"
#include "spice/lockstep_decks.h"

using namespace mho::spice;
using namespace mho::spice::test;

TEST_CASE("an interrupt ends a lockstep run between two events and leaves no worker busy") {
    LockstepJob job = driven_low_pass("tran 10p 1");
    int calls = 0;
    job.make_block = [&calls] {
        return [&calls](const LockstepEvent& event) {
            if (++calls == 100) std::raise(SIGINT);
            return LockstepAction{{{0, 0.5, 1e-10}}, event.time_second + 1e-9};
        };
    };
    mho::catch_interrupts();
    {
        Pool pool(with_workers(1));
        try {
            pool.run_lockstep({&job, 1});
            FAIL("the run must end");
        } catch (const mho::Error& error) {
            CHECK(error.kind() == mho::ErrorKind::interrupted);
        }
    }
    CHECK(calls < 200);
    CHECK(children().empty());
}
