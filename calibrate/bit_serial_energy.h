// SPDX-License-Identifier: Apache-2.0
// Energy by block of macros with integrators (BitSerialEnergy in behavioral/card.h).
#pragma once

#include <span>

#include "calibrate/bit_serial_run.h"
#include "calibrate/measure_adc.h"
#include "netlist/benches.h"

namespace mho::calibrate {

// From the first bit to the end of the ramp.
double bit_serial_second(const netlist::Spec& spec);

// From runs of netlist::bit_serial_steps_bench by steps and phases: what blocks take at rest is in
// proportion to time and columns, and goes on until the ramp ends; comparators and ramp convert as
// `adc` says. `card` gives the columns' currents.
behavioral::BitSerialEnergy fit_bit_serial_energy(std::span<const BitSerialRun> runs,
                                                  const AdcFit& adc, const netlist::Design& design,
                                                  const Campaign& campaign,
                                                  const behavioral::ModelCard& card);

}  // namespace mho::calibrate
