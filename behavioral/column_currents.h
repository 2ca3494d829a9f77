// SPDX-License-Identifier: Apache-2.0
// Column currents of a card's network: its cell law in its wires and terminations, solved by
// Newton. What inference runs on (behavioral/column_map.h) is a linearisation of this.
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// vectors x columns, ampere into each read-out. `states`: array.rows x array.columns, siemens; in
// topology c twice as many columns, 2j the positive and 2j + 1 the negative cells of bitline j.
// `inputs`: array.rows x vectors, volt about the common mode (a), or gates, 0 or 1 (b, c). The
// array's sizes are those of `states`; of the card, cell, driver and the array's resistances count.
// Drivers that change their resistance with their level v act as driven with
// v - R resistance_per_volt v I, I their current. Throws bad_input on wrong shapes,
// Error(bad_result) when the network does not converge.
Eigen::MatrixXd column_currents(const ModelCard& card, const Eigen::MatrixXd& states,
                                const Eigen::MatrixXd& inputs);

}  // namespace mho::behavioral
