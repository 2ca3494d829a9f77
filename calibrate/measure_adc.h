// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Transients of single conversions.
struct AdcExperiment {
    netlist::ColumnTiming timing;
    std::vector<double> input_volt;
    std::vector<Campaign::Ticket> tickets;
};

// Input voltages spread over the ramp.
AdcExperiment plan_adc(const netlist::Design& design, Campaign& campaign);

struct AdcFit {
    behavioral::AdcModel model;
    double comparator_reset_watt = 0;  // while the ramp is held
    double comparator_conversion_joule = 0;  // of one conversion, at code 0
    double comparator_joule_per_code = 0;
    double ramp_reset_watt = 0;
    double ramp_conversion_joule = 0;
};
AdcFit fit_adc(const AdcExperiment& experiment, const netlist::Design& design,
               const Campaign& campaign);

// Random input voltages.
AdcExperiment plan_adc_check(const netlist::Design& design, std::uint64_t seed, Campaign& campaign);
void check_adc(const AdcExperiment& experiment, const netlist::Design& design,
               const behavioral::AdcModel& model, const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
