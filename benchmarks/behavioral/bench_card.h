// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "base/random.h"
#include "behavioral/card.h"

namespace mho::bench {

// A card with plausible numbers and a converter with INL and DNL, for timing only.
inline behavioral::ModelCard card(int rows, int columns) {
    behavioral::ModelCard card;
    card.cell = {5e3, -0.3, 0.1, 1e-6, 40e-6, 0.2};
    card.array = {rows, columns, 1.5, 1.0, 150, 20};
    card.driver = {8, 0.1, 0.35};
    card.readout = {1e-4, 10e3, 0.351, 40, -2e6, 30e-6, 0};
    card.adc.bits = 8;
    card.adc.ideal_low_volt = 0.1;
    card.adc.ideal_high_volt = 0.6;
    RandomStream random(1, RandomPurpose::test);
    for (int k = 1; k < 256; ++k) {
        card.adc.transition_volt.push_back(0.1 + (k + random.uniform(-0.2, 0.2)) * 0.5 / 256);
    }
    card.energy = {1e-14, 2e-14, 50e-6, 1.1, 1.1, 5e-15, 1e-17, 0, 1e-12, 64};
    card.timing.settle_second = 20e-9;
    card.timing.conversion_second = 260e-9;
    return card;
}

inline Eigen::MatrixXd conductances(Eigen::Index rows, Eigen::Index columns) {
    RandomStream random(2, RandomPurpose::test);
    return Eigen::MatrixXd::NullaryExpr(rows, columns, [&] { return random.uniform(1e-6, 40e-6); });
}

}  // namespace mho::bench
