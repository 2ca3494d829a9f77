// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_card.h"

#include <fmt/format.h>

#include <algorithm>

namespace mho::netlist {
namespace {

constexpr std::string_view kSeparators = " \t,";
constexpr std::string_view kWordEnds = " \t,()={'\"";
constexpr std::size_t kLongestShown = 60;

std::string shown(const Token& token) {
    if (token.kind == Token::Kind::end) return "the end of the card";
    if (token.text.size() > kLongestShown) {
        return fmt::format("'{} ...'", token.text.substr(0, kLongestShown));
    }
    return fmt::format("'{}'", token.text);
}

// Of the brace or quotation mark at `from`, or npos.
std::size_t closing(std::string_view text, std::size_t from) {
    if (text[from] != '{') return text.find(text[from], from + 1);
    int depth = 0;
    for (std::size_t at = from; at < text.size(); ++at) {
        if (text[at] == '{') ++depth;
        if (text[at] == '}' && --depth == 0) return at;
    }
    return std::string_view::npos;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

Card::Card(const SourceLine& line, std::string_view where) : line_(&line), where_(where) {
    split();
}

void Card::split() {
    const std::string_view text = line_->text;
    std::size_t at = text.find_first_not_of(kSeparators);
    while (at != std::string_view::npos) {
        const char c = text[at];
        std::size_t end = at + 1;
        if (c == '(' || c == ')' || c == '=') {
            tokens_.push_back({Token::Kind::symbol, std::string(1, c), at});
        } else if (c == '{' || c == '\'' || c == '"') {
            end = closing(text, at);
            if (end == std::string_view::npos) {
                fail_at(at, fmt::format("found '{}' without its end", c));
            }
            tokens_.push_back(
                {Token::Kind::quoted, lower_case(text.substr(at + 1, end - at - 1)), at});
            ++end;
        } else {
            end = std::min(text.find_first_of(kWordEnds, at + 1), text.size());
            tokens_.push_back({Token::Kind::word, lower_case(text.substr(at, end - at)), at});
        }
        at = text.find_first_not_of(kSeparators, end);
    }
    tokens_.push_back({Token::Kind::end, "", text.size()});
}

const Token& Card::peek(std::size_t ahead) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

bool Card::take_symbol(char symbol) {
    if (!peek().is(symbol)) return false;
    ++next_;
    return true;
}

Token Card::take_word(std::string_view what) {
    if (peek().kind != Token::Kind::word) fail_expected(peek(), what);
    return take();
}

void Card::expect_symbol(char symbol, std::string_view what) {
    if (!take_symbol(symbol)) fail_expected(peek(), what);
}

void Card::expect_end() {
    if (!done()) fail_expected(peek(), "the end of the card");
}

std::string_view Card::rest() const {
    return std::string_view(line_->text).substr(peek().at);
}

void Card::fail(std::string_view message) const {
    fail_at(0, message);
}

void Card::fail(const Token& token, std::string_view message) const {
    fail_at(token.at, message);
}

void Card::fail_at(std::size_t offset, std::string_view message) const {
    throw error_at(where_, line_->place(offset), message);
}

void Card::fail_expected(const Token& token, std::string_view what) const {
    fail(token, fmt::format("found {}, expected {}", shown(token), what));
}

}  // namespace mho::netlist
