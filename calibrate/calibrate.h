// SPDX-License-Identifier: Apache-2.0
// From a spec to a card: plans SPICE runs, measures, fits the behavioural models, and measures the
// error of each on runs that no fit has seen (docs/calibration.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/progress.h"
#include "behavioral/card.h"
#include "netlist/spec.h"

namespace mho::calibrate {

struct CalibrateOptions {
    std::uint64_t seed = 1;              // states, inputs and operating points of all runs
    std::size_t workers = 0;             // SPICE processes; 0: one per hardware thread
    std::filesystem::path cache_folder;  // results of SPICE runs; empty: no cache
    ProgressCallback progress = {};
};

struct RunCount {
    std::size_t spice_runs = 0;
    std::size_t cached_runs = 0;
    double simulator_second = 0;  // wall time inside ngspice, summed over workers
    bool klu = false;             // this ngspice has the KLU solver
    double wall_second = 0;       // of the whole, where it was taken; else 0
    std::size_t workers = 1;      // SPICE processes

    // Of the workers' time, what no simulator used: planning, fits, waiting for the last run.
    double outside_share() const {
        return wall_second > 0 ? 1 - simulator_second / (wall_second * static_cast<double>(workers))
                               : 0;
    }
};

struct Calibration {
    behavioral::ModelCard card;
    RunCount runs;
};

// Throws Error(bad_input) for a spec that no circuit can be built from, Error(simulator) naming
// the run when ngspice fails. A missed tolerance is not an error here: it stands in the card.
// The card depends on spec, technology, seed and ngspice version only.
Calibration calibrate(const netlist::Spec& spec, const CalibrateOptions& options);

struct CardCheck {
    std::vector<behavioral::QuantityError> errors;
    RunCount runs;
};

enum class CheckDepth {
    all,
    blocks,  // cells and, where the card has one, the read-out: a second's work for any card
};

// Measures a card's errors again, on circuits drawn from another seed; fits nothing. Throws as
// calibrate does, and bad_input when spec or technology are not those that the card was made from.
CardCheck check(const behavioral::ModelCard& card, const CalibrateOptions& options,
                CheckDepth depth = CheckDepth::all);

}  // namespace mho::calibrate
