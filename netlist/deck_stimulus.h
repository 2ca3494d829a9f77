// SPDX-License-Identifier: Apache-2.0
// What stands behind the nets of a V or I card. Private to the deck reader.
#pragma once

#include "netlist/deck_card.h"
#include "netlist/deck_numbers.h"
#include "netlist/device.h"

namespace mho::netlist {

// "1.5", "dc 1.5 ac 1 pulse(...)", pwl(...) or sin(...), in any order, to the end of the card.
// Throws bad_input for anything else, for a phase, and for a waveform with too few or too many
// numbers. A pulse without a period, or with one of 1e9 s and more, happens once.
Stimulus take_stimulus(Card& card, const Scope& scope);

}  // namespace mho::netlist
