// SPDX-License-Identifier: Apache-2.0
// The circuits of a deck, built from its lines. Private to the deck reader.
#pragma once

#include <string_view>

#include "netlist/circuit.h"
#include "netlist/deck_blocks.h"
#include "netlist/deck_numbers.h"

namespace mho::netlist {

// The top circuit, with every subcircuit that it uses, at any depth up to 64; each is one
// definition however often it is used. `scope` has the numbers of the deck's .param cards. Throws
// bad_input naming the place.
Circuit build_circuit(const DeckBlocks& blocks, std::string_view where, const Scope& scope);

// The subcircuit of this name, likewise.
Definition build_subcircuit(const DeckBlocks& blocks, std::string_view where, const Scope& scope,
                            std::string_view name);

}  // namespace mho::netlist
