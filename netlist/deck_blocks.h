// SPDX-License-Identifier: Apache-2.0
// The lines of a deck by what they belong to. Private to the deck reader.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/deck_format.h"
#include "netlist/deck_source.h"

namespace mho::netlist {

// The cards and comments of one circuit, in order.
struct CircuitLines {
    const SourceLine* head = nullptr;  // the .subckt card; none for the top
    std::string name;
    std::string description;
    std::vector<const SourceLine*> body;  // element and .param cards, section comments
};

struct DeckBlocks {
    std::vector<std::string> comments;  // right below the title
    CircuitLines top{nullptr, std::string(kTopName), "", {}};
    std::map<std::string, CircuitLines> subcircuits;
    std::vector<const SourceLine*> cards;     // of the deck as a whole, .model and libraries too
    std::vector<const SourceLine*> commands;  // inside .control ... .endc
    std::vector<std::string> wanted;          // texts of "* wanted: " comments
};

// `source` has to live longer. Throws bad_input for a subcircuit inside another, one without end
// or without name, two of one name, and a control block without end.
DeckBlocks divide_deck(const DeckSource& source);

}  // namespace mho::netlist
