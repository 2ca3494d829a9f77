// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_blocks.h"

#include <fmt/format.h>

#include "netlist/deck_card.h"
#include "netlist/deck_format.h"
#include "netlist/value.h"

namespace mho::netlist {
namespace {

// A comment's text without "* ".
constexpr std::string_view behind_star(std::string_view start) {
    return start.substr(2);
}

std::string first_word(const SourceLine& line) {
    return lower_case(std::string_view(line.text).substr(0, line.text.find_first_of(" \t(=,")));
}

class Divider {
  public:
    explicit Divider(const DeckSource& source) : source_(source) {}

    DeckBlocks divide() {
        std::size_t first = 0;
        const auto& lines = source_.lines;
        while (first < lines.size() && lines[first].kind == SourceLine::Kind::comment) {
            blocks_.comments.push_back(lines[first++].text);
        }
        for (std::size_t k = first; k < lines.size(); ++k) {
            add(lines[k]);
            before_ = &lines[k];
        }
        if (inside_ != nullptr) fail(*inside_->head, "found .subckt without .ends");
        if (control_ != nullptr) fail(*control_, "found .control without .endc");
        return std::move(blocks_);
    }

  private:
    [[noreturn]] void fail(const SourceLine& line, std::string_view message) const {
        throw error_at(source_.where, line.place(), message);
    }

    void add(const SourceLine& line) {
        switch (line.kind) {
            case SourceLine::Kind::blank:
                break;
            case SourceLine::Kind::comment:
                add_comment(line);
                break;
            case SourceLine::Kind::library:
                blocks_.cards.push_back(&line);
                break;
            case SourceLine::Kind::card:
                add_card(line);
                break;
        }
    }

    void add_comment(const SourceLine& line) {
        const std::string_view text = line.text;
        const bool below_heading = before_ != nullptr &&
                                   before_->kind == SourceLine::Kind::comment &&
                                   before_->text.starts_with(fmt::format(
                                       "{}{} ", behind_star(kHeadingStart), kCircuitHeading));
        if (text.starts_with(behind_star(kWantedStart))) {
            blocks_.wanted.emplace_back(text.substr(behind_star(kWantedStart).size()));
        } else if (text.starts_with(behind_star(kSectionStart))) {
            circuit().body.push_back(&line);
        } else if (below_heading) {
            name_top(text);
        }
    }

    // "bench" or "bench: what it is for"
    void name_top(std::string_view text) {
        const std::size_t colon = text.find(':');
        const std::string_view name = text.substr(0, colon);
        if (!is_spice_name(name)) return;
        blocks_.top.name = name;
        if (colon != std::string_view::npos) blocks_.top.description = behind_colon(text, colon);
    }

    static std::string behind_colon(std::string_view text, std::size_t colon) {
        text.remove_prefix(colon + 1);
        if (text.starts_with(' ')) text.remove_prefix(1);
        return std::string(text);
    }

    CircuitLines& circuit() { return inside_ == nullptr ? blocks_.top : *inside_; }

    void add_card(const SourceLine& line) {
        const std::string word = first_word(line);
        if (control_ != nullptr) {
            if (word == ".endc") {
                control_ = nullptr;
            } else {
                blocks_.commands.push_back(&line);
            }
        } else if (word == ".control") {
            if (inside_ != nullptr) fail(line, "found .control inside of a subcircuit");
            control_ = &line;
        } else if (word == ".subckt") {
            open(line);
        } else if (word == ".ends") {
            close(line);
        } else if (!word.starts_with('.') || (inside_ != nullptr && word == ".param")) {
            circuit().body.push_back(&line);
        } else if (inside_ != nullptr) {
            fail(line, fmt::format("'{}' inside of a subcircuit is not supported here, expected "
                                   "elements, .param or .ends",
                                   word));
        } else {
            blocks_.cards.push_back(&line);
        }
    }

    void open(const SourceLine& line) {
        if (inside_ != nullptr) {
            fail(line, fmt::format("found .subckt inside of subcircuit '{}', expected .ends first",
                                   inside_->name));
        }
        Card card(line, source_.where);
        (void)card.take();
        const Token name = card.take_word("a name");
        const auto [place, is_new] = blocks_.subcircuits.emplace(name.text, CircuitLines{});
        if (!is_new) card.fail(name, fmt::format("there are two subcircuits '{}'", name.text));
        inside_ = &place->second;
        inside_->head = &line;
        inside_->name = name.text;
        const std::string start = name.text + ": ";
        if (before_ != nullptr && before_->kind == SourceLine::Kind::comment &&
            before_->text.starts_with(start)) {
            inside_->description = before_->text.substr(start.size());
        }
    }

    void close(const SourceLine& line) {
        if (inside_ == nullptr) fail(line, "found .ends outside of a subcircuit");
        Card card(line, source_.where);
        (void)card.take();
        if (!card.done()) {
            const Token name = card.take();
            if (name.text != inside_->name) {
                card.fail_expected(name, fmt::format("'{}'", inside_->name));
            }
            card.expect_end();
        }
        inside_ = nullptr;
    }

    const DeckSource& source_;
    DeckBlocks blocks_;
    CircuitLines* inside_ = nullptr;
    const SourceLine* control_ = nullptr;
    const SourceLine* before_ = nullptr;
};

}  // namespace

DeckBlocks divide_deck(const DeckSource& source) {
    return Divider(source).divide();
}

}  // namespace mho::netlist
