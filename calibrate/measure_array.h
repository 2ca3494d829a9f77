// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// The largest array that is checked: the spec's own, or what [calibration] limits it to.
struct ArraySize {
    int rows = 0;
    int columns = 0;
};
ArraySize checked_size(const netlist::Spec& spec);

// Whole arrays at dc with every wire segment, cell and driver, sensed through the read-out's input
// resistance: two sizes, two kinds of states, several input vectors each.
struct ArrayExperiment {
    struct Run {
        Eigen::MatrixXd states;  // rows x columns, siemens
        Eigen::MatrixXd inputs;  // rows x vectors, volt
        Campaign::Ticket ticket = 0;
    };
    std::vector<Run> runs;
};
ArrayExperiment plan_arrays(const netlist::Design& design, double sense_ohm, std::uint64_t seed,
                            Campaign& campaign);

// Compares column currents with what inference runs on; of the card, cell, array and driver are
// used. Nothing is fitted.
void check_arrays(const ArrayExperiment& experiment, const netlist::Design& design,
                  const behavioral::ModelCard& card, const Campaign& campaign,
                  Evidence& evidence);

}  // namespace mho::calibrate
