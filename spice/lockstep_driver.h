// SPDX-License-Identifier: Apache-2.0
// The worker's end of a lockstep run: watches the accepted points of the transient, asks for new
// source values at events, and sets ngspice's breakpoints.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "spice/external_sources.h"
#include "spice/lockstep_protocol.h"
#include "spice/request.h"

struct vecvaluesall;

namespace mho::spice {

class LockstepDriver {
  public:
    using Exchange = std::function<LockstepAction(const ObservedPoint&)>;

    // `sources` must outlive this.
    LockstepDriver(const LockstepOrder& order, ExternalSources& sources, Exchange exchange);

    // An accepted point. Throws Error(simulator) when a vector that is observed is missing or not
    // finite or ngspice steps over an event, Error(bad_input) when the deck's external sources are
    // others than the order's.
    void accept(const vecvaluesall& point);

    // The options that the deck needs: ngspice merges breakpoints closer than this.
    static std::string options(const LockstepOrder& order);

  private:
    struct Observed {
        std::string name;
        std::size_t first = 0, second = 0;  // vectors of the plot; kGround is 0 V
        bool is_difference = false;
    };
    void find_vectors(const vecvaluesall& point);
    void exchange_at(double time_second, const vecvaluesall& point);

    std::vector<VectorRequest> requests_;
    double resolution_second_;
    ExternalSources& sources_;
    Exchange exchange_;
    std::vector<Observed> observed_;
    std::size_t time_index_ = 0;
    bool started_ = false;
    double next_second_ = 0;
};

}  // namespace mho::spice
