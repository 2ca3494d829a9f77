// SPDX-License-Identifier: Apache-2.0
// Decks of failed jobs, kept for their authors to look at.
#pragma once

#include <filesystem>
#include <string>

#include "spice/job.h"
#include "spice/pool.h"

namespace mho::spice {

// The job as a deck that `ngspice -b` runs: netlist, analysis, vectors to save, and in comments
// below the title what is not said there: label, status and message, alterations.
std::string failed_deck(const Job& job, const JobResult& result);

class FailedDecks {
  public:
    FailedDecks() = default;  // keeps none
    // In options.failed_folder, or "failed" in its cache folder.
    explicit FailedDecks(const PoolOptions& options);

    // Writes the deck and returns its path; "" when none are kept. Named by its content, so that a
    // campaign that fails again leaves no second one. Throws Error(system).
    std::string keep(const Job& job, const JobResult& result) const;

  private:
    std::filesystem::path folder_;
};

}  // namespace mho::spice
