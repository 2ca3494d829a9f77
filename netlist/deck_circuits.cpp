// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_circuits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "netlist/deck_card.h"
#include "netlist/deck_elements.h"
#include "netlist/deck_format.h"
#include "netlist/deck_names.h"

namespace mho::netlist {
namespace {

constexpr int kDeepestSubcircuit = 64;  // subcircuits inside each other

// Builds the circuits of a deck, each subcircuit when it is first used.
class CircuitBuilder {
  public:
    CircuitBuilder(const DeckBlocks& blocks, std::string_view where, const Scope& scope)
        : blocks_(blocks), where_(where), scope_(scope) {}

    Circuit top() {
        Circuit circuit(blocks_.top.name);
        fill(circuit, blocks_.top, NetNames());
        return circuit;
    }

    Definition subcircuit(std::string_view name) {
        if (Definition found = find(std::string(name))) return found;
        std::vector<std::string> names;
        for (const auto& known : blocks_.subcircuits) names.push_back(known.first);
        throw bad_input("{}: found no .subckt '{}', only {}", where_, name,
                        names.empty() ? "none at all" : fmt::format("{}", fmt::join(names, ", ")));
    }

  private:
    void fill(Circuit& circuit, const CircuitLines& lines, NetNames names) {
        circuit.describe(lines.description);
        ElementReader reader(circuit, std::move(names), scope_,
                             [this](const std::string& name) { return find(name); });
        for (const SourceLine* line : lines.body) {
            if (line->kind == SourceLine::Kind::comment) {
                const std::string title = line->text.substr(kSectionStart.size() - 2);
                if (!title.empty()) circuit.section(title);
            } else if (line->text.starts_with('.')) {
                Card card(*line, where_);
                (void)card.take();
                take_parameters(card, reader.scope());
            } else {
                reader.add(*line, where_);
            }
        }
        reader.add_waiting();
    }

    Definition find(const std::string& name) {
        const auto known = made_.find(name);
        if (known != made_.end()) return known->second;
        const auto lines = blocks_.subcircuits.find(name);
        if (lines == blocks_.subcircuits.end()) return nullptr;
        Card card(*lines->second.head, where_);
        if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
            card.fail(fmt::format("subcircuit '{}' contains itself", name));
        }
        if (open_.size() >= kDeepestSubcircuit) {
            card.fail(fmt::format("subcircuits are nested deeper than {}", kDeepestSubcircuit));
        }
        open_.push_back(name);
        Definition definition = build(card, lines->second);
        open_.pop_back();
        made_.emplace(name, definition);
        return definition;
    }

    // ".subckt name a b params: w=1u"
    Definition build(Card& card, const CircuitLines& lines) {
        (void)card.take();
        (void)card.take();
        NetNames names;
        std::vector<std::string> ports;
        while (card.peek().kind == Token::Kind::word && card.peek().text != "params:" &&
               !card.peek(1).is('=')) {
            const Token port = card.take();
            ports.push_back(names.add(port.text));
            if (ports.back().empty()) {
                card.fail(port, fmt::format("the port's name '{}' becomes that of another one",
                                            port.text));
            }
        }
        if (card.peek().text == "params:") (void)card.take();
        std::vector<ParameterValue> parameters;
        while (!card.done()) {
            const Token name = card.take_word("a parameter");
            card.expect_symbol('=', fmt::format("'=' behind '{}'", name.text));
            parameters.push_back({name.text, take_number(card, scope_, "a number")});
        }
        Circuit circuit =
            card.located([&] { return Circuit(lines.name, ports, std::move(parameters)); });
        fill(circuit, lines, std::move(names));
        return share(std::move(circuit));
    }

    const DeckBlocks& blocks_;
    std::string where_;
    Scope scope_;
    std::map<std::string, Definition> made_;
    std::vector<std::string> open_;
};

}  // namespace

Circuit build_circuit(const DeckBlocks& blocks, std::string_view where, const Scope& scope) {
    return CircuitBuilder(blocks, where, scope).top();
}

Definition build_subcircuit(const DeckBlocks& blocks, std::string_view where, const Scope& scope,
                            std::string_view name) {
    return CircuitBuilder(blocks, where, scope).subcircuit(name);
}

}  // namespace mho::netlist
