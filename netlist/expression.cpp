// SPDX-License-Identifier: Apache-2.0
#include "netlist/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "netlist/word_text.h"

namespace mho::netlist {
namespace {

enum class TokenKind { word, number, symbol };

struct ExpressionToken {
    TokenKind kind;
    std::string_view text;
};

// Nothing when a character is not allowed in an expression.
std::optional<std::vector<ExpressionToken>> tokens_of(std::string_view text) {
    constexpr std::string_view kSymbols = "+-*/^()<>=!&|?:, ";
    std::vector<ExpressionToken> tokens;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        TokenKind kind = TokenKind::symbol;
        if (is_word_start(text[at])) {
            kind = TokenKind::word;
            while (end < text.size() && is_word(text[end])) ++end;
        } else if (is_digit(text[at]) || text[at] == '.') {
            kind = TokenKind::number;
            end = number_end(text, at);
        } else if (kSymbols.find(text[at]) == std::string_view::npos) {
            return std::nullopt;
        }
        if (text[at] != ' ') tokens.push_back({kind, text.substr(at, end - at)});
        at = end;
    }
    return tokens;
}

bool balanced(const std::vector<ExpressionToken>& tokens) {
    int depth = 0;
    for (const ExpressionToken& token : tokens) {
        if (token.text == "(") ++depth;
        if (token.text == ")" && --depth < 0) return false;
    }
    return depth == 0;
}

bool is_constant(std::string_view word) {
    constexpr std::array<std::string_view, 6> kConstants{"time", "temper", "hertz",
                                                         "pi",   "true",   "false"};
    return std::find(kConstants.begin(), kConstants.end(), word) != kConstants.end();
}

// Reads "( a )" or "( a , b )" behind v or i at `at`; returns the index of ")" or nothing.
std::optional<std::size_t> read_arguments(const std::vector<ExpressionToken>& tokens,
                                          std::size_t at, std::vector<std::string>& names) {
    std::size_t next = at + 2;
    while (next + 1 < tokens.size()) {
        const bool ground = tokens[next].text == "0";
        if (tokens[next].kind != TokenKind::word && !ground) return std::nullopt;
        names.emplace_back(tokens[next].text);
        if (tokens[next + 1].text == ")") return next + 1;
        if (tokens[next + 1].text != ",") return std::nullopt;
        next += 2;
    }
    return std::nullopt;
}

}  // namespace

ExpressionReads scan_expression(std::string_view expression) {
    ExpressionReads reads;
    const auto tokens = tokens_of(expression);
    if (!tokens) {
        reads.problem =
            "only lower case letters, digits and + - * / ^ ( ) < > = ! & | ? : , . are "
            "allowed";
    } else if (tokens->empty()) {
        reads.problem = "it is empty";
    } else if (!balanced(*tokens)) {
        reads.problem = "its parentheses do not match";
    }
    if (!reads.problem.empty()) return reads;
    for (std::size_t k = 0; k < tokens->size(); ++k) {
        const ExpressionToken& token = (*tokens)[k];
        if (token.kind != TokenKind::word) continue;
        const bool call = k + 1 < tokens->size() && (*tokens)[k + 1].text == "(";
        if (call && (token.text == "v" || token.text == "i")) {
            const auto end =
                read_arguments(*tokens, k, token.text == "v" ? reads.nets : reads.sources);
            if (!end) {
                reads.problem = fmt::format("{}( ) takes names", token.text);
                return reads;
            }
            k = *end;
        } else if (!call && !is_constant(token.text)) {
            reads.parameters.emplace_back(token.text);
        }
    }
    return reads;
}

std::string with_braced_parameters(std::string_view expression,
                                   const std::vector<std::string>& parameters) {
    std::string result;
    for (std::size_t at = 0; at < expression.size();) {
        std::size_t end = at + 1;
        if (is_digit(expression[at]) || expression[at] == '.') {
            end = number_end(expression, at);
        } else if (is_word_start(expression[at])) {
            while (end < expression.size() && is_word(expression[end])) ++end;
        }
        const std::string word(expression.substr(at, end - at));
        const bool inside_call = at >= 2 && expression[at - 1] == '(' &&
                                 (expression[at - 2] == 'v' || expression[at - 2] == 'i') &&
                                 (at < 3 || !is_word(expression[at - 3]));
        const bool found =
            std::find(parameters.begin(), parameters.end(), word) != parameters.end();
        result += found && !inside_call ? "{" + word + "}" : word;
        at = end;
    }
    return result;
}

}  // namespace mho::netlist
