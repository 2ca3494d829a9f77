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
    bool operator==(const ArraySize&) const = default;
};
ArraySize checked_size(const netlist::Spec& spec);

// The sizes that are checked, the largest first. 1T1R columns: that one and its half. Others: 16 x
// 16, 32 x 32 .. below it too, and, where bitlines do not touch (topologies b and c), one bitline
// of all rows.
std::vector<ArraySize> array_sizes(const netlist::Spec& spec);

// Whole arrays at dc with every wire segment and cell: of every size two kinds of states, several
// input vectors each. Cards of columns (card_design.h): with drivers, sensed through the read-out's
// input resistance.
struct ArrayExperiment {
    struct Run {
        ArraySize size;
        Eigen::MatrixXd states;  // rows x cells, siemens
        Eigen::MatrixXd inputs;  // rows x vectors, volt, or gates of 0 and 1
        Campaign::Ticket ticket = 0;
    };
    std::vector<Run> runs;
};
ArrayExperiment plan_arrays(const netlist::Design& design, double sense_ohm, std::uint64_t seed,
                            Campaign& campaign);

// Compares column currents with the card's network, and, for cards of columns, with what inference
// runs on: the quantities column_current and tile_current, or the latter alone, under the former's
// name, where cells have the access law; then column_current_<rows>x<columns> of each size. Of the
// card, cell, array and driver are used. Nothing is fitted. Full scale is the current that fills
// the converter, or, without one, the largest column current of the size in SPICE.
void check_arrays(const ArrayExperiment& experiment, const netlist::Design& design,
                  const behavioral::ModelCard& card, const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
