// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "netlist/circuit.h"
#include "netlist/deck_analysis.h"
#include "netlist/deck_blocks.h"
#include "netlist/deck_card.h"
#include "netlist/deck_circuits.h"
#include "netlist/deck_numbers.h"

namespace mho::netlist {
namespace {

// The cards of a deck that belong to no circuit.
class CardReader {
  public:
    CardReader(const DeckBlocks& blocks, std::string_view where, Deck& deck)
        : blocks_(blocks), where_(where), deck_(deck) {}

    // First, since everything else may use them.
    const Scope& parameters() {
        for (const SourceLine* line : blocks_.cards) {
            if (line->kind != SourceLine::Kind::card) continue;
            Card card(*line, where_);
            if (card.take().text == ".param") take_parameters(card, scope_);
        }
        return scope_;
    }

    void read() {
        for (const SourceLine* line : blocks_.cards) {
            if (line->kind == SourceLine::Kind::library) {
                add_library(*line);
            } else {
                add_card(*line);
            }
        }
        for (const SourceLine* line : blocks_.commands) add_command(*line);
        for (const std::string& vectors : blocks_.wanted) append(wanted_, vector_list(vectors));
        if (!all_saved_) deck_.saved = wanted_.empty() ? saved_ : wanted_;
        if (!models_.empty()) deck_.libraries.push_back({"", "", models_});
        if (analysis_card_) check_analysis(*analysis_card_);
        for (const auto& [card, word] : measure_cards_) {
            if (analysis_card_ && word != analysis_word_) {
                card.fail(
                    fmt::format("found a measure of '{}', expected one of '{}', the deck's "
                                "analysis",
                                word, analysis_word_));
            }
        }
    }

  private:
    static void append(std::vector<std::string>& to, std::vector<std::string> more) {
        for (std::string& one : more) to.push_back(std::move(one));
    }

    void add_card(const SourceLine& line) {
        Card card(line, where_);
        const Token first = card.take();
        const std::string& word = first.text;
        if (word == ".param" || word == ".model") {
            models_ += line.raw;  // models may read them; the circuit has their numbers
        } else if (word == ".lib" || word == ".include" || word == ".inc") {
            add_file(card, line, word == ".lib");
        } else if (word == ".option" || word == ".options" || word == ".opt") {
            add_option(card);
        } else if (word == ".temp") {
            add_temperature(card);
        } else if (word == ".title") {
            deck_.title = std::string(card.rest());
        } else if (word == ".ic") {
            for (auto& one : take_initial(card, scope_)) deck_.initial_volt.push_back(one);
        } else if (word == ".nodeset") {
            for (auto& one : take_initial(card, scope_)) deck_.guessed_volt.push_back(one);
        } else if (word == ".save") {
            add_saved(card);
        } else if (word == ".meas" || word == ".measure") {
            add_measure(card);
        } else if (word.starts_with('.') && is_analysis(word.substr(1))) {
            add_analysis(card, word.substr(1));
        } else if (word != ".print" && word != ".plot" && word != ".width") {
            card.fail(first,
                      fmt::format("'{}' is not supported here, expected one of .param .model "
                                  ".lib .include .option .temp .ic .nodeset .save .meas .op .dc "
                                  ".tran .ac .noise .subckt .end",
                                  word));
        }
    }

    // "FILE, section NAME"
    void add_library(const SourceLine& line) {
        std::string_view text = line.text;
        if (text.starts_with(' ')) text.remove_prefix(1);
        constexpr std::string_view kSection = ", section ";
        const std::size_t at = text.rfind(kSection);
        Library library{std::string(text.substr(0, at)), "", line.raw};
        if (at != std::string_view::npos) library.section = text.substr(at + kSection.size());
        deck_.libraries.push_back(std::move(library));
    }

    // ".lib 'file' section"; the path keeps its case.
    void add_file(Card& card, const SourceLine& line, bool has_section) {
        const auto take_text = [&card, &line](std::string_view what) {
            const std::string_view rest = card.rest();
            if (rest.empty()) card.fail_expected(card.peek(), what);
            const bool quoted = card.peek().kind == Token::Kind::quoted;
            const std::size_t from = card.peek().at + (quoted ? 1 : 0);
            const std::size_t end =
                quoted ? line.text.find(line.text[from - 1], from)
                       : std::min(line.text.find_first_of(" \t", from), line.text.size());
            while (!card.done() && card.peek().at < end) (void)card.take();
            return line.text.substr(from, end - from);
        };
        Library library;
        library.file = take_text("a file");
        if (has_section) library.section = take_text("a section of the library");
        card.expect_end();
        deck_.libraries.push_back(std::move(library));
    }

