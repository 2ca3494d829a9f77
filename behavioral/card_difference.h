// SPDX-License-Identifier: Apache-2.0
// What two cards have different, key by key.
#pragma once

#include <string>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// One key that differs. Lists of objects are matched by their "quantity"; lists of numbers count as
// one key, told by the entry that differs most.
struct CardDifference {
    std::string
        path;  // "readout.noise_volt_rms", "errors.settling.worst", "adc.transition_volt[7]"
    std::string first;  // its value in either card, shortest decimals; "-" where the card lacks it
    std::string second;
    // |second - first| over the larger magnitude, of numbers; infinite for anything else.
    double relative = 0;
};

// Every difference above `relative`, in the order of the file. With 0 every bit counts. Multi-line
// texts (the spec) are told line by line where they first differ. Both cards must pass check_card.
std::vector<CardDifference> card_differences(const ModelCard& first, const ModelCard& second,
                                             double relative = 0);

}  // namespace mho::behavioral
