// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// A number of a card by its key: "array.driver_ohm", "timing.resting.input_ohm[2]".
struct CardNumber {
    std::string key;
    double* value = nullptr;
};

// Every real number of the groups cell, array, driver, readout, energy and timing, in the order of
// the file. Refers to the card.
std::vector<CardNumber> card_numbers(ModelCard& card);

}  // namespace mho::behavioral
