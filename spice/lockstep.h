// SPDX-License-Identifier: Apache-2.0
// Co-simulation of a transient in ngspice with blocks in C++: at agreed instants the transient
// waits, a block reads node voltages and source currents, and gives the deck's external sources new
// values. Pool::run_lockstep runs such jobs.
//
// Instants are time points of the transient (breakpoints), so a block sees the solution itself and
// an edge starts where it should. They are accepted points: what ngspice tries and rejects a block
// never sees. Between two instants a source rises or falls along a straight line and then stays.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "spice/job.h"

namespace mho::spice {

// A source "Vclk clk 0 external" or "Ireset 0 in external" of the deck; in a subcircuit
// "v.x1.vclk". ngspice knows no dc value beside it.
struct ExternalSource {
    std::string name;
    double initial = 0;  // volt or ampere, in the operating point and until it is driven
};

struct LockstepEvent {
    double time_second = 0;
    std::span<const double> observed;  // as LockstepJob::observed; volt or ampere
    bool at_edge = false;              // it is one of LockstepJob::edge_second
    double instant_second = 0;         // two times closer than this are one instant
};

// From the event on, a source moves to `value` in `rise_second` and stays there; one that is still
// moving starts from where it is.
struct Drive {
    std::size_t source = 0;  // index in LockstepJob::sources
    double value = 0;        // volt or ampere, finite
    double rise_second = 0;  // at least ten times lockstep_resolution_second()
};

struct LockstepAction {
    std::vector<Drive> drives;
    // When the block wants to be called next, besides edges; later than now.
    double next_second = std::numeric_limits<double>::infinity();
};

// Called at time 0 with the operating point, at every edge and at every time it asked for. What it
// throws leaves run_lockstep, and the run ends.
using LockstepBlock = std::function<LockstepAction(const LockstepEvent&)>;

struct LockstepJob {
    // A transient "tran STEP STOP" or "tran STEP STOP 0 MAXSTEP"; without "uic", since a block's
    // first event is the operating point. No alterations or inputs.
    Job job;
    std::vector<ExternalSource> sources;  // all that the deck has
    std::vector<std::string> observed;    // "v(out)", "v(a,b)", "i(vdd)", "@r1[i]"
    std::vector<double> edge_second;      // rising; from 0 on; those behind the end do not happen
    // Makes the block in the state it has at time 0: once, and again when a worker died or the job
    // climbs the ladder.
    std::function<LockstepBlock()> make_block;
};

// Two instants closer than ten times this count as one: 1e-16 s, a millionth of the transient's
// step where that is less, but not below what the times' own rounding allows (4e-14 of the stop
// time). Throws Error(bad_input) when the analysis is no transient as above.
double lockstep_resolution_second(const Job& job);

// Clock edges: `first`, `first` + `period`, ... up to `stop`, each computed from its number.
// Throws Error(bad_input) for a period that is not positive.
std::vector<double> clock_edges(double first_second, double period_second, double stop_second);

// Several blocks as one: each is called at time 0, at edges, and at the times that it asked for
// itself.
LockstepBlock together(std::vector<LockstepBlock> blocks);

}  // namespace mho::spice