    void add_option(Card& card) {
        const std::string text = lower_case(card.rest());
        if (text.empty()) card.fail_expected(card.peek(), "an option");
        if (text == "klu") {
            deck_.klu = true;
        } else {
            deck_.options.push_back(text);
        }
    }

    void add_temperature(Card& card) {
        if (std::exchange(has_temperature_, true)) {
            card.fail("found a second temperature, expected one");
        }
        deck_.temperature_celsius = take_number(card, scope_, "a temperature");
        card.expect_end();
    }

    void add_saved(Card& card) {
        std::vector<std::string> vectors = vector_list(card.rest());
        const bool everything = std::erase(vectors, "all") > 0;
        all_saved_ = all_saved_ || everything;
        append(saved_, std::move(vectors));
    }

    void add_measure(Card& card) {
        std::string word;
        deck_.measures.push_back(take_measure(card, word));
        measure_cards_.emplace_back(card, word);
    }

    void add_analysis(Card& card, const std::string& word) {
        if (analysis_card_) {
            card.fail(fmt::format("found '{}', a second analysis, expected one", word));
        }
        deck_.analysis = take_analysis(card, word, scope_);
        analysis_card_ = card;
        analysis_word_ = word;
    }

    // The commands that write_deck writes.
    void add_command(const SourceLine& line) {
        Card card(line, where_);
        const Token first = card.take();
        if (is_analysis(first.text)) {
            add_analysis(card, first.text);
        } else if (first.text == "meas") {
            add_measure(card);
        } else if (first.text == "pre_osdi") {
            if (card.done()) card.fail_expected(card.peek(), "a file");
            deck_.osdi_models.emplace_back(line.text.substr(card.peek().at));
        } else if (first.text != "set" && first.text != "print" && first.text != "run") {
            card.fail(first, fmt::format("the command '{}' is not supported here, expected set, "
                                         "print, meas, run or an analysis",
                                         first.text));
        }
    }

    void require_source(const Card& card, const std::string& name) const {
        const auto devices = deck_.circuit.devices();
        const bool known = std::any_of(devices.begin(), devices.end(), [&](const Device& device) {
            return device.name == name && (std::holds_alternative<VoltageSource>(device.body) ||
                                           std::holds_alternative<CurrentSource>(device.body));
        });
        if (known) return;
        card.fail(
            fmt::format("found '{}' in the analysis, expected an independent source of the "
                        "top circuit",
                        name));
    }

    void check_analysis(const Card& card) const {
        if (const auto* sweep = std::get_if<DcSweep>(&deck_.analysis)) {
            require_source(card, sweep->source);
        } else if (const auto* noise = std::get_if<Noise>(&deck_.analysis)) {
            require_source(card, noise->input_source);
            card.located([&] { (void)deck_.circuit.find_net(noise->output); });
        }
    }

    const DeckBlocks& blocks_;
    std::string where_;
    Deck& deck_;
    Scope scope_;
    std::string models_;
    std::vector<std::string> saved_;
    std::vector<std::string> wanted_;
    bool all_saved_ = false;
    bool has_temperature_ = false;
    std::optional<Card> analysis_card_;
    std::string analysis_word_;
    std::vector<std::pair<Card, std::string>> measure_cards_;
};

// Fills the deck; the subcircuit `name` too, if one is asked for.
Definition read_blocks(const DeckBlocks& blocks, std::string_view where, std::string_view name,
                       Deck& deck) {
    CardReader cards(blocks, where, deck);
    deck.circuit = build_circuit(blocks, where, cards.parameters());
    Definition wanted;
    if (!name.empty()) wanted = build_subcircuit(blocks, where, cards.parameters(), name);
    cards.read();
    return wanted;
}

}  // namespace

Deck read_deck(std::string_view text, std::string_view where) {
    const DeckSource source = split_deck(text, where);
    const DeckBlocks blocks = divide_deck(source);
    Deck deck;
    deck.title = source.title.empty() ? "untitled" : source.title;
    deck.comments = blocks.comments;
    read_blocks(blocks, where, "", deck);
    return deck;
}

Subcircuit read_subcircuit(std::string_view text, std::string_view where, std::string_view name) {
    // Lines behind an .end of its own are ignored.
    const DeckSource source = split_deck(std::string(text) + "\n.end\n", where);
    if (lower_case(source.title).starts_with(".subckt")) {
        throw error_at(
            where, {1, 1},
            "found .subckt in the first line, which is the title of a SPICE file; expected "
            "a line of text before it");
    }
    const DeckBlocks blocks = divide_deck(source);
    Deck deck;
    Definition definition = read_blocks(blocks, where, lower_case(name), deck);
    return {std::move(definition), std::move(deck.libraries)};
}

}  // namespace mho::netlist
