// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measurement.h"
#include "netlist/mismatch.h"

namespace mho::calibrate {

// How many conversions a curve is fitted to, and how.
struct AdcEffort {
    int conversions = 25;
    int degree = 9;    // of the counter as a polynomial of the input voltage
    double inset = 0;  // part of the range left out at either end
};

// Transients of single conversions.
struct AdcExperiment {
    AdcEffort effort;
    netlist::ColumnTiming timing;
    std::vector<double> input_volt;
    std::vector<Campaign::Ticket> tickets;
};

// Input voltages spread over the ramp; one draw of mismatch in all of them, or none.
AdcExperiment plan_adc(const netlist::Design& design, Campaign& campaign,
                       const AdcEffort& effort = {},
                       const std::optional<netlist::MismatchDraw>& draw = {});

struct AdcFit {
    behavioral::AdcModel model;
    // Of one comparator at a counter with its fraction: [0] + [1] counter + [2] counter^2.
    std::array<double, 3> comparator_reset_watt = {};        // while the ramp is held
    std::array<double, 3> comparator_conversion_joule = {};  // of one conversion
    double ramp_reset_watt = 0;
    double ramp_conversion_joule = 0;
    std::size_t explained = 0;  // conversions whose code is that of the model
    double residual_lsb = 0;    // largest distance of a conversion from it
};
AdcFit fit_adc(const AdcExperiment& experiment, const netlist::Design& design,
               const Campaign& campaign);

// For each input what the comparator and its share of the ramp take: one conversion with the reset
// before it.
std::vector<double> conversion_joules(const AdcExperiment& experiment,
                                      const netlist::Design& design, const Campaign& campaign);

// Counters at the trips, in codes with their fraction, one for each input. Throws Error(simulator)
// where the comparator does not trip.
std::vector<double> read_counters(const AdcExperiment& experiment, const netlist::Design& design,
                                  const Campaign& campaign);

// Random input voltages.
AdcExperiment plan_adc_check(const netlist::Design& design, std::uint64_t seed, Campaign& campaign);
void check_adc(const AdcExperiment& experiment, const netlist::Design& design,
               const behavioral::AdcModel& model, const Campaign& campaign, Evidence& evidence);

}  // namespace mho::calibrate
