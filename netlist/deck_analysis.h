// SPDX-License-Identifier: Apache-2.0
// Analysis and output cards of decks. Private to the deck reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "netlist/deck.h"
#include "netlist/deck_card.h"
#include "netlist/deck_numbers.h"

namespace mho::netlist {

// True for op, dc, tran and noise, without a point before them.
bool is_analysis(std::string_view word);

// Reads what follows the word: "vin 0 1 0.1", "1n 100n uic", "v(out) vin dec 10 1 1g". Throws
// bad_input for what Analysis cannot hold: a second sweep, a late start, points per octave.
Analysis take_analysis(Card& card, std::string_view word, const Scope& scope);

// "tran td when v(out)=0.5" behind ".meas"; the measure has to be of the deck's kind of analysis,
// which the caller compares: `analysis` becomes its word.
Measure take_measure(Card& card, std::string& analysis);

// "v(out) i(vin), @m1[id]" as vectors in lower case, nets renamed, without blanks in them.
std::vector<std::string> vector_list(std::string_view text);

// "v(out)=0.5 v(x1.n)=1" behind ".ic".
std::vector<std::pair<std::string, double>> take_initial(Card& card, const Scope& scope);

// v( ) and i( ) in an expression with their nets renamed, the rest as it is.
std::string with_renamed_nets(std::string_view expression);

}  // namespace mho::netlist
