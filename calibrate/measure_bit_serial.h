// SPDX-License-Identifier: Apache-2.0
// Columns read by integrators (BitSerialModel in behavioral/card.h), measured in whole macros that
// stop when their sums are held.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "calibrate/bit_serial_run.h"
#include "calibrate/campaign.h"
#include "calibrate/integrator_noise.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

struct BitSerialExperiment {
    std::vector<BitSerialRun> runs;
    AdcExperiment adc;
    std::vector<double> below_volt;  // of other comparators, below one input of the converter
    std::vector<Campaign::Ticket> shared;
    IntegratorNoiseExperiment noise;
};

// Columns from the least to the largest states, whose gates are on in other numbers from bit to
// bit, so that every current follows every other; the same for every seed.
BitSerialExperiment plan_bit_serial(const netlist::Design& design, Campaign& campaign);
std::size_t bit_serial_fit_runs();

// Sets bit_serial, and what columns look like to the array (array.sense_ohm). The cell's law and
// the wires are in the card already.
void fit_bit_serial(const BitSerialExperiment& experiment, const netlist::Design& design,
                    const Campaign& campaign, behavioral::ModelCard& card);

// The design whose ramp serves the reference column too.
netlist::Design with_reference_column(netlist::Design design);

}  // namespace mho::calibrate
