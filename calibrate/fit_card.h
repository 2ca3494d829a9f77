// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/campaign.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_driver.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// The runs that a card is fitted to, all in one round and the same for every seed.
struct CardExperiment {
    CellExperiment cell;
    DriverExperiment driver;
    ReadoutExperiment readout;
    AdcExperiment adc;
    DynamicsExperiment dynamics;
};
CardExperiment plan_card(const netlist::Design& design, Campaign& campaign,
                         const AdcEffort& effort = {});
// All but the conversions.
inline constexpr std::size_t kBlockRuns = 9;

// Every model of a card; no other conditions, mismatch, errors or provenance.
behavioral::ModelCard fit_card(const CardExperiment& experiment, const netlist::Design& design,
                               const Campaign& campaign);

}  // namespace mho::calibrate
