// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "behavioral/card.h"

namespace mho::test {

// A plausible card with every field set, converter errors included; `id` varies all numbers.
inline behavioral::ModelCard some_card(int rows, int columns, std::uint32_t id = 0) {
    RandomStream random(21, RandomPurpose::test, id);
    const auto near = [&](double value) { return value * random.uniform(0.9, 1.1); };
    behavioral::ModelCard card;
    card.cell = {near(5e3), near(-0.3), near(0.1), near(1e-6), near(40e-6), near(0.3)};
    card.array = {rows, columns, near(1.5), near(1), near(150), near(20)};
    card.driver = {8, near(0.1), near(0.35), id % 2 == 0 ? 0 : near(0.5)};
    card.readout = {near(2e-4), near(10e3),  near(0.35), near(200),
                    near(-2e7), near(25e-6), near(3e-4)};
    card.adc.bits = 8;
    card.adc.ideal_low_volt = 0.1;
    card.adc.ideal_high_volt = 0.6;
    for (int k = 1; k < 256; ++k) {
        card.adc.transition_volt.push_back(0.1 + (k + random.uniform(-0.3, 0.3)) * 0.5 / 256);
    }
    card.adc.noise_volt_rms = near(1e-3);
    card.adc.regeneration_second = near(15e-12);
    card.adc.unresolved_volt = near(1e-12);
    card.adc.mismatch = {50, near(0.01), near(0.03), {}, {near(1e-4), near(1e-4), near(1e-5)}};
    for (int bit = 0; bit < 8; ++bit) card.adc.mismatch.bit_volt_rms.push_back(near(1e-5) * bit);
    card.energy = {near(1e-14), 2e-14,       near(50e-6), near(1.1),   near(0.9),
                   near(5e-15), near(1e-17), near(1e-20), near(1e-12), 16};
    const auto dynamics = [&](double ampere) -> behavioral::ReadoutDynamics {
        return {
            ampere, {near(1e-9), near(2e-19)}, {near(100), near(1e-6)}, {near(-1e4), near(1e-7)}};
    };
    card.timing = {near(1e-10),      near(2e-15), dynamics(-1e-5), dynamics(0), dynamics(1e-5),
                   {dynamics(5e-6)}, near(20e-9), near(260e-9),    {}};
    card.conditions = {{"tt", "ss"}, {-40, 27}, {1}, {{"array.driver_ohm", {1, 2, 3, 4}}}};
    card.mismatch = {near(3e-3), near(1e-4), near(2e-3), 100};
    card.programming = {near(0.1), near(0.01), near(1e-4), near(-1e-6), "a \"quoted\" source"};
    card.validity = {{"cell_voltage", "V", -near(0.3), near(0.3)}};
    card.errors = {{"readout", "LSB", near(0.1), near(0.3), near(0.5), 40, "64 columns", near(0.2)},
                   {"energy", "relative", near(0.01), near(0.03), 0.05, 12, "two sizes"}};
    card.held_out = {{"readout", "V", {near(0.1), near(0.2)}, {near(0.1), near(0.2)}},
                     {"empty", "V", {}, {}}};
    card.provenance = {"0.1.0",    "46, KLU", "example",         "0123abcd", "[array]\nrows = 64\n",
                       "some, tt", 27,        ~std::uint64_t{0}, 321};
    return card;
}

}  // namespace mho::test
