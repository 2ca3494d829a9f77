// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "calibrate/campaign.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_driver.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// The runs that a card is fitted to, all in one round and the same for every seed; but cells whose
// law is a table choose theirs as they go.
struct CardExperiment {
    std::optional<CellExperiment> cell;  // with the access law
    DriverExperiment driver;
    ReadoutExperiment readout;
    AdcExperiment adc;  // of a ramp
    DynamicsExperiment dynamics;
    // Of a SAR: its converter's card, whose runs look for transitions and take rounds of their own.
    std::optional<behavioral::ModelCard> sar;
};
// Runs what is pending where the spec has a SAR.
CardExperiment plan_card(const netlist::Design& design, Campaign& campaign,
                         const AdcEffort& effort = {});
// All but the conversions.
std::size_t block_runs(const netlist::Spec& spec);

// The law of the cells; runs more rounds where it is a table.
behavioral::CellLaw fit_cell_law(const CardExperiment& experiment, const netlist::Design& design,
                                 Campaign& campaign);

// Every model of a card; no other conditions, mismatch, errors or provenance.
behavioral::ModelCard fit_card(const CardExperiment& experiment, const behavioral::CellLaw& cell,
                               const netlist::Design& design, const Campaign& campaign);

// Of an array alone: its cells' law.
behavioral::ModelCard fit_array_card(const netlist::Design& design, Campaign& campaign);

// Of an array whose columns are read by integrators.
behavioral::ModelCard fit_bit_serial_card(const netlist::Design& design, Campaign& campaign);

}  // namespace mho::calibrate
