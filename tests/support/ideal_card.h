// SPDX-License-Identifier: Apache-2.0
// Cards made by hand, so that inference can be tested without SPICE.
#pragma once

#include <cmath>

#include "behavioral/card.h"

namespace mho::test {

// Transitions of an ideal converter: code k covers one step of (high - low) / 2^bits from low on.
inline behavioral::AdcModel ideal_adc(int bits, double low_volt, double high_volt) {
    behavioral::AdcModel adc;
    adc.bits = bits;
    adc.ideal_low_volt = low_volt;
    adc.ideal_high_volt = high_volt;
    const double step = (high_volt - low_volt) / std::ldexp(1.0, bits);
    for (int k = 1; k < 1 << bits; ++k) adc.transition_volt.push_back(low_volt + k * step);
    return adc;
}

// No wires, no terminations, no access device, linear read-out without noise, ideal programming,
// and a 16-bit converter that spans current_max_ampere.
inline behavioral::ModelCard ideal_card(int rows, int columns) {
    behavioral::ModelCard card;
    card.cell.g_min_siemens = 1e-6;
    card.cell.g_max_siemens = 41e-6;
    card.cell.v_max_volt = 0.2;
    card.array.rows = rows;
    card.array.columns = columns;
    card.driver.bits = 8;
    card.driver.amplitude_volt = 0.1;
    card.driver.common_mode_volt = 0.35;
    card.readout.transimpedance_ohm = 5e3;
    card.readout.offset_volt = 0.35;
    card.readout.current_max_ampere = 60e-6;
    card.adc = ideal_adc(16, 0.05, 0.65);
    card.energy.row_switch_joule = 1e-15;
    card.energy.readout_static_watt = 10e-6;
    card.energy.readout_sourced_volt = 0.75;
    card.energy.readout_sunk_volt = 0.35;
    card.energy.comparator_joule = 50e-15;
    card.energy.comparator_joule_per_code = 1e-16;
    card.energy.ramp_joule = 1e-12;
    card.energy.ramp_shared_by = columns;
    card.timing.settle_second = 20e-9;
    card.timing.conversion_second = 260e-9;
    card.programming.source = "ideal";
    card.provenance.mho_version = "test";
    card.provenance.spec_name = "ideal";
    card.provenance.temperature_celsius = 27;
    return card;
}

// The same with everything a real array has, in amounts typical of a 40 nm 1T1R array.
inline behavioral::ModelCard lossy_card(int rows, int columns) {
    behavioral::ModelCard card = ideal_card(rows, columns);
    card.cell.access_ohm = 2.5e3;
    card.cell.access_per_volt = 0.3;
    card.cell.access_per_volt_squared = 0.5;
    card.array.row_segment_ohm = 1.0;
    card.array.column_segment_ohm = 1.0;
    card.array.driver_ohm = 200;
    card.array.sense_ohm = 50;
    card.readout.transimpedance_ohm = 10e3;
    card.readout.quadratic_per_ampere = 20;
    card.readout.cubic_per_ampere_squared = 1e6;
    card.readout.current_max_ampere = 25e-6;
    card.readout.noise_volt_rms = 2e-4;
    card.adc = ideal_adc(8, 0.1, 0.6);
    card.programming.c0 = 0.2;
    card.programming.c1 = 0.02;
    card.programming.source = "two per cent and 0.2 microsiemens";
    return card;
}

}  // namespace mho::test
