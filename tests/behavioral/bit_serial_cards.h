// SPDX-License-Identifier: Apache-2.0
// A macro with integrators whose numbers are round, so that tests can do its sums by hand.
#pragma once

#include "behavioral/card.h"
#include "behavioral/tables.h"

namespace mho::test {

// Ohmic cells of topology b without wires at 0.1 V; 3-bit inputs, 1 kohm a bit, sums that halve,
// and a 6-bit converter of 10 mV a code from 0 V.
inline behavioral::ModelCard bit_serial_card() {
    behavioral::ModelCard card;
    card.array_only = true;
    card.array.rows = 3;
    card.array.columns = 2;
    card.array.topology = behavioral::ArrayTopology::b;
    card.cell = table_law([](double v, double g) { return g * v; });
    card.driver = {3, 0.1, 0.35, 0};
    behavioral::BitSerialModel& model = card.bit_serial;
    model.integrator.bits = 3;
    model.integrator.start_volt = 0.1;
    model.integrator.bit_ampere = {0, 4e-6, 20e-6};
    model.integrator.bit_volt = {0, 0.12, 0.6};  // 30 kohm
    model.integrator.sum_keep = 0.5;
    model.integrator.sum_take = 0.5;
    model.integrator.held_offset_volt = 0.1;
    model.integrator.held_gain = 1;
    model.integrator.noise_volt_rms = 1e-4;
    model.integrator.current_max_ampere = 20e-6;
    model.adc.bits = 6;
    model.adc.ideal_low_volt = 0;
    model.adc.ideal_high_volt = 0.64;
    for (int k = 1; k < 64; ++k) model.adc.transition_volt.push_back(0.01 * k);
    model.sharing = {2, 0.35, 0, {-0.1, 0.1}, {0, 0}};
    model.energy.gate_joule = 1e-15;
    model.energy.integrator_joule = 1e-12;
    model.energy.comparator_joule = 1e-13;
    model.energy.ramp_joule = 2e-12;
    model.multiply_second = 1e-7;
    return card;
}

}  // namespace mho::test
