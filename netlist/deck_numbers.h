// SPDX-License-Identifier: Apache-2.0
// Numbers, parameters and arithmetic of decks. Private to the deck reader.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "netlist/circuit.h"
#include "netlist/deck_card.h"

namespace mho::netlist {

// What a name means where a card stands: `numbers` of .param cards, and the parameters of the
// subcircuit, which hide them.
struct Scope {
    std::map<std::string, double, std::less<>> numbers;
    const Circuit* circuit = nullptr;  // none outside of circuits

    bool is_parameter(std::string_view name) const;
};

// The token as a number: "1.5k", the name of a .param, or, in braces or quotation marks, arithmetic
// of both with + - * / ^ ** ( ) and sqrt exp ln abs min max. Throws bad_input at the token when it
// is something else, not finite, or depends on a parameter of the subcircuit.
double number_of(const Card& card, const Token& token, const Scope& scope);

// The same, or a parameter of the subcircuit alone: {w}, 'w' or w.
Value value_of(const Card& card, const Token& token, const Scope& scope);

// Takes a number, a value; `what` is for the message when there is none.
double take_number(Card& card, const Scope& scope, std::string_view what);
Value take_value(Card& card, const Scope& scope, std::string_view what);

// Takes the rest of a .param card, "a=1 b={2*a}", into the scope.
void take_parameters(Card& card, Scope& scope);

}  // namespace mho::netlist
