// SPDX-License-Identifier: Apache-2.0
// Whole macros with integrators, transistor by transistor, against the card.
#pragma once

#include <cstdint>
#include <vector>

#include "calibrate/campaign.h"
#include "calibrate/measure_bit_serial.h"
#include "calibrate/measurement.h"

namespace mho::calibrate {

// Random states and codes, none of them fitted; and conversions of random voltages.
struct BitSerialCheck {
    std::vector<BitSerialRun> macros;
    AdcExperiment adc;
};
inline constexpr int kBitSerialMacros = 3;

BitSerialCheck plan_bit_serial_check(const netlist::Design& design, std::uint64_t seed,
                                     Campaign& campaign);
void check_bit_serial(const BitSerialCheck& check, const netlist::Design& design,
                      const behavioral::ModelCard& card, const Campaign& campaign,
                      Evidence& evidence);

}  // namespace mho::calibrate
