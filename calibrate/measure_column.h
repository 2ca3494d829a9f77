// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// The whole chain in one transient: drivers, a column of cells with its wire, read-out, ramp and
// comparator. Nothing is fitted to these runs; they judge the finished card.
struct ColumnExperiment {
    struct Run {
        Eigen::VectorXd states;  // siemens
        Eigen::VectorXd codes;   // of the inputs
        Campaign::Ticket ticket = 0;
    };
    netlist::ColumnTiming timing;
    std::vector<Run> runs;
    // Of a SAR: conversions of known voltages, by which the margins of a column's trials tell the
    // voltage that it sampled.
    std::vector<double> known_volt;
    std::vector<Campaign::Ticket> known;
};
ColumnExperiment plan_columns(const netlist::Design& design, double settle_second,
                              std::uint64_t seed, Campaign& campaign);

// Codes and energy of the runs against a tile compiled from the card.
void check_columns(const ColumnExperiment& experiment, const netlist::Design& design,
                   const behavioral::ModelCard& card, const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
