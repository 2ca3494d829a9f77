// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "base/progress.h"
#include "netlist/deck.h"
#include "spice/pool.h"

namespace mho::calibrate {

// A set of SPICE runs that grows: submit decks, run what is pending in one parallel batch, read
// the results by ticket.
class Campaign {
  public:
    using Ticket = std::size_t;

    // `planned` is the number of runs the progress bar counts to. Refers to the pool.
    Campaign(spice::Pool& pool, ProgressCallback progress, std::size_t planned);

    Ticket submit(const netlist::Deck& deck);
    // The same for make_deck(0), make_deck(1) .. of large circuits, which all cores build; makers
    // must not depend on each other.
    std::vector<Ticket> submit_all(std::size_t count,
                                   const std::function<netlist::Deck(std::size_t)>& make_deck);
    // Throws Error(simulator) that names a run that failed.
    void run();
    const spice::Waveforms& operator[](Ticket ticket) const { return results_.at(ticket); }
    std::size_t runs() const { return results_.size(); }

  private:
    spice::Pool& pool_;
    ProgressCallback progress_;
    std::size_t planned_;
    std::vector<spice::Job> pending_;
    std::deque<spice::Waveforms> results_;
};

}  // namespace mho::calibrate
