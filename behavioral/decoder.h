// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "behavioral/card.h"

namespace mho::behavioral {

// Digital side of the converter: current ~ ampere_at_code_zero + ampere_per_code * code.
struct Decoder {
    double ampere_at_code_zero = 0;
    double ampere_per_code = 0;  // negative: the read-out inverts

    double ampere(double code) const { return ampere_at_code_zero + ampere_per_code * code; }
};

// Least-squares line through the currents at the middle of every inner code (1 .. 2^bits - 2)
// whose middle lies in the read-out's fitted range; all inner codes when fewer than two do.
// Throws bad_input like check_card.
Decoder make_decoder(const ModelCard& card);

}  // namespace mho::behavioral
