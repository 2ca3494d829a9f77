// SPDX-License-Identifier: Apache-2.0
// SPICE decks as values: what write_deck and netlist_text write, and a subset of other people's
// decks. docs/formats/deck.md lists what is read.
#pragma once

#include <string_view>

#include "netlist/deck.h"

namespace mho::netlist {

// The deck in `text`. `where` names it in messages, usually its file. read_deck(write_deck(d), "")
// equals d if d's texts are in lower case (title, comments, descriptions, sections and paths may be
// in any), every net of its circuits is some device's or port's, and libraries that have a text are
// named by a file name without folder.
//
// Upper case is folded; a net's name that ours cannot be is mapped as deck_names.h says; .param
// cards and arithmetic are replaced by their numbers. Names of included files stay as they are.
// Without an analysis the deck has an operating point. Lines behind .end are ignored.
//
// Anything else than the subset is Error(bad_input), one line, "where:line:column: found ...,
// expected ...".
Deck read_deck(std::string_view text, std::string_view where);

// One .subckt with the libraries and models of its file.
struct Subcircuit {
    Definition definition;
    std::vector<Library> libraries;
};

// The .subckt `name` of a deck, whether or not the deck uses it; .end may be missing. Throws
// bad_input as read_deck does, and when there is no such .subckt.
Subcircuit read_subcircuit(std::string_view text, std::string_view where, std::string_view name);

}  // namespace mho::netlist
