// SPDX-License-Identifier: Apache-2.0
// Element cards as devices of a circuit. Private to the deck reader.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netlist/circuit.h"
#include "netlist/deck_card.h"
#include "netlist/deck_names.h"
#include "netlist/deck_numbers.h"

namespace mho::netlist {

// Finds the subcircuit that an X card names; null when there is none.
using FindDefinition = std::function<Definition(const std::string& name)>;

// The expression of a B card as Circuit takes it: names of .param cards replaced by their numbers,
// braces and quotation marks round words and arithmetic taken off, nets renamed.
std::string expression_of(const Card& card, std::string_view text, const Scope& scope);

// Adds element cards to one circuit.
class ElementReader {
  public:
    // `numbers` are those of the .param cards that the circuit sees. The circuit and the ports'
    // names in `names` have to live longer.
    ElementReader(Circuit& circuit, NetNames names, Scope scope, FindDefinition find);

    // Throws bad_input naming the place.
    void add(const SourceLine& line, std::string_view where);

    // A B card that reads the current of a source further down waits for it. Afterwards all stand
    // behind the other devices.
    void add_waiting();

    Scope& scope() { return scope_; }

  private:
    struct TwoPins {
        NetId plus, minus;
    };
    NetId take_net(Card& card);
    NetId net_of(Card& card, const Token& token, std::string_view net);
    TwoPins take_pair(Card& card);
    void passive(Card& card, const std::string& name);
    void source(Card& card, const std::string& name);
    void mosfet(Card& card, const std::string& name);
    // The rest of an X or N card.
    struct Called {
        std::vector<NetId> nets;
        Token used;
        std::vector<ParameterValue> parameters;
    };
    Called take_call(Card& card, std::string_view expected);
    void instance(Card& card, const std::string& name);
    void compiled_model(Card& card, const std::string& name);
    void behavioural(Card& card, const std::string& name);
    void code_model(Card& card, const std::string& name);

    struct Waiting {
        Card card;
        std::string name;
        TwoPins pins;
        BehaviouralSource::Kind kind;
        std::string expression;
    };
    void add_behavioural(const Waiting& one);

    Circuit& circuit_;
    NetNames names_;
    Scope scope_;
    FindDefinition find_;
    std::vector<Waiting> waiting_;
};

}  // namespace mho::netlist
