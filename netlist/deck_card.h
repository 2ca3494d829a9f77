// SPDX-License-Identifier: Apache-2.0
// One card as tokens, read from left to right. Private to the deck reader.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/deck_source.h"

namespace mho::netlist {

struct Token {
    enum class Kind {
        word,    // in lower case
        quoted,  // what stands in { }, ' ' or " ", in lower case
        symbol,  // ( ) =
        end,     // behind the last one
    };
    Kind kind = Kind::end;
    std::string text;
    std::size_t at = 0;  // in the card's text

    bool is(char symbol) const { return kind == Kind::symbol && text.front() == symbol; }
};

// Blanks and commas separate. `line` has to live longer.
class Card {
  public:
    // Throws bad_input for a brace or quotation mark that is not closed.
    Card(const SourceLine& line, std::string_view where);

    const Token& peek(std::size_t ahead = 0) const;
    bool done() const { return peek().kind == Token::Kind::end; }
    Token take() { return tokens_.at(next_ + 1 < tokens_.size() ? next_++ : next_); }
    // Takes it when it is there.
    bool take_symbol(char symbol);
    // Throw bad_input, "found 'x', expected WHAT", when the next token is another.
    Token take_word(std::string_view what);
    void expect_symbol(char symbol, std::string_view what);
    void expect_end();

    const Token& first() const { return tokens_.front(); }
    // What has not been taken, as it stands there, in the case of the file.
    std::string_view rest() const;
    void skip_rest() { next_ = tokens_.size() - 1; }

    // Throws bad_input at the card's first byte, or at a token or an offset of its text.
    [[noreturn]] void fail(std::string_view message) const;
    [[noreturn]] void fail(const Token& token, std::string_view message) const;
    [[noreturn]] void fail_at(std::size_t offset, std::string_view message) const;
    // "found 'x', expected WHAT"
    [[noreturn]] void fail_expected(const Token& token, std::string_view what) const;

    // Calls f; an Error of it gets the card's place in front.
    template <typename F>
    decltype(auto) located(F&& f) const {
        try {
            return f();
        } catch (const Error& error) {
            fail(error.what());
        }
    }

  private:
    void split();

    const SourceLine* line_;
    std::string where_;
    std::vector<Token> tokens_;  // the last one is the end
    std::size_t next_ = 0;
};

std::string lower_case(std::string_view text);

}  // namespace mho::netlist
